//! A command that could not do its work: what is wrong, and the exit code.

use std::path::Path;

use tradewind_datasets::DataError;
use tradewind_datasets::queue::{Problem, Problems};
use tradewind_optimizer::OptimizerError;

use crate::config::POLICY_CODE;
use crate::exit::Exit;

/// Problems and the code they end with. `main` renders it; nobody else prints errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the shell is told.
    pub exit: Exit,
    /// What is wrong.
    pub problems: Problems,
}

impl Failure {
    /// One problem.
    pub fn new(exit: Exit, problem: Problem) -> Self {
        Self { exit, problems: Problems::one(problem) }
    }

    /// Conflicting or impossible arguments: `TW4005`.
    pub fn usage(title: &str, got: &str, help: &str) -> Self {
        Self::new(Exit::Usage, Problem::of_file("TW4005", title, "").got(got).help(help))
    }

    /// A file that cannot be written: `TW4008`.
    pub fn unwritable(path: &Path, reason: &std::io::Error) -> Self {
        let problem = Problem::of_file("TW4008", "the file cannot be written", &path.display().to_string());
        let help = "a file that was there before is unchanged";
        Self::new(Exit::BadInput, problem.got(reason.to_string()).help(help))
    }
}

/// Bad input; where the rules of the house cannot be known, a denial.
impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let denied = problems.shown.iter().any(|p| p.code == POLICY_CODE);
        Self { exit: if denied { Exit::Violation } else { Exit::BadInput }, problems }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let place = error.place();
        let mut problem = Problem::of_file(error.code(), error.title(), &place.file)
            .got(error.got())
            .accepted(error.accepted())
            .help(error.help());
        problem.line = place.line;
        problem.pointer = place.column.clone();
        Self::new(Exit::BadInput, problem)
    }
}

impl From<OptimizerError> for Failure {
    fn from(error: OptimizerError) -> Self {
        if let OptimizerError::TooLarge { tasks } = error {
            let problem =
                Problem::of_file("TW1020", "more tasks than this version plans at once", "").got(tasks.to_string());
            let accepted = format!("at most {} tasks", tradewind_optimizer::MOST_TASKS);
            return Self::new(
                Exit::BadInput,
                problem.accepted(accepted).help("split the queue and plan its parts in turn"),
            );
        }
        let problem = Problem::of_file("TW0002", "no plan could be made", "").got(error.to_string());
        Self::new(Exit::Internal, problem.help("this is a defect of Tradewind: please report it with the queue"))
    }
}
