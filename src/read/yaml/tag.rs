//! Tags. One of YAML's own (`!!str`, `!!int`, …) says what a scalar is; any other leaves it a string, as Kubernetes'
//! library does.

use base64::Engine as _;

use super::place;
use super::scalar::{self, Typing};
use crate::tree::{Kind, Number, Text};

/// The namespace of YAML's own tags; `!!` is short for it.
pub(super) const NAMESPACE: &str = "tag:yaml.org,2002:";

/// What a tag says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tag {
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// A string, by its tag or because the tag says nothing to us.
    Other,
}

impl Tag {
    /// The tag of a full name.
    pub(super) fn of(name: &str) -> Self {
        match name.strip_prefix(NAMESPACE) {
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ => Self::Other,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Bool => "a boolean",
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Null => "null",
            Self::Timestamp => "a date",
            Self::Binary => "base64",
            Self::Merge | Self::Other => "a string",
        }
    }

    /// What a scalar with this tag is. Whether it stands in quotes does not count.
    ///
    /// # Errors
    /// When the text is not of the tag's type; the error is the message.
    pub(super) fn scalar(self, text: &str, typing: Typing) -> Result<Kind, String> {
        let kind = match (self, scalar::plain(text, typing)) {
            (Self::Merge | Self::Other, _) => Some(Kind::String(Text::from(text))),
            (Self::Binary, _) => base64::engine::general_purpose::STANDARD
                .decode(text.replace(['\n', '\r'], ""))
                .ok()
                .map(|bytes| Kind::String(Text::from(String::from_utf8_lossy(&bytes)))),
            (Self::Timestamp, _) => is_timestamp(text).then(|| Kind::String(Text::from(text))),
            (Self::Float, Kind::Number(number @ (Number::Float(_) | Number::Int(_)))) => {
                Some(Kind::Number(Number::Float(number.as_f64())))
            }
            (Self::Bool, kind @ Kind::Bool(_))
            | (Self::Int, kind @ Kind::Number(Number::Int(_) | Number::UInt(_)))
            | (Self::Null, kind @ Kind::Null) => Some(kind),
            _ => None,
        };
        kind.ok_or_else(|| format!("`{}` is not {}, as its tag says", place::short(text), self.words()))
    }
}

/// Whether a text begins with a date, and goes on, if at all, with a time.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "0:0:0"));
    let mut parts = date.split('-');
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        parts.next().is_some_and(|p| digits.contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_date = number(4..=4) && number(1..=2) && number(1..=2) && parts.next().is_none();
    is_date && time.split(':').count() >= 3 && time.starts_with(|c: char| c.is_ascii_digit())
}
