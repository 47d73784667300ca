//! What checks of single properties have in common: a property holds, fails, is missing or cannot be told.

use crate::model::Resource;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

/// A property that has to have one of some values.
pub struct Setting<'s> {
    /// The dotted path.
    pub path: &'s str,
    /// What is wrong when it does not hold, about the resource: `has no …`.
    pub offence: &'s str,
    /// The default of a missing property, in words; with `None` a missing property holds.
    pub default: Option<&'s str>,
}

impl Setting<'_> {
    /// Judges the property: `holds` sees values that are known. Returns whether it was reported.
    pub fn judge(&self, cx: &ResourceCx<'_>, holds: impl Fn(&Value) -> bool, out: &mut Findings) -> bool {
        let before = out.held().len();
        match cx.resource.body.look(self.path) {
            Lookup::Known(value) if holds(value) => {}
            Lookup::Known(value) if value.has_unknown() && value.as_list().is_none() && value.as_map().is_none() => {
                out.undetermined_at(
                    crate::rule::Place::at(cx.resource, Path::dotted(self.path)),
                    "the value is partly unknown",
                );
            }
            Lookup::Known(value) => {
                out.push(self.finding(cx.resource, &format!("`{}` is {}", self.key(), said(value))).about(cx.resource))
            }
            Lookup::Absent => {
                if let Some(default) = self.default {
                    let why = format!("`{}` is missing, and its default is {default}", self.key());
                    out.push(self.finding(cx.resource, &why).about(cx.resource));
                }
            }
            Lookup::Unknown(unknown) => out.undetermined(cx.resource, Path::dotted(self.path), unknown),
        }
        out.held().len() > before
    }

    /// Judges a switch.
    pub fn switch(&self, cx: &ResourceCx<'_>, wanted: bool, out: &mut Findings) -> bool {
        self.judge(cx, |value| value.as_bool() == Some(wanted), out)
    }

    /// Judges a word, without regard to case.
    pub fn word(&self, cx: &ResourceCx<'_>, words: &[&str], out: &mut Findings) -> bool {
        self.judge(cx, |value| is_word(value, words), out)
    }

    fn key(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    fn finding(&self, resource: &std::sync::Arc<Resource>, why: &str) -> Finding {
        let message = format!("{} {}: {why}", resource.noun(), self.offence);
        Finding::at(resource, Path::dotted(self.path), message).label(why)
    }
}

/// Whether a value is one of some words, without regard to case.
pub fn is_word(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|text| words.iter().any(|w| text.eq_ignore_ascii_case(w)))
}

/// A value in a message: scalars as they are, others by their type.
pub fn said(value: &Value) -> String {
    match &value.kind {
        crate::tree::Kind::String(text) => format!("`{text}`"),
        crate::tree::Kind::Bool(b) => format!("`{b}`"),
        crate::tree::Kind::Number(n) => format!("`{n}`"),
        _ if value.as_list().is_some_and(<[Value]>::is_empty) => "empty".to_owned(),
        _ => format!("a {}", value.type_name()),
    }
}
