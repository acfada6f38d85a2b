//! `tradewind queue synth`: a queue by seed.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::queue::nearest;
use tradewind_datasets::synth::{Generator, MAX_JOBS, Summary, SynthError, SynthRequest};

use crate::args::{Format, positive_duration};
use crate::commands::plan::threads;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, synth};
use crate::{output, whole_file};

use super::target::Target;

/// Make a queue of any size, by seed, from public job logs and weighted tables.
///
/// The same seed gives the same bytes, on any number of threads. What was drawn from what, on which
/// terms and by which rules is printed: to standard output with -o, else to standard error.
#[derive(Debug, Clone, Args)]
pub struct SynthArgs {
    /// philly, nasa, lcg or fitted
    ///
    /// GPU training by rows of the log; parallel and single-processor jobs by fitted marginals;
    ///
    /// all three mixed.
    #[arg(long, value_name = "SOURCE", default_value = "philly")]
    pub from: String,
    /// Jobs, 1 to 1000000.
    #[arg(long, value_name = "N")]
    pub jobs: u64,
    /// Kinds of job that a planner can tell apart, or `distinct`: no two jobs are alike.
    #[arg(long, value_name = "K|distinct", default_value = "distinct")]
    pub classes: Classes,
    /// All jobs arrive within this time.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = positive_duration)]
    pub span: Millis,
    /// When the first job arrives. The default is the date of the embedded prices.
    #[arg(long, value_name = "INSTANT", default_value = "2024-03-31T00:00:00Z")]
    pub start: Time,
    /// The source of chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write the queue here, whole or not at all, instead of to standard output
    ///
    /// As JSON Lines; as a table where the name ends in .csv or .parquet.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Threads; the queue does not depend on it. Default: all cores.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// How to print what was made.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How many kinds of job there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classes {
    /// As many as jobs.
    Distinct,
    /// So many.
    Of(u64),
}

impl FromStr for Classes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "distinct" => Ok(Self::Distinct),
            number => number.parse().map(Self::Of).map_err(|_| "write a whole number, or distinct".to_owned()),
        }
    }
}

/// Makes, writes, tells.
pub fn run(args: SynthArgs) -> Result<Exit, Failure> {
    let request = SynthRequest {
        source: args.from.clone(),
        jobs: args.jobs,
        classes: match args.classes {
            Classes::Distinct => None,
            Classes::Of(classes) => Some(classes),
        },
        span: args.span,
        start: args.start,
        seed: Seed(args.seed),
    };
    let path = args.output.as_deref();
    if let Some(path) = path {
        whole_file::expect_writable(path)?;
    }
    let generator = Generator::new(&request).map_err(|e| refused(e, &request))?;
    let Some(summary) = write(&generator, &request, path, threads(args.threads))? else { return Ok(Exit::Done) };
    let report = synth::Report::new(&request, &generator, &summary, path);
    let style = if path.is_some() { output::data_style() } else { output::talk_style() };
    let text = match args.format {
        Format::Json => render::json(&report),
        Format::Csv => report.contents().to_csv(),
        format => render::people(&report.page(), format, style),
    };
    if path.is_some() {
        output::data(&text)?;
    } else {
        output::talk(&text);
    }
    Ok(Exit::Done)
}

/// Writes the queue; no summary where the reader of standard output has seen enough.
fn write(
    generator: &Generator,
    request: &SynthRequest,
    path: Option<&Path>,
    threads: usize,
) -> Result<Option<Summary>, Failure> {
    let Some(path) = path else {
        return match generator.write(&mut io::stdout().lock(), threads) {
            Err(SynthError::Write(e)) if e.kind() == io::ErrorKind::BrokenPipe => Ok(None),
            written => written.map(Some).map_err(|e| unwritten(e, Path::new("standard output"), request)),
        };
    };
    let Some(table) = Target::of(path).table() else {
        let written = whole_file::write_with(path, |file| generator.write(file, threads));
        return written.map(Some).map_err(|e| unwritten(e, path, request));
    };
    let (jobs, mut summary) = generator.jobs(threads).map_err(|e| refused(e, request))?;
    let bytes = table(&jobs)?;
    whole_file::write(path, &bytes)?;
    summary.bytes = bytes.len() as u64;
    Ok(Some(summary))
}

fn unwritten(error: SynthError, path: &Path, request: &SynthRequest) -> Failure {
    match error {
        SynthError::Write(reason) => Failure::unwritable(path, &reason),
        other => refused(other, request),
    }
}

/// What cannot be made, with what could.
fn refused(error: SynthError, request: &SynthRequest) -> Failure {
    let title = "no such queue can be made";
    match error {
        SynthError::Source { got, known } => {
            let near = nearest(&got, known.iter().map(String::as_str)).map(|n| format!("did you mean {n:?}? "));
            let help = format!("{}known: {}", near.unwrap_or_default(), known.join(", "));
            Failure::usage("unknown source", &format!("--from {got}"), &help)
        }
        SynthError::Jobs(jobs) => Failure::usage(title, &format!("--jobs {jobs}"), &format!("1 to {MAX_JOBS} jobs")),
        SynthError::Classes => {
            Failure::usage(title, "--classes 0", "--classes distinct makes jobs that are all unlike")
        }
        SynthError::Span { classes, span } => {
            let got = format!("--span {span} with {classes} classes");
            Failure::usage(title, &got, "each class arrives at an instant of its own: take a longer span")
        }
        SynthError::Instant => {
            let got = format!("--start {} --span {}", request.start, request.span);
            Failure::usage(title, &got, "jobs arrive in the years 1970 to 9999")
        }
        SynthError::Table(error) => error.into(),
        SynthError::Write(reason) => Failure::unwritable(Path::new("standard output"), &reason),
        SynthError::Threads(reason) => Failure::usage("no threads can be started", &reason, "take fewer --threads"),
    }
}
