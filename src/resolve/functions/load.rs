//! The second half of `loadTextContent`, `loadJsonContent`, `loadYamlContent`, `loadFileAsBase64` and
//! `loadDirectoryFileInfo`: the evaluator finds and reads the file, these make the value of what was read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::call::composed;
use super::{Failure, FailureKind, limits};
use crate::source::Span;
use crate::tree::Value;

/// Characters that Azure allows in a loaded text.
const TEXT: usize = 131_072;

/// `loadTextContent(path)`: the text as it stands, without a byte order mark.
///
/// # Errors
/// When the text is longer than Azure allows.
pub fn load_text(text: &str, site: Span) -> Result<Value, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if super::utf16::len(text) > TEXT {
        return Err(Failure::new(FailureKind::Limit, format!("`loadTextContent` loads more than {TEXT} characters")));
    }
    Ok(Value::string(text, site).with_origin(composed(&[], site)))
}

/// `loadFileAsBase64(path)`.
///
/// # Errors
/// When the file is larger than Azure allows.
pub fn load_base64(bytes: &[u8], site: Span) -> Result<Value, Failure> {
    if bytes.len() > TEXT / 4 * 3 {
        return Err(Failure::new(
            FailureKind::Limit,
            format!("`loadFileAsBase64` loads more than {} bytes", TEXT / 4 * 3),
        ));
    }
    Ok(Value::string(STANDARD.encode(bytes), site).with_origin(composed(&[], site)))
}

/// The part of a loaded JSON or YAML document that a JSON path names: `$.a.b`, `a['b c'][0]`, `.a[*].b`. The parts keep
/// their places in the file. Without a path it is the whole document.
///
/// # Errors
/// When the path does not parse or leads nowhere.
pub fn select(document: &Value, path: Option<&str>, site: Span) -> Result<Value, Failure> {
    let Some(path) = path.filter(|p| !p.is_empty()) else {
        return Ok(document.clone());
    };
    let steps =
        steps(path).ok_or_else(|| Failure::new(FailureKind::Value, format!("cannot read `{path}` as a JSON path")))?;
    let mut found = vec![document];
    let mut many = false;
    for step in &steps {
        let mut next = Vec::new();
        for value in found {
            match step {
                Step::Key(key) => next.extend(value.get(key)),
                Step::Index(index) => next.extend(value.items().get(*index)),
                Step::All => {
                    many = true;
                    next.extend(value.items());
                    next.extend(value.entries().iter().map(|e| &e.value));
                }
            }
            if next.len() > limits::ITEMS {
                return Err(Failure::new(FailureKind::Limit, format!("the JSON path `{path}` finds too many values")));
            }
        }
        found = next;
    }
    if many {
        return Ok(Value::list(found.into_iter().cloned().collect(), site));
    }
    found
        .first()
        .map(|value| (*value).clone())
        .ok_or_else(|| Failure::new(FailureKind::Value, format!("nothing stands at `{path}` in the file")))
}

enum Step {
    Key(String),
    Index(usize),
    All,
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            if let Some(quote) = after.chars().next().filter(|c| matches!(c, '\'' | '"')) {
                let (key, after) = after.get(1..)?.split_once(quote)?;
                steps.push(Step::Key(key.to_owned()));
                rest = after.strip_prefix(']')?;
            } else {
                let (index, after) = after.split_once(']')?;
                steps.push(match index {
                    "*" => Step::All,
                    digits => Step::Index(digits.parse().ok()?),
                });
                rest = after;
            }
            continue;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if key.is_empty() {
            return None;
        }
        steps.push(if key == "*" { Step::All } else { Step::Key(key.to_owned()) });
        rest = after;
    }
    Some(steps)
}
