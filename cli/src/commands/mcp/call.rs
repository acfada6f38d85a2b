//! `tradewind mcp call`.

use std::io::Read;

use clap::Args;
use serde_json::{Map, Value};
use tradewind_core::time::Time;
use tradewind_datasets::queue::Problem;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::server::NOW;
use tradewind_mcp::telemetry::Telemetry;

use super::opened::{OpenArgs, open};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;

/// Largest arguments that are read.
const MOST_BYTES: u64 = 1 << 20;

/// Call a tool of a cloud: the same checks, layers and log as on the wire. Prints the reply as JSON.
#[derive(Debug, Clone, Args)]
pub struct CallArgs {
    /// The tool: `tradewind mcp tools` lists them.
    pub tool: String,
    /// Its arguments as a JSON object; `-` reads them from standard input.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub args: String,
    /// The caller's time: the world moves there first.
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Time>,
    #[command(flatten)]
    pub open: OpenArgs,
}

/// Calls and prints.
pub fn run(args: &CallArgs) -> Result<Exit, Failure> {
    let arguments = arguments(&args.args)?;
    let opened = open(&args.open, Telemetry::default())?;
    let meta: Map<String, Value> =
        args.now.map(|now| (NOW.to_owned(), Value::String(now.to_string()))).into_iter().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|e| Failure::usage("the call cannot start", &e.to_string(), "try again"))?;
    match runtime.block_on(opened.server.answer(&args.tool, arguments, &meta)) {
        Ok(reply) => {
            output::data(&render::json(&reply))?;
            Ok(Exit::Done)
        }
        Err(refusal) => {
            output::talk(&render::errors::refusal(&refusal, output::talk_style()));
            Ok(exit(&refusal))
        }
    }
}

/// The arguments as an object.
fn arguments(text: &str) -> Result<Map<String, Value>, Failure> {
    let mut read = String::new();
    let text = if text == "-" {
        let input = std::io::stdin().lock().take(MOST_BYTES).read_to_string(&mut read);
        input.map_err(|e| Failure::new(Exit::BadInput, Problem::unreadable("standard input", &e)))?;
        &read
    } else {
        text
    };
    serde_json::from_str(text).map_err(|e| {
        let problem = Problem::of_file("TW1003", "the arguments are no JSON object", "--args").got(e.to_string());
        Failure::new(Exit::BadInput, problem.help("write e.g. --args '{\"region\":\"us-east-1\"}'"))
    })
}

/// What the shell is told of a refusal.
fn exit(refusal: &Refusal) -> Exit {
    match refusal.class {
        Class::Invalid => Exit::BadInput,
        Class::Denied | Class::Fenced => Exit::Violation,
        Class::Throttled | Class::Unavailable => Exit::Temporary,
        Class::Capacity | Class::Quota | Class::Conflict => Exit::Partial,
    }
}
