//! The baseline's file: read, held against a run, written.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::failure::Failure;
use super::output;
use super::session::Outcome;
use crate::rule::Settings;
use crate::triage::baseline::{Compared, Known, hold, known};

/// The version of the file's form.
const VERSION: u64 = 1;

/// Files beyond this are no baseline of ours.
const LARGEST: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct File {
    findings: Vec<Known>,
}

/// Sets aside what a baseline holds.
///
/// # Errors
/// When the file is not there or is no baseline of this version.
pub fn apply(file: &str, outcome: &mut Outcome) -> Result<Compared, Failure> {
    let baseline = read(file)?.ok_or_else(|| {
        let help = "`--update-baseline` makes it from what is found now".to_owned();
        Failure::new(format!("the baseline `{file}` does not exist")).help(Some(help))
    })?;
    Ok(beside(&baseline, outcome))
}

/// Writes what is found now, and says in words what changed.
///
/// # Errors
/// When what is there is not ours, or the file cannot be written.
pub fn update(file: &str, outcome: &mut Outcome) -> Result<String, Failure> {
    let old = read_any(file)?;
    let now = known(&outcome.triaged.findings, &outcome.fleet, &outcome.sources);
    let before = old.clone().unwrap_or_default();
    let compared = beside(&before, outcome);
    let added = now.len() - compared.held;
    beside(&now, outcome);
    if old.as_ref() != Some(&now) {
        output::write(&[(file, text(&now))])?;
    }
    let count = |n: usize| if n == 1 { "1 finding".to_owned() } else { format!("{n} findings") };
    Ok(match old {
        None => format!("the baseline `{file}` holds {}", count(now.len())),
        Some(_) => {
            let fixed = compared.fixed.len();
            format!("the baseline `{file}` holds {}: {added} added, {fixed} taken out", count(now.len()))
        }
    })
}

fn beside(baseline: &[Known], outcome: &mut Outcome) -> Compared {
    outcome.summary.compared = true;
    let root = &outcome.root;
    let exists = |file: &str| root.join(file).exists();
    hold(baseline, &mut outcome.triaged.findings, &outcome.fleet, &exists)
}

/// Fixed findings beyond this are counted, not named.
const MOST_NAMED: usize = 5;

/// What of the baseline is gone, in words. Of a rule that was not run nothing can be told.
pub fn fixed(compared: &Compared, settings: &Settings) -> Option<String> {
    let fixed: Vec<&Known> = compared.fixed.iter().filter(|k| settings.is_on(&k.rule)).collect();
    let mut named: Vec<String> = fixed
        .iter()
        .take(MOST_NAMED)
        .map(|k| if k.file.is_empty() { format!("`{}`", k.rule) } else { format!("`{}` in `{}`", k.rule, k.file) })
        .collect();
    if fixed.len() > MOST_NAMED {
        named.push(format!("{} more", fixed.len() - MOST_NAMED));
    }
    let count = match fixed.len() {
        0 => return None,
        1 => "1 finding of the baseline is fixed".to_owned(),
        n => format!("{n} findings of the baseline are fixed"),
    };
    Some(format!("{count}: {}; `--update-baseline` takes out what is gone", named.join(", ")))
}

/// One finding a line, so that a change of the file can be read.
fn text(findings: &[Known]) -> String {
    let mut text = format!("{{\"tool\": \"stamplint\", \"baseline\": {VERSION}, \"findings\": [");
    for (i, finding) in findings.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        // Strings and lists of strings: this cannot fail.
        text.push_str(&serde_json::to_string(finding).unwrap_or_default());
    }
    text.push_str("\n]}\n");
    text
}

/// A baseline that is to be used; none where there is no file.
fn read(file: &str) -> Result<Option<Vec<Known>>, Failure> {
    let Some(json) = load(file)? else { return Ok(None) };
    let version = version(file, &json)?;
    if version < VERSION {
        let help = "write it again with `--update-baseline`".to_owned();
        return Err(Failure::new(format!("the baseline `{file}` has the older form {version}")).help(Some(help)));
    }
    findings(file, json).map(Some)
}

/// A baseline that is to be replaced: an older one holds nothing.
fn read_any(file: &str) -> Result<Option<Vec<Known>>, Failure> {
    let Some(json) = load(file)? else { return Ok(None) };
    if version(file, &json)? < VERSION {
        return Ok(Some(Vec::new()));
    }
    findings(file, json).map(Some)
}

fn load(file: &str) -> Result<Option<Json>, Failure> {
    let path = Path::new(file);
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::new(format!("the baseline `{file}` cannot be read: {}", error.kind()))),
    };
    if !meta.is_file() {
        return Err(Failure::new(format!("the baseline `{file}` is no regular file")));
    }
    if meta.len() > LARGEST {
        return Err(Failure::new(format!("the baseline `{file}` is larger than {} MiB", LARGEST / (1024 * 1024))));
    }
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(format!("the baseline `{file}` cannot be read: {}", error.kind())))?;
    match serde_json::from_slice(&bytes) {
        Ok(json) => Ok(Some(json)),
        Err(error) => {
            let what = if bytes.trim_ascii().is_empty() {
                "it is empty".to_owned()
            } else {
                format!("it is no JSON at line {}", error.line())
            };
            Err(Failure::new(format!("`{file}` is no baseline of stamplint: {what}")))
        }
    }
}

fn version(file: &str, json: &Json) -> Result<u64, Failure> {
    let foreign = |what: String| {
        let help = "`--baseline` takes the file that `--update-baseline` wrote".to_owned();
        Err(Failure::new(format!("`{file}` is no baseline of stamplint{what}")).help(Some(help)))
    };
    let name = json.get("tool").and_then(Json::as_str);
    match (name, json.get("baseline").and_then(Json::as_u64)) {
        (Some("stamplint"), Some(version)) if version > VERSION => Err(Failure::new(format!(
            "the baseline `{file}` has the form {version}, which a later stamplint wrote: this one knows {VERSION}"
        ))),
        (Some("stamplint"), Some(version)) => Ok(version),
        _ if json.get("runs").is_some() => foreign(": it is a SARIF log".to_owned()),
        _ if json.get("summary").is_some() && json.get("findings").is_some() => foreign(": it is a report".to_owned()),
        (Some(other), _) if other != "stamplint" => foreign(format!(": it is one of `{other}`")),
        _ => foreign(String::new()),
    }
}

fn findings(file: &str, json: Json) -> Result<Vec<Known>, Failure> {
    match serde_json::from_value::<File>(json) {
        Ok(read) => Ok(read.findings),
        Err(error) => Err(Failure::new(format!("the baseline `{file}` is damaged: {error}"))),
    }
}
