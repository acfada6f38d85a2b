//! The `#SBATCH` lines of batch scripts, without their meaning.

use std::cell::Cell;

use super::draft::Place;

/// Options that take a value, by their long and short names.
const WITH_VALUE: &[(&str, Option<char>)] = &[
    ("account", Some('A')),
    ("array", Some('a')),
    ("batch", None),
    ("begin", Some('b')),
    ("chdir", Some('D')),
    ("clusters", Some('M')),
    ("comment", None),
    ("constraint", Some('C')),
    ("cpus-per-gpu", None),
    ("cpus-per-task", Some('c')),
    ("deadline", None),
    ("dependency", Some('d')),
    ("distribution", Some('m')),
    ("error", Some('e')),
    ("exclude", Some('x')),
    ("export", None),
    ("extra-node-info", Some('B')),
    ("gpus", Some('G')),
    ("gpus-per-node", None),
    ("gpus-per-task", None),
    ("gres", None),
    ("input", Some('i')),
    ("job-name", Some('J')),
    ("licenses", Some('L')),
    ("mail-type", None),
    ("mail-user", None),
    ("mem", None),
    ("mem-per-cpu", None),
    ("mem-per-gpu", None),
    ("nodelist", Some('w')),
    ("nodes", Some('N')),
    ("ntasks", Some('n')),
    ("ntasks-per-node", None),
    ("output", Some('o')),
    ("partition", Some('p')),
    ("priority", None),
    ("qos", Some('q')),
    ("reservation", None),
    ("signal", None),
    ("time", Some('t')),
    ("time-min", None),
    ("tmp", None),
];

/// Options that take none, by their short names.
const WITHOUT_VALUE: &[(&str, char)] =
    &[("hold", 'H'), ("kill-on-invalid-dep", 'k'), ("oversubscribe", 's'), ("overcommit", 'O'), ("requeue", 'R')];

/// An option as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flag {
    /// Its long name, without dashes.
    pub(crate) name: String,
    /// What it is set to, empty for none.
    pub(crate) value: String,
    pub(crate) line: u64,
    read: Cell<bool>,
}

impl Flag {
    pub(crate) fn place(&self) -> Place {
        Place::new(self.line, format!("--{}", self.name))
    }
}

/// One script.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Script {
    /// Where it begins.
    pub(crate) line: u64,
    flags: Vec<Flag>,
    /// Lines behind the first command, which Slurm does not read.
    pub(crate) late: u64,
    /// Whether it is a part of a job of several unlike parts.
    pub(crate) is_heterogeneous: bool,
}

impl Script {
    /// An option, which is thereby read; as for Slurm, the last one counts.
    pub(crate) fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().filter(|flag| flag.name == name).inspect(|flag| flag.read.set(true)).last()
    }

    /// What nobody read.
    pub(crate) fn ignored(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(|flag| !flag.read.get()).map(|flag| flag.name.as_str())
    }

    fn add(&mut self, words: Vec<String>, line: u64) {
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            let mut value_of = |name: &str, found: Option<String>| match found {
                Some(value) => value,
                None if takes_value(name, words.peek()) => words.next().unwrap_or_default(),
                None => String::new(),
            };
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let value = value_of(name, value);
                self.flags.push(Flag { name: name.to_owned(), value, line, read: Cell::new(false) });
            } else if let Some(short) = word.strip_prefix('-').and_then(|w| w.chars().next()) {
                let attached = &word[1 + short.len_utf8()..];
                let attached = attached.strip_prefix('=').unwrap_or(attached);
                let name = long_name(short);
                let value = value_of(&name, (!attached.is_empty()).then(|| attached.to_owned()));
                self.flags.push(Flag { name, value, line, read: Cell::new(false) });
            } else if word == "hetjob" || word == "packjob" {
                self.is_heterogeneous = true;
            }
        }
    }
}

fn long_name(short: char) -> String {
    let known = WITH_VALUE.iter().find(|(_, s)| *s == Some(short)).map(|(name, _)| *name);
    let known = known.or_else(|| WITHOUT_VALUE.iter().find(|(_, s)| *s == short).map(|(name, _)| *name));
    known.map_or_else(|| short.to_string(), str::to_owned)
}

/// An unknown option takes the next word where that is no option.
fn takes_value(name: &str, next: Option<&String>) -> bool {
    let known = WITH_VALUE.iter().any(|(n, _)| *n == name);
    let optional = matches!(name, "requeue" | "exclusive" | "hold" | "no-requeue" | "nice" | "oversubscribe");
    known || (!optional && next.is_some_and(|word| !word.starts_with('-')))
}

/// The scripts of a text. A line that starts with `#!` begins one.
pub(crate) fn scripts(text: &str) -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    let mut in_commands = false;
    for (line, content) in (1..).zip(text.lines()) {
        if content.starts_with("#!") || scripts.is_empty() {
            scripts.push(Script { line, ..Script::default() });
            in_commands = false;
        }
        let Some(script) = scripts.last_mut() else { continue };
        if let Some(options) = content.strip_prefix("#SBATCH").filter(|o| o.starts_with(char::is_whitespace)) {
            if in_commands {
                script.late += 1;
            } else {
                script.add(words(options), line);
            }
        } else if !content.trim_start().starts_with('#') && !content.trim().is_empty() {
            in_commands = true;
        }
    }
    // A shebang within a text block of a script begins nothing.
    scripts.retain(|script| !script.flags.is_empty() || script.is_heterogeneous);
    scripts
}

/// Words as a shell splits them; a `#` ends the line.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_in_all_their_forms() {
        let text = "#!/bin/bash\n#SBATCH -J 'my job' -n4 --mem=2G   # a comment\n#SBATCH --time 1:00:00 --requeue\n\
                    # plain comment\nsrun x\n#SBATCH --late\n";
        let scripts = scripts(text);
        let flags: Vec<String> =
            scripts[0].flags.iter().map(|f| format!("{}:{}={}", f.line, f.name, f.value)).collect();
        assert_eq!(flags, ["2:job-name=my job", "2:ntasks=4", "2:mem=2G", "3:time=1:00:00", "3:requeue="]);
        assert_eq!((scripts.len(), scripts[0].late), (1, 1));
    }

    #[test]
    fn scripts_in_a_row() {
        let text = "#!/bin/sh\n#SBATCH -J a\ncat <<E\n#!/bin/sh\nE\n#!/bin/bash\n#SBATCH -J b\n";
        let lines: Vec<u64> = scripts(text).iter().map(|s| s.line).collect();
        assert_eq!(lines, [1, 6]);
    }
}
