//! Which cloud, and where its state is.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use tradewind_mcp::simulated::Traits;

use crate::failure::Failure;

/// A cloud that is simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudName(pub String);

impl FromStr for CloudName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known: Vec<&str> = Traits::clouds().collect();
        if known.contains(&text) { Ok(Self(text.to_owned())) } else { Err(format!("one of {}", known.join(", "))) }
    }
}

/// Where simulated clouds are kept.
#[derive(Debug, Clone, Default, Args)]
pub struct Root {
    /// The folder of the simulated clouds [default: tradewind in $XDG_STATE_HOME or ~/.local/state].
    #[arg(long, value_name = "DIR", env = "TRADEWIND_WORLD")]
    pub world: Option<PathBuf>,
}

impl Root {
    /// The folder.
    ///
    /// # Errors
    /// Nothing says where it could be.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        let home = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let state = || home("XDG_STATE_HOME").or_else(|| Some(home("HOME")?.join(".local/state")));
        let path = self.world.clone().or_else(|| Some(state()?.join("tradewind")));
        path.ok_or_else(|| Failure::usage("nothing says where the clouds are kept", "no HOME", "give --world DIR"))
    }
}
