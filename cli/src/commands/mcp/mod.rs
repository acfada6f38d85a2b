//! `tradewind mcp`: one file a subcommand.

mod approve;
mod call;
mod certificates;
pub mod cloud;
mod iam;
mod incident;
mod observe;
mod opened;
mod serve;
mod tokens;
mod tools;
mod world;

use clap::{Args, Subcommand};

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;

pub use approve::say_yes;
pub use cloud::{CloudName, Root};
pub use opened::{OpenArgs, Opened, open};

/// Serve a cloud to agents and schedulers by the Model Context Protocol, or call its tools from the shell.
#[derive(Debug, Clone, Args)]
pub struct McpArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with the servers.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Serve a cloud, on standard input and output or on HTTP.
    Serve(Box<serve::ServeArgs>),
    /// List the tools.
    Tools(tools::ToolsArgs),
    /// Call a tool.
    Call(Box<call::CallArgs>),
    /// Look at a simulated cloud, keep it, move its time, break something in it.
    World(world::WorldArgs),
    /// What a role needs of a cloud, as a policy ready for it.
    Iam(iam::IamArgs),
    /// Say yes to a call that waits for it.
    Approve(approve::ApproveArgs),
    /// Stop all changes at once, or allow them again.
    Incident(incident::IncidentArgs),
}

impl McpArgs {
    /// How to print it.
    pub fn format(&self) -> Format {
        match &self.action {
            Action::Tools(args) => args.format,
            Action::Call(_) => Format::Table,
            Action::World(args) => args.format(),
            Action::Approve(args) => args.format,
            Action::Serve(_) | Action::Iam(_) | Action::Incident(_) => Format::Table,
        }
    }
}

/// Does it.
pub fn run(args: &McpArgs) -> Result<Exit, Failure> {
    match &args.action {
        Action::Serve(args) => serve::run(args),
        Action::Tools(args) => tools::run(args),
        Action::Call(args) => call::run(args),
        Action::World(args) => world::run(args),
        Action::Iam(args) => iam::run(args),
        Action::Approve(args) => approve::run(args),
        Action::Incident(args) => incident::run(args),
    }
}
