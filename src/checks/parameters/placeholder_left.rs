//! `placeholder-left`: nothing is left that somebody was to replace. (A placeholder on which an expression fails is a
//! problem that the resolver reports.)

use crate::resolve::template::is_placeholder;
use crate::rule::{Finding, Findings, Options, Place, ResourceCx, StampCx};
use crate::tree::{Kind, Path, Segment, StepKind, Style, Value};

/// Longer text is a script, a query or prose, and no value that somebody was to replace.
const LONGEST: usize = 256;
/// Nesting beyond this is not looked at; readers stop long before.
const DEEPEST: usize = 256;

/// Judges the values of one resource.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    if matches!(cx.resource.kind(), "CustomResourceDefinition" | "ConstraintTemplate") {
        return;
    }
    let samples = samples(cx.options);
    walk(&cx.resource.body, &mut Path::root(), &mut |path, value| {
        // What is composed from a parameter is reported at the parameter.
        let composed = value.origin.steps().any(|s| s.kind == StepKind::Composed)
            && value.origin.leads_through(&mut |s| s.name.is_some());
        if let Some(what) = placeholder(value, &samples).filter(|_| !composed) {
            let message = format!("{what} is left in {}", cx.resource.noun());
            out.push(Finding::at(cx.resource, path.clone(), message).label("to be replaced"));
        }
    });
}

/// Judges the parameters of a stamp's deployments, those among them that end up in no resource.
pub fn check_parameters(cx: &StampCx<'_>, out: &mut Findings) {
    let samples = samples(cx.options);
    for deployed in cx.stamp.own.deployed.iter().chain(&cx.fleet.shared.deployed) {
        for parameter in deployed.parameters.iter().filter(|p| !p.secure) {
            walk(&parameter.value, &mut Path::root(), &mut |_, value| {
                if let Some(what) = placeholder(value, &samples) {
                    let message = format!("{what} is left in parameter `{}`", parameter.name);
                    out.push(Finding::new(Place::Value(value.clone()), message).label("to be replaced"));
                }
            });
        }
    }
}

fn samples(options: &Options) -> Vec<&str> {
    options.strings("sample-names").collect()
}

fn walk(value: &Value, path: &mut Path, seen: &mut dyn FnMut(&Path, &Value)) {
    if path.0.len() > DEEPEST {
        return;
    }
    match &value.kind {
        Kind::String(_) => seen(path, value),
        Kind::List(list) => {
            for (i, item) in list.iter().enumerate() {
                path.0.push(Segment::Index(i));
                walk(item, path, seen);
                path.0.pop();
            }
        }
        Kind::Map(map) => {
            for entry in map.iter().filter(|e| !is_prose(&e.key)) {
                path.0.push(Segment::Key(entry.key.clone()));
                walk(&entry.value, path, seen);
                path.0.pop();
            }
        }
        _ => {}
    }
}

/// Keys below which people write to people, or to a shell.
fn is_prose(key: &str) -> bool {
    [
        "annotations",
        "description",
        "displayName",
        "metadata_description",
        "query",
        "args",
        "command",
        "serializedData",
        "notes",
        "summary",
    ]
    .iter()
    .any(|k| key.eq_ignore_ascii_case(k))
}

fn placeholder(value: &Value, samples: &[&str]) -> Option<String> {
    let text = value.as_str()?;
    if text.len() > LONGEST || text.contains('\n') || matches!(value.style, Style::Literal | Style::Folded) {
        return None;
    }
    if is_placeholder(text) && !is_markup(text) {
        return Some(format!("the placeholder `{text}`"));
    }
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let sample = words.into_iter().find(|w| samples.iter().any(|s| w.eq_ignore_ascii_case(s)))?;
    Some(format!("the sample name `{sample}`"))
}

fn is_markup(text: &str) -> bool {
    ["<br>", "<p>", "<b>", "<i>", "<li>", "<ul>", "<none>", "<nil>", "<html>"].iter().any(|tag| text.contains(tag))
}
