//! `tradewind mcp incident`.

use std::fs;
use std::io;

use clap::{Args, ValueEnum};
use tradewind_mcp::folder::incident_file;

use super::cloud::{CloudName, Root};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::whole_file;

/// Incident mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// No change is allowed from now on; reading works.
    On,
    /// Changes are allowed again.
    Off,
}

/// Stop all changes on a cloud at once, or allow them again. A running server obeys with its next call.
#[derive(Debug, Clone, Args)]
pub struct IncidentArgs {
    /// What from now on.
    #[arg(value_enum)]
    pub mode: Mode,
    /// Why: every refusal says it.
    #[arg(long, default_value = "declared by hand")]
    pub why: String,
    /// The cloud: aws, azure, gcp.
    #[arg(long, value_name = "NAME")]
    pub cloud: CloudName,
    #[command(flatten)]
    pub root: Root,
}

/// Throws the switch.
pub fn run(args: &IncidentArgs) -> Result<Exit, Failure> {
    let file = incident_file(&args.root.path()?, &args.cloud.0);
    match args.mode {
        Mode::On => {
            let folder = file.parent().unwrap_or(&file);
            fs::create_dir_all(folder).map_err(|e| Failure::unwritable(folder, &e))?;
            whole_file::write(&file, args.why.as_bytes())?;
            output::talk(&format!("{}: no change is allowed\n", args.cloud.0));
        }
        Mode::Off => {
            match fs::remove_file(&file) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Failure::unwritable(&file, &e)),
                _ => output::talk(&format!("{}: changes are allowed\n", args.cloud.0)),
            };
        }
    }
    Ok(Exit::Done)
}
