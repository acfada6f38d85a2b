//! `tradewind mcp tools`.

use clap::Args;
use serde_json::json;
use tradewind_mcp::server::listing;

use crate::args::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;

/// List the tools; with --format json as a client sees them, schemas included.
#[derive(Debug, Clone, Args)]
pub struct ToolsArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Lists them.
pub fn run(args: &ToolsArgs) -> Result<Exit, Failure> {
    let listing = listing();
    output::data(&match args.format {
        Format::Json => render::json(&json!({"tools": listing.tools, "hash": listing.hash})),
        Format::Csv => render::mcp::tools(&listing).to_csv(),
        format => render::people(&render::mcp::tools_page(&listing), format, output::data_style()),
    })?;
    Ok(Exit::Done)
}
