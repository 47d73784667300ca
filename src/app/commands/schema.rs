//! `stamplint schema`: the JSON Schema of the config.

use super::{FINE, Terminal};
use crate::app::config::schema;
use crate::app::failure::Failure;
use crate::app::session::Session;

/// Prints the schema.
///
/// # Errors
/// When it cannot be written.
pub fn run(terminal: &Terminal) -> Result<u8, Failure> {
    terminal.print(&schema(Session::new()?.catalogue()))?;
    Ok(FINE)
}
