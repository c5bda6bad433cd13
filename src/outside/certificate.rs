//! The service's certificate and key, from two PEM files that may be replaced while it serves.
//! Must not know: who connects.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, version};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What serves now, and where it came from.
#[derive(Debug)]
pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    held: RwLock<Arc<CertifiedKey>>,
}

fn told(file: &std::path::Path, error: pem::Error) -> String {
    let said = match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "nothing in PEM that belongs here".to_owned(),
        _ => "no good PEM".to_owned(),
    };
    format!("{}: {said}", file.display())
}

impl Certificate {
    /// The error is a line for the person, and holds nothing of the key.
    pub fn load(cert: PathBuf, key: PathBuf) -> Result<Self, String> {
        let held = RwLock::new(Arc::new(read(&cert, &key)?));
        Ok(Self { cert, key, held })
    }

    /// Reads both files again. Where they are not good, the old pair goes on.
    pub fn reload(&self) -> Result<(), String> {
        let fresh = Arc::new(read(&self.cert, &self.key)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Whether the authorities that this machine knows vouch for it under that name. The error is a
    /// line for the person.
    pub fn is_trusted(&self, host: &str, seconds: u64) -> Result<(), String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = verifier.build().map_err(|error| error.to_string())?;
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((own, between)) = held.cert.split_first() else {
            return Err("no certificate".to_owned());
        };
        let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let judged = verifier.verify_server_cert(own, between, &name, &[], now);
        judged.map(drop).map_err(|error| error.to_string())
    }

    /// TLS 1.2 and 1.3, and the cipher suites that the library holds to be safe.
    pub fn config(self: &Arc<Self>) -> Result<ServerConfig, String> {
        let versions = [&version::TLS13, &version::TLS12];
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&versions)
            .map_err(|error| error.to_string())?;
        Ok(builder.with_no_client_auth().with_cert_resolver(self.clone()))
    }
}

fn read(cert: &std::path::Path, key: &std::path::Path) -> Result<CertifiedKey, String> {
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| told(cert, error))?;
    if chain.is_empty() {
        return Err(told(cert, pem::Error::NoItemsFound));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| told(key, error))?;
    CertifiedKey::from_der(chain, secret, &ring::default_provider())
        .map_err(|error| format!("{} and {}: {error}", cert.display(), key.display()))
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.held.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
