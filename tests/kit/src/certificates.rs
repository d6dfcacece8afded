//! Certificates made by the test: an authority, a server's, a client's, and those that must be refused.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};

use crate::watchdog;

/// A certificate and its key.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// All certificates of one test. Their files are removed with it.
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes them.
    ///
    /// # Panics
    ///
    /// If they cannot be made or written.
    #[must_use]
    pub fn make() -> Self {
        let made = Self { folder: watchdog::folder() };
        let authority = made.authority("ca");
        let stranger = made.authority("other-ca");
        made.issue("server", &authority, (2020, 2120));
        made.issue("client", &authority, (2020, 2120));
        made.issue("expired", &authority, (2020, 2021));
        made.issue("stranger", &stranger, (2020, 2120));
        made
    }

    /// The certificate of the authority that everybody here trusts, PEM.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The certificate of an authority that has issued none of the others but [`Certificates::stranger`], PEM.
    #[must_use]
    pub fn other_ca(&self) -> PathBuf {
        self.folder.join("other-ca.pem")
    }

    /// A server's, for `localhost` and 127.0.0.1.
    #[must_use]
    pub fn server(&self) -> Identity {
        self.identity("server")
    }

    /// A client's.
    #[must_use]
    pub fn client(&self) -> Identity {
        self.identity("client")
    }

    /// As [`Certificates::server`], and valid no more since 2021.
    #[must_use]
    pub fn expired(&self) -> Identity {
        self.identity("expired")
    }

    /// As [`Certificates::server`], by the other authority.
    #[must_use]
    pub fn stranger(&self) -> Identity {
        self.identity("stranger")
    }

    fn identity(&self, name: &str) -> Identity {
        let file = |ending| self.folder.join(format!("{name}.{ending}"));
        Identity { certificate: file("pem"), key: file("key") }
    }

    fn authority(&self, name: &str) -> Issuer<'static, KeyPair> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.self_signed(&key).expect("an authority signs its own certificate");
        write(&self.folder.join(format!("{name}.pem")), &certificate.pem());
        Issuer::new(params, key)
    }

    fn issue(&self, name: &str, issuer: &Issuer<'static, KeyPair>, (from, to): (i32, i32)) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("the names are names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, issuer).expect("an authority signs certificates");
        let identity = self.identity(name);
        write(&identity.certificate, &certificate.pem());
        write(&identity.key, &key.serialize_pem());
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        watchdog::remove(&self.folder);
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
