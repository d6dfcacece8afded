//! TLS servers show what they were told to show, and a client can tell right from wrong.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use larder_kit::{Certificates, Identity, Options, Server};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};

/// What a client that trusts this authority and shows this identity gets for a PING.
fn ping(server: &Server, ca: &Path, identity: Option<&Identity>) -> Result<String, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots);
    let config = match identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
            let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
            config.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    let mut connection = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut socket = TcpStream::connect(server.address()).unwrap();
    let mut stream = Stream::new(&mut connection, &mut socket);
    let mut pong = [0; 7];
    stream.write_all(b"PING\r\n").and_then(|()| stream.read_exact(&mut pong)).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&pong).into_owned())
}

#[test]
fn a_client_trusts_the_right_authority_only() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().tls(&certificates, &certificates.server()));
    assert!(server.url().starts_with("rediss://"));
    assert_eq!(ping(&server, &certificates.ca(), None).unwrap(), "+PONG\r\n");
    let error = ping(&server, &certificates.other_ca(), None).unwrap_err();
    assert!(error.contains("certificate"), "{error}");
}

#[test]
fn an_expired_server_and_a_stranger_are_noticed() {
    let certificates = Certificates::make();
    let expired = Server::start(Options::new().tls(&certificates, &certificates.expired()));
    let error = ping(&expired, &certificates.ca(), None).unwrap_err();
    assert!(error.contains("expired"), "{error}");
    let stranger = Server::start(Options::new().tls(&certificates, &certificates.stranger()));
    let error = ping(&stranger, &certificates.ca(), None).unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[test]
fn a_server_may_ask_who_the_client_is() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().mutual_tls(&certificates));
    assert_eq!(ping(&server, &certificates.ca(), Some(&certificates.client())).unwrap(), "+PONG\r\n");
    assert!(ping(&server, &certificates.ca(), None).is_err());
    assert!(ping(&server, &certificates.ca(), Some(&certificates.stranger())).is_err());
}
