//! Which bearer tokens open the door of HTTP.

use std::path::PathBuf;

use clap::Args;
use tradewind_datasets::queue::Problem;
use tradewind_mcp::server::{Bearer, Keys};

use crate::exit::Exit;
use crate::failure::Failure;

/// Tokens. Without them every process of this machine may call, in the role of `--role`.
#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    /// Let in only who has a bearer token of this issuer (claim `iss`), e.g. https://login.example.
    #[arg(long, value_name = "URL", requires = "token_keys")]
    pub token_issuer: Option<String>,
    /// The issuer's public keys: a JSON Web Key Set. Scopes are roles: `tradewind:scheduler`.
    #[arg(long, value_name = "FILE", requires = "token_issuer")]
    pub token_keys: Option<PathBuf>,
    /// Whom tokens must be for (claim `aud`) [default: the server's own address].
    #[arg(long, value_name = "URL", requires = "token_issuer")]
    pub token_audience: Option<String>,
}

impl TokenArgs {
    /// Which tokens are good; an empty audience stands for the server's own address.
    ///
    /// # Errors
    /// Keys that cannot be read or used.
    pub fn bearer(&self) -> Result<Option<Bearer>, Failure> {
        let (Some(issuer), Some(file)) = (&self.token_issuer, &self.token_keys) else { return Ok(None) };
        let name = file.display().to_string();
        let text =
            std::fs::read_to_string(file).map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable(&name, &e)))?;
        let keys = Keys::read(&text).map_err(|e| {
            let problem = Problem::of_file("TW4018", "the keys of the issuer cannot be used", &name).got(e.to_string());
            Failure::new(Exit::BadInput, problem.help("take the set that the issuer publishes (jwks_uri)"))
        })?;
        let audience = self.token_audience.clone().unwrap_or_default();
        Ok(Some(Bearer { issuer: issuer.clone(), audience, keys }))
    }
}
