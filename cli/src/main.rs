//! The `tradewind` command: arguments, one file a command, rendering apart, errors rendered once.

mod args;
mod clock;
mod commands;
mod config;
mod exit;
mod failure;
mod inputs;
mod output;
mod plan_file;
mod render;
mod replications;
mod run_folder;
mod scenario;
mod stop;
mod whole_file;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use exit::Exit;
use failure::Failure;

/// Queues of a million jobs are small pieces made on one thread and dropped on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let as_json = cli.command.wants_json();
    let exit = match catch_unwind(AssertUnwindSafe(|| run(cli.command))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            output::talk(&render::errors::render(&failure, as_json, output::talk_style()));
            failure.exit
        }
        // The panic's own message is on standard error already.
        Err(_) => {
            output::talk("error[TW0001]: internal error: please report the lines above and the command\n");
            Exit::Internal
        }
    };
    exit.into()
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Plan(args) => commands::plan::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Show(args) => commands::show::run(args),
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::WhatIf(args) => commands::whatif::run(&args),
        Command::Reevaluate(args) => commands::reevaluate::run(&args),
        Command::Apply(args) => commands::apply::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Runs(args) => commands::runs::list(&args),
        Command::Replay(args) => commands::runs::replay(&args),
        Command::Cancel(args) => commands::runs::cancel(&args),
        Command::Gc(args) => commands::gc::run(&args),
        Command::Torture(args) => commands::torture::run(&args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Offers(args) => commands::offers::run(args),
        Command::Prices(args) => commands::prices::run(args),
        Command::Config(args) => commands::config::run(args),
        Command::Queue(args) => commands::queue::run(*args),
        Command::Mcp(args) => commands::mcp::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Demo(args) => commands::demo::run(args),
    }
}

/// Help and version are answers; everything else clap reports is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        let text = error.render();
        let text =
            if output::talk_style() == output::Style::PLAIN { text.to_string() } else { text.ansi().to_string() };
        output::talk(&text.replacen("error:", "error[TW4005]:", 1));
        return Exit::Usage.into();
    }
    // Nothing is left to do if the terminal is gone.
    let _ = error.print();
    Exit::Done.into()
}
