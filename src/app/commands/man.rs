//! `stamplint man`: all commands and options as one manual page.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory};

use super::{FINE, Terminal};
use crate::app::cli::Cli;
use crate::app::failure::Failure;

/// Prints the page, for `man -l -` or a folder of `MANPATH`.
///
/// # Errors
/// When it cannot be written.
pub fn run(terminal: &Terminal) -> Result<u8, Failure> {
    terminal.print(&page(Cli::command()))?;
    Ok(FINE)
}

const FILES: &str = "\
.SH FILES
.TP
\\fIstamplint.yaml\\fR, \\fIstamplint.yml\\fR
The config, in PATH or above it. `stamplint schema` prints its JSON Schema.
.SH ENVIRONMENT
.TP
\\fBNO_COLOR\\fR
No colours, unless \\fB\\-\\-color always\\fR.
.SH EXAMPLES
.TP
stamplint
Check the working folder; stamps are inferred where there is no config.
.TP
stamplint init
Write what was inferred as a config.
.TP
stamplint check \\-\\-output sarif=stamplint.sarif deploy
Check a folder; findings on the terminal, and a report for code scanning.
";

fn page(mut command: Command) -> String {
    command.build();
    let mut text = format!(
        ".TH STAMPLINT 1 \"\" \"stamplint {}\"\n.SH NAME\nstamplint \\- {}\n.SH SYNOPSIS\n\
         .B stamplint\n[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR] [\\fIPATH\\fR...]\n.SH DESCRIPTION\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&about(&command)),
    );
    text.push_str("Without a command, \\fBcheck\\fR runs.\n.SH COMMANDS\n");
    for sub in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        entry(sub, &mut text);
    }
    text.push_str(".SH OPTIONS OF EVERY COMMAND\n");
    for arg in command.get_arguments() {
        argument(arg, &mut text);
    }
    text.push_str(".SH EXIT STATUS\n.TP\n0\nNothing is denied.\n.TP\n1\nSomething is denied.\n.TP\n2\nThe run could not be made.\n");
    text.push_str(FILES);
    text
}

fn entry(command: &Command, text: &mut String) {
    let usage: Vec<String> = command
        .get_positionals()
        .filter_map(|a| a.get_value_names().and_then(<[_]>::first).map(|n| format!("\\fI{}\\fR", escaped(n))))
        .collect();
    let _ =
        writeln!(text, ".SS \\fB{}\\fR {}\n{}", escaped(command.get_name()), usage.join(" "), escaped(&about(command)));
    for sub in command.get_subcommands() {
        let _ = writeln!(text, ".TP\n\\fB{}\\fR\n{}", escaped(sub.get_name()), escaped(&about(sub)));
        sub.get_arguments().filter(|a| !a.is_global_set()).for_each(|a| argument(a, text));
    }
    command.get_arguments().filter(|a| !a.is_global_set()).for_each(|a| argument(a, text));
}

fn argument(arg: &Arg, text: &mut String) {
    if arg.is_hide_set() {
        return;
    }
    let value = arg.get_value_names().and_then(<[_]>::first).filter(|_| arg.get_action().takes_values());
    let value = value.map(|v| format!("\\fI{}\\fR", escaped(v)));
    let mut names: Vec<String> = Vec::new();
    names.extend(arg.get_short().map(|s| format!("\\fB\\-{s}\\fR")));
    names.extend(arg.get_long().map(|l| format!("\\fB\\-\\-{}\\fR", escaped(l))));
    let head = match (names.join(", "), value) {
        (names, Some(value)) if names.is_empty() => value,
        (names, Some(value)) => format!("{names} {value}"),
        (names, None) => names,
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(text, ".TP\n{head}\n{}.", escaped(&help));
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// Text as roff takes it: no hyphen becomes another sign, and no line begins a macro.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('…', "...");
    match text.chars().next() {
        Some('.' | '\'') => format!("\\&{text}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_option_is_on_the_page() {
        let page = page(Cli::command());
        let cli = Cli::command();
        for sub in cli.get_subcommands() {
            assert!(page.contains(&format!(".SS \\fB{}\\fR", escaped(sub.get_name()))), "{}", sub.get_name());
            for long in sub.get_arguments().filter(|a| !a.is_hide_set()).filter_map(Arg::get_long) {
                assert!(page.contains(&format!("\\-\\-{}\\fR", escaped(long))), "{long}");
            }
        }
        assert!(page.lines().all(|l| !l.starts_with('\'') && l.len() < 400));
        assert_eq!(escaped(".x-y\\"), "\\&.x\\-y\\e");
    }
}
