//! `tradewind mcp iam`.

use clap::Args;
use tradewind_mcp::iam;

use super::cloud::CloudName;
use super::opened::role;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;

/// What a role needs of a cloud, as a policy ready for it: the least that its tools need.
#[derive(Debug, Clone, Args)]
pub struct IamArgs {
    /// The cloud: aws, azure, gcp.
    #[arg(long, value_name = "NAME")]
    pub cloud: CloudName,
    /// The role: viewer, scheduler, storage-admin, ml-deployer, secret-admin, net-admin, operator.
    #[arg(long, default_value = "scheduler", value_parser = role)]
    pub role: String,
}

/// Prints it.
pub fn run(args: &IamArgs) -> Result<Exit, Failure> {
    let policy = iam::policy(&args.cloud.0, &args.role).ok_or_else(|| {
        Failure::usage("no such policy", &format!("{} on {}", args.role, args.cloud.0), "take a role of the list")
    })?;
    output::data(&render::json(&policy))?;
    output::warn("the names of the actions are those of 2026-11: verify them against the cloud's current list");
    Ok(Exit::Done)
}
