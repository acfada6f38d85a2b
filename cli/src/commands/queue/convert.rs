//! `tradewind queue convert`: a queue of any format as ours, whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use tradewind_datasets::queue::{Options, Problems, Scanned, write_json_line};
use tradewind_datasets::{read_queue, scan_queue};

use crate::args::ReadArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{queue_notes, same_file};
use crate::output;
use crate::render::count;
use crate::whole_file;

use super::target::Target;

/// Rewrite a queue of any format as ours; what was left out or taken for granted is said on standard error.
#[derive(Debug, Clone, Args)]
pub struct ConvertArgs {
    /// The jobs, in any format (docs/formats.md); - reads standard input.
    pub queue: PathBuf,
    /// Write the queue here: whole, or not at all.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    #[command(flatten)]
    pub read: ReadArgs,
    /// What to write [default: by the ending of the output].
    #[arg(long, value_name = "FORMAT")]
    pub to: Option<Target>,
}

/// Reads and writes.
pub fn run(args: &ConvertArgs) -> Result<Exit, Failure> {
    if same_file(&args.output, &args.queue) {
        let got = args.output.display().to_string();
        return Err(Failure::usage("the queue would be overwritten by itself", &got, "name another file"));
    }
    // Nothing that holds where a job says nothing is written down, but what --set gives.
    let options = Options {
        from: args.read.from,
        settings: args.read.set.clone(),
        offset: args.read.utc_offset.clone(),
        ..Options::default()
    };
    let (notes, jobs, tasks) = match args.to.unwrap_or_else(|| Target::of(&args.output)).table() {
        None => {
            let scanned = to_lines(args, &options)?;
            (scanned.notes, scanned.jobs, scanned.tasks)
        }
        Some(table) => {
            let queue = read_queue(&args.queue, &options)?;
            whole_file::write(&args.output, &table(queue.workload.jobs())?)?;
            (queue.notes, queue.workload.jobs().len() as u64, queue.workload.tasks())
        }
    };
    queue_notes(&notes).iter().for_each(|note| output::warn(note));
    let amount = format!("{}, {}", count(jobs, "job"), count(tasks, "task"));
    output::talk(&format!("{}: {amount}\n", args.output.display()));
    Ok(Exit::Done)
}

/// Line by line, in the order of the file.
fn to_lines(args: &ConvertArgs, options: &Options) -> Result<Scanned, Failure> {
    let made = whole_file::write_with(&args.output, |file| -> Result<Scanned, Stopped> {
        let mut file = BufWriter::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        let mut written = Ok(());
        let scanned = scan_queue(&args.queue, options, &mut |job, _| {
            // After a failure reading goes on into nothing: the queue's own problems come first.
            if written.is_ok() {
                line.clear();
                write_json_line(&job, &mut line);
                written = file.write_all(&line);
            }
        })?;
        written?;
        file.flush()?;
        Ok(scanned)
    });
    made.map_err(|stopped| match stopped {
        Stopped::Write(reason) => Failure::unwritable(&args.output, &reason),
        Stopped::Read(problems) => problems.into(),
    })
}

/// Why a queue was not rewritten.
enum Stopped {
    Write(io::Error),
    Read(Problems),
}

impl From<io::Error> for Stopped {
    fn from(reason: io::Error) -> Self {
        Self::Write(reason)
    }
}

impl From<Problems> for Stopped {
    fn from(problems: Problems) -> Self {
        Self::Read(problems)
    }
}
