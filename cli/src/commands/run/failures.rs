//! Why watching ends, for people.

use tradewind_datasets::queue::Problem;
use tradewind_scheduler::drive::DriveError;
use tradewind_scheduler::watch::intake::IntakeError;
use tradewind_scheduler::watch::outbox::SayError;
use tradewind_scheduler::watch::store::StoreError;
use tradewind_scheduler::watch::watcher::WatchError;

use super::state::WatchFolder;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run_folder::drive_failure;

/// What was acknowledged cannot be kept or read.
pub fn store_failure(folder: &WatchFolder, error: &StoreError) -> Failure {
    let name = folder.file().display().to_string();
    if matches!(error, StoreError::Held) {
        let problem = Problem::of_file("TW4032", "another process watches with this state", &name);
        return Failure::new(Exit::Temporary, problem.got(error.to_string()).help("wait for it, or end it"));
    }
    let problem = Problem::of_file("TW4034", "what was acknowledged cannot be kept", &name).got(error.to_string());
    let help = "free the disk; the same command goes on. What was acknowledged is safe";
    Failure::new(Exit::Temporary, problem.help(help))
}

/// Watching ends.
pub fn watch_failure(folder: &WatchFolder, error: WatchError<Failure>) -> Failure {
    match error {
        WatchError::Planner(failure) => failure,
        WatchError::Drive(error) => drive(folder, &error),
        WatchError::Store(error)
        | WatchError::Say(SayError::Store(error))
        | WatchError::Intake(IntakeError::Store(error) | IntakeError::Say(SayError::Store(error))) => {
            store_failure(folder, &error)
        }
        WatchError::Say(SayError::Io(file, reason))
        | WatchError::Intake(IntakeError::Say(SayError::Io(file, reason))) => {
            Failure::unwritable(file.as_ref(), &reason)
        }
        WatchError::Intake(IntakeError::Unreadable(file, reason)) => {
            let problem = Problem::of_file("TW4030", "the folder cannot be watched", &file).got(reason.to_string());
            Failure::new(Exit::BadInput, problem.help("check the file and its permissions; the same command goes on"))
        }
    }
}

fn drive(folder: &WatchFolder, error: &DriveError) -> Failure {
    drive_failure(&folder.runs().display().to_string(), error)
}
