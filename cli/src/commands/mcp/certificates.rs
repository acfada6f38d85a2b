//! Mutual TLS: which certificates, and who may call.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tradewind_datasets::queue::Problem;
use tradewind_mcp::server::{Callers, Pem, PemFiles, Renewal, Tls};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// Certificates, each file in PEM. With them HTTP may listen on any address, and lets in only workloads that have a role
/// under `[callers]` of the configuration. The files may be renewed while it serves.
#[derive(Debug, Clone, Args)]
pub struct CertificateArgs {
    /// The server's certificate, and those between it and its authority: HTTP by mutual TLS.
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "client_ca"])]
    pub tls_cert: Option<PathBuf>,
    /// Its private key.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The authorities whose clients are let in: of one SPIFFE trust domain, the one of `[callers]`.
    #[arg(long, value_name = "FILE", requires = "tls_cert", conflicts_with = "token_issuer")]
    pub client_ca: Option<PathBuf>,
}

impl CertificateArgs {
    /// Our side of TLS and who follows its files, where it is asked for.
    ///
    /// # Errors
    /// Files that cannot be used, or nobody who may call.
    pub fn tls(&self, config: &Config) -> Result<Option<(Tls, Renewal)>, Failure> {
        let (Some(certificates), Some(key), Some(authorities)) = (&self.tls_cert, &self.tls_key, &self.client_ca)
        else {
            return Ok(None);
        };
        let callers = Callers::new(config.callers.clone()).map_err(|why| {
            let help = "name workloads and their roles under [callers] of the configuration (--config)";
            Failure::usage("nobody could call", &why.to_string(), help)
        })?;
        let (chain, secret, roots) = (bytes(certificates)?, bytes(key)?, bytes(authorities)?);
        let pem = Pem { certificates: &chain, key: &secret, authorities: &roots };
        let files = PemFiles { certificates: certificates.clone(), key: key.clone(), authorities: authorities.clone() };
        let tls = Tls::new(pem, callers, Arc::new(SystemClock)).map_err(|error| {
            let file = files.at_fault(&error).display().to_string();
            let problem = Problem::of_file("TW5034", "certificates that cannot be used", &file);
            let help = "give files in PEM: the certificate with its chain, its own key, the authorities of clients";
            Failure::new(Exit::BadInput, problem.got(error.to_string()).help(help))
        })?;
        let renewal = Renewal::new(tls.clone(), files, pem);
        Ok(Some((tls, renewal)))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = path.display().to_string();
    fs::read(path).map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable(&name, &e)))
}
