//! TLS: certificates, and who does the arithmetic.

use redis::{ClientTlsConfig, TlsCertificates};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::settings::{Secret, Tls};
use super::url::wrong;
use crate::error::Error;

/// A provider is one of the process; a program that has chosen one keeps it.
pub(super) fn choose_provider() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
        let _chosen = ring::default_provider().install_default();
    }
}

/// The certificates as the client takes them.
pub(super) fn certificates(tls: &Tls) -> TlsCertificates {
    let client = tls
        .client
        .as_ref()
        .map(|(certificate, key)| ClientTlsConfig { client_cert: certificate.0.clone(), client_key: key.0.clone() });
    TlsCertificates { client_tls: client, root_cert: tls.root.as_ref().map(|root| root.0.clone()) }
}

/// Looks at certificates before they are needed.
pub(super) fn check(tls: &Tls) -> Result<(), Error> {
    choose_provider();
    if let Some(Secret(root)) = &tls.root {
        some_certificate(root, "the root certificate")?;
    }
    if let Some((Secret(certificate), _)) = &tls.client {
        some_certificate(certificate, "the client's certificate")?;
    }
    let place =
        redis::ConnectionAddr::TcpTls { host: "localhost".to_owned(), port: 1, insecure: false, tls_params: None };
    match redis::Client::build_with_tls(place, certificates(tls)) {
        Ok(_client) => Ok(()),
        Err(error) => Err(wrong("a certificate or a key can't be read; give them as PEM").with_source(error)),
    }
}

/// A text without any certificate would be taken for one that trusts nobody.
fn some_certificate(pem: &[u8], what: &str) -> Result<(), Error> {
    match CertificateDer::pem_slice_iter(pem).next() {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(wrong(format!("{what} can't be read; give it as PEM")).with_source(error)),
        None => Err(wrong(format!("{what} holds no certificate; give it as PEM"))),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::check;
    use crate::error::ErrorKind;
    use crate::shared::redis::settings::{Secret, Tls};

    #[test]
    fn certificates_are_looked_at_early() {
        let text = |text: &str| Secret(text.as_bytes().to_vec());
        let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        for pem in ["", "no certificate", broken] {
            let error = check(&Tls { root: Some(text(pem)), client: None }).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{pem}");
            assert!(check(&Tls { root: None, client: Some((text(pem), text(pem))) }).is_err(), "{pem}");
        }
        check(&Tls::default()).unwrap();
    }
}
