//! What helm is told: `helm template` with the values of a release.

use std::fmt::Write;

use super::chart::bytes;
use super::release::{Given, Release};
use crate::resolve::emit;
use crate::resolve::versions::kubernetes_minors;
use crate::source::{FileError, Files, LaidFile};
use crate::tree::{Entry, Kind, Value};

/// Where the chart is laid out.
pub(super) const CHART: &str = "chart";

/// The arguments and the values files of a release, whose chart is laid out already.
///
/// # Errors
/// When a values file cannot be read.
pub(super) fn command(files: &dyn Files, release: &Release) -> Result<(Vec<String>, Vec<LaidFile>), FileError> {
    let mut arguments = start(release);
    let mut laid = Vec::new();
    for (i, given) in release.values.iter().enumerate() {
        let path = format!("values-{i}.yaml");
        let bytes = match given {
            // As text: helm takes no UTF-16.
            Given::File(file) => bytes(files.load(file)?.text()),
            Given::Inline(value) => bytes(&emit::yaml(value)),
        };
        arguments.push(format!("--values={path}"));
        laid.push(LaidFile { path, bytes });
    }
    for entry in &release.set {
        arguments.push(set(entry));
    }
    arguments.extend(release.raw.iter().map(|raw| format!("--set={raw}")));
    Ok((arguments, laid))
}

/// `helm template NAME chart`, with the namespace, for the newest version that Azure offers: a helm that was built from
/// its source takes itself for one of years ago, and refuses charts.
pub(super) fn start(release: &Release) -> Vec<String> {
    let mut arguments = vec!["template".to_owned()];
    arguments.push(release.name.as_deref().unwrap_or("release-name").to_owned());
    arguments.push(CHART.to_owned());
    if let Some(namespace) = &release.namespace {
        arguments.push(format!("--namespace={namespace}"));
    }
    if let Some(newest) = kubernetes_minors().first() {
        arguments.push(format!("--kube-version={newest}.0"));
    }
    arguments
}

/// A value as the option that gives it with its type.
fn set(entry: &Entry) -> String {
    let key = &entry.key;
    match &entry.value.kind {
        Kind::String(text) => format!("--set-string={key}={}", escaped(text)),
        Kind::Null => format!("--set={key}=null"),
        Kind::Bool(b) => format!("--set={key}={b}"),
        Kind::Number(number) => format!("--set={key}={number}"),
        _ => format!("--set-json={key}={}", entry.value.json()),
    }
}

/// Text as a value of `--set-string`, where commas, braces and backslashes mean something.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if matches!(c, ',' | '\\') || (i == 0 && c == '{') {
            out.push('\\');
        }
        let _ = write!(out, "{c}");
    }
    out
}

/// Whether a value is one that helm can be given at all.
pub(super) fn is_values(value: &Value) -> bool {
    matches!(value.kind, Kind::Map(_) | Kind::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn values_keep_their_type() {
        for (value, expected) in [
            (Value::string("1,2\\{", Span::NONE), "--set-string=a.b=1\\,2\\\\{"),
            (Value::string("{x}", Span::NONE), "--set-string=a.b=\\{x}"),
            (Value::int(3, Span::NONE), "--set=a.b=3"),
            (Value::bool(true, Span::NONE), "--set=a.b=true"),
            (Value::list(vec![Value::int(1, Span::NONE)], Span::NONE), "--set-json=a.b=[1]"),
        ] {
            assert_eq!(set(&Entry::new("a.b", Span::NONE, value)), expected);
        }
    }
}
