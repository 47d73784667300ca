//! `stamplint merge`.

use super::{FINE, Terminal};
use crate::app::cli::MergeArgs;
use crate::app::failure::Failure;
use crate::app::output;
use crate::report::merge::{MergeError, Shard, merge};

/// Puts the reports of shards together.
///
/// # Errors
/// When one cannot be read, or they are not all parts of one run.
pub fn run(args: &MergeArgs, terminal: &Terminal) -> Result<u8, Failure> {
    let mut texts = Vec::new();
    for file in &args.files {
        let bytes = std::fs::read(file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::new(format!("`{file}` does not exist")),
            kind => Failure::new(format!("`{file}` cannot be read: {kind}")),
        })?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::from(MergeError::Foreign(file.clone(), ": it is not UTF-8".to_owned())))?;
        texts.push((file, text));
    }
    let shards: Vec<Shard<'_>> = texts.iter().map(|(name, text)| Shard { name, text }).collect();
    let whole = merge(&shards)?;
    match &args.output {
        Some(file) => output::write(&[(file, whole)])?,
        None => terminal.print(&whole)?,
    }
    Ok(FINE)
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        Self::new(error.to_string())
    }
}
