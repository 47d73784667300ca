//! `stamplint completions SHELL`.

use clap::CommandFactory;

use super::{FINE, Terminal};
use crate::app::cli::Cli;
use crate::app::failure::Failure;

/// Prints a completion script.
///
/// # Errors
/// When it cannot be written.
pub fn run(shell: clap_complete::Shell, terminal: &Terminal) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "stamplint", &mut script);
    terminal.print(&String::from_utf8_lossy(&script))?;
    Ok(FINE)
}
