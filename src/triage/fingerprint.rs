//! What tells one finding from another, whatever lines move: never a line, a column or an offset.

use xxhash_rust::xxh3::Xxh3;

use crate::rule::{Finding, Place};
use crate::source::{Sources, Span};
use crate::tree::{Path, Segment, Value};

/// `place/v1` (rule, file, tree path) and `role/v1` (rule, resource, tree path; for baselines after a rename of files).
pub fn fingerprints(finding: &Finding, primary: Option<Span>, sources: &Sources) -> Vec<(&'static str, String)> {
    let source = primary.and_then(|span| sources.get(span.source));
    let file = source.as_ref().map(|s| s.path().to_string()).unwrap_or_default();
    let resource = finding.resource.as_ref().map(|r| r.label()).unwrap_or_default();
    let inside = match &finding.place {
        Place::Resource { resource, path, .. } => named_path(&resource.body, path),
        // No tree: the marked text itself, which moves with its line.
        Place::Value(_) | Place::Span(_) => primary.map(|span| sources.text(span)).unwrap_or_default(),
        Place::Nowhere => finding.message.clone(),
    };
    let rule = &*finding.rule;
    vec![("place/v1", digest(&[rule, &file, &resource, &inside])), ("role/v1", digest(&[rule, &resource, &inside]))]
}

fn digest(parts: &[&str]) -> String {
    let mut hasher = Xxh3::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    format!("{:032x}", hasher.digest128())
}

/// A path whose list items are called by their names, so that an item put before them changes nothing.
pub fn named_path(root: &Value, path: &Path) -> String {
    let mut text = String::new();
    let mut prefix = Path::root();
    for segment in &path.0 {
        prefix.0.push(segment.clone());
        match segment {
            Segment::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Segment::Index(index) => {
                let name = root.at(&prefix).and_then(|item| item.get_ci("name")).and_then(Value::as_str);
                match name {
                    Some(name) => text.push_str(&format!("[{name}]")),
                    None => text.push_str(&format!("[{index}]")),
                }
            }
            Segment::Embedded(format) => text.push_str(&format!("<{format}>")),
        }
    }
    text
}
