//! `tradewind audit`.

use std::fs::File;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use tradewind_datasets::queue::Problem;
use tradewind_mcp::folder::audit_file;
use tradewind_mcp::layers::{Broken, verify};

use super::mcp::{CloudName, Root};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;

/// Hold an audit log against its own chain of hashes.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with a log.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Follow the chain: exit 5 at the first line that was edited, removed, added or moved.
    Verify(VerifyArgs),
}

/// Which log.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// The log; else the one of --cloud.
    #[arg(required_unless_present = "cloud")]
    pub log: Option<PathBuf>,
    /// The cloud whose log it is: aws, azure, gcp.
    #[arg(long, value_name = "NAME", conflicts_with = "log")]
    pub cloud: Option<CloudName>,
    #[command(flatten)]
    pub root: Root,
    /// A head that was printed before: without it, what was cut off the end is not seen.
    #[arg(long, value_name = "HASH")]
    pub anchor: Option<String>,
}

/// Verifies.
pub fn run(args: &AuditArgs) -> Result<Exit, Failure> {
    let Action::Verify(args) = &args.action;
    let path = match (&args.log, &args.cloud) {
        (Some(path), _) => path.clone(),
        (None, Some(cloud)) => audit_file(&args.root.path()?, &cloud.0),
        (None, None) => return Err(Failure::usage("no log", "neither a file nor --cloud", "name one of them")),
    };
    let name = path.display().to_string();
    let unreadable = |e: &std::io::Error| Failure::new(Exit::BadInput, Problem::unreadable(&name, e));
    let log = File::open(&path).map_err(|e| unreadable(&e))?;
    let broken = |got: String, help: &str| {
        let problem = Problem::of_file("TW4014", "the audit log is broken", &name);
        Failure::new(Exit::Violation, problem.got(got).help(help))
    };
    let verified = verify(log, args.anchor.as_deref()).map_err(|e| match e {
        Broken::Io(e) => unreadable(&e),
        Broken::Line { line, what } => {
            let mut failure = broken(what, "everything before this line is as it was written");
            failure.problems.shown[0].line = Some(line);
            failure
        }
    })?;
    if !verified.has_anchor {
        return Err(broken("no entry has the anchor's hash".to_owned(), "the end was cut off, or it is another log"));
    }
    output::data(&format!("{}, head {}\n", render::count(verified.head.entries, "call"), verified.head.hash))?;
    Ok(Exit::Done)
}
