//! Makes the embedded tables again: `tradewind-import --from DIR --to datasets/embedded`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value =
        |name: &str| arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1)).map(PathBuf::from);
    let (Some(from), Some(to)) = (value("--from"), value("--to")) else {
        eprintln!("usage: tradewind-import --from DIR --to DIR");
        return ExitCode::from(64);
    };
    match tradewind_datasets::import::import(&from, &to) {
        Ok(written) => {
            for table in written {
                println!("{:<32} {:>8} rows {:>9} bytes", table.file, table.rows, table.bytes);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error[{}]: {error}\n  accepted: {}\n  help: {}", error.code(), error.accepted(), error.help());
            ExitCode::from(4)
        }
    }
}
