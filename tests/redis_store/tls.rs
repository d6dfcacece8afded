//! TLS: whom the store trusts, and what it shows.

use std::fs;

use larder::shared::StoreErrorKind;
use larder::{ErrorKind, Redis};
use larder_kit::{Certificates, Cluster, Identity, Options, Server, until};

use crate::support::{PATIENT, Shop};

fn trusting(server: &Server, certificates: &Certificates) -> Redis {
    Redis::url(&server.url()).unwrap().root_certificate(fs::read(certificates.ca()).unwrap()).unwrap()
}

fn showing(redis: Redis, identity: &Identity) -> Redis {
    let file = |path| fs::read(path).unwrap();
    redis.client_certificate(file(&identity.certificate), file(&identity.key)).unwrap()
}

/// The store stays away, and says why.
fn refuses(redis: Redis, reason: &str) {
    let shop = Shop::new(redis, PATIENT);
    until(format_args!("the reason: {reason}"), || {
        let error = shop.write(&shop.key("key"), "value").unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
        error.to_string().to_lowercase().contains(reason)
    });
}

#[test]
fn a_server_of_the_right_authority_is_trusted() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().password("letters").tls(&certificates, &certificates.server()));
    let shop = Shop::new(trusting(&server, &certificates), PATIENT).connected();
    assert!(shop.write(&shop.key("key"), "value").unwrap());
    shop.until_told("written");
    shop.until_it_vouches();
}

#[test]
fn a_server_that_cannot_be_trusted_is_not() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().tls(&certificates, &certificates.server()));
    refuses(Redis::url(&server.url()).unwrap(), "certificate");
    let other = fs::read(certificates.other_ca()).unwrap();
    refuses(Redis::url(&server.url()).unwrap().root_certificate(other).unwrap(), "certificate");
    let stranger = Server::start(Options::new().tls(&certificates, &certificates.stranger()));
    refuses(trusting(&stranger, &certificates), "certificate");
    let expired = Server::start(Options::new().tls(&certificates, &certificates.expired()));
    refuses(trusting(&expired, &certificates), "expired");
    let named = server.url().replace("127.0.0.1", "127.0.0.2");
    let redis = Redis::url(&named).unwrap().root_certificate(fs::read(certificates.ca()).unwrap()).unwrap();
    let shop = Shop::new(redis, PATIENT);
    shop.until_write_fails(StoreErrorKind::Unavailable);
}

#[test]
fn a_server_may_ask_who_the_store_is() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().mutual_tls(&certificates));
    let shop = Shop::new(showing(trusting(&server, &certificates), &certificates.client()), PATIENT).connected();
    assert!(shop.write(&shop.key("key"), "value").unwrap());
    shop.until_it_vouches();
    refuses(trusting(&server, &certificates), "certificate");
    refuses(showing(trusting(&server, &certificates), &certificates.stranger()), "");
}

#[test]
fn certificates_can_be_files_that_the_url_names() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().mutual_tls(&certificates));
    let (url, ca, client) = (server.url(), certificates.ca(), certificates.client());
    let of = |settings: &str| Redis::url(&format!("{url}{}{settings}", if url.contains('?') { '&' } else { '?' }));
    let (ca, cert, key) = (ca.display(), client.certificate.display(), client.key.display());
    let shop = Shop::new(of(&format!("ca={ca}&cert={cert}&key={key}")).unwrap(), PATIENT).connected();
    assert!(shop.write(&shop.key("key"), "value").unwrap());
    refuses(of(&format!("ca={ca}")).unwrap(), "certificate");
    let error = |settings: &str| of(settings).unwrap_err().to_string();
    assert!(error(&format!("cert={cert}")).contains("`cert` and `key` go together"));
    assert!(error("ca=/no/such/file").contains("the file that `ca` names"));
    assert!(Redis::url(&format!("redis://localhost?ca={ca}")).unwrap_err().to_string().contains("without TLS"));
}

#[test]
fn a_server_without_tls_is_out_of_reach() {
    let server = Server::plain();
    let redis = Redis::url(&server.url().replace("redis://", "rediss://")).unwrap();
    refuses(redis, "the url begins with `redis://`");
}

#[test]
fn certificates_are_looked_at_when_they_are_given() {
    let redis = || Redis::url("rediss://localhost").unwrap();
    assert_eq!(redis().root_certificate("no certificate").unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(redis().client_certificate("none", "none").unwrap_err().kind(), ErrorKind::Configuration);
    let certificates = Certificates::make();
    let ca = fs::read(certificates.ca()).unwrap();
    let plain = Redis::url("redis://localhost").unwrap().root_certificate(ca);
    assert!(plain.unwrap_err().to_string().contains("rediss://"));
    let key = fs::read_to_string(certificates.client().key).unwrap();
    let shown = showing(redis(), &certificates.client());
    assert!(!format!("{shown:?}").contains(key.lines().nth(1).unwrap()), "a key is not shown");
}

#[test]
fn the_nodes_of_a_cluster_speak_it() {
    let certificates = Certificates::make();
    let options = Options::new().tls(&certificates, &certificates.server()).set("tls-cluster", "yes");
    let cluster = Cluster::single_with(&options);
    let url = format!("rediss-cluster://{}", cluster.nodes()[0].address());
    let redis = Redis::url(&url).unwrap().root_certificate(fs::read(certificates.ca()).unwrap()).unwrap();
    let shop = Shop::new(redis, PATIENT).connected();
    assert!(shop.write(&shop.key("key"), "value").unwrap());
    shop.until_told("written");
    shop.until_it_vouches();
}
