//! What a report is written as, by the name of its file.

use std::path::Path;

use tradewind_datasets::parquet_table;

use crate::args::Format;
use crate::failure::Failure;
use crate::output::Style;
use crate::render;
use crate::render::whatif::{Report, page, rows};

/// Endings and what they stand for.
const ENDINGS: [(&str, Target); 6] = [
    ("html", Target::Text(Format::Html)),
    ("json", Target::Text(Format::Json)),
    ("md", Target::Text(Format::Md)),
    ("csv", Target::Text(Format::Csv)),
    ("txt", Target::Text(Format::Table)),
    ("parquet", Target::Parquet),
];

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// As it would be printed.
    Text(Format),
    /// The rows of `--format csv`, typed.
    Parquet,
}

impl Target {
    /// By the ending of a name.
    ///
    /// # Errors
    /// `TW4005` for an ending that stands for nothing.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let ending = path.extension().map_or_else(String::new, |e| e.to_string_lossy().to_lowercase());
        let found = ENDINGS.iter().find(|(name, _)| *name == ending);
        found.map(|(_, target)| *target).ok_or_else(|| {
            let names: Vec<String> = ENDINGS.iter().map(|(name, _)| format!(".{name}")).collect();
            let help = format!("end its name in {}", names.join(", "));
            Failure::usage("the name of the report does not say what it is", &path.display().to_string(), &help)
        })
    }

    /// The file.
    pub fn bytes(self, report: &Report) -> Vec<u8> {
        match self {
            Self::Text(format) => text(report, format, Style::PLAIN).into_bytes(),
            Self::Parquet => parquet_table(rows::columns(report)),
        }
    }
}

/// The report in a format.
pub fn text(report: &Report, format: Format, style: Style) -> String {
    match format {
        Format::Json => render::json(report),
        Format::Csv => rows::csv(report),
        Format::Html => render::html::whatif::document(report),
        Format::Table | Format::Md => render::people(&page(report), format, style),
    }
}
