//! Tags. A core tag (`!!str`, `!!int`, …) says what a scalar is; any other leaves it a string, as Kubernetes' library does.

use std::borrow::Cow;

use base64::Engine as _;
use granit_parser::Tag;

use super::scalar::{self, Typing};
use crate::tree::{Kind, Number, Text};

/// The namespace of YAML's own tags; `!!` is short for it.
const NAMESPACE: &str = "tag:yaml.org,2002:";

/// The name of a tag of YAML's own, such as `str` or `merge`.
pub(super) fn core(tag: &Tag) -> Option<Cow<'_, str>> {
    tag.suffix_in_namespace(NAMESPACE)
}

/// A scalar with a tag. `text` is its decoded text; whether it stands in quotes does not count.
///
/// # Errors
/// When the text is not of the tag's type; the error is the message.
pub(super) fn scalar(tag: &Tag, text: &str, typing: Typing) -> Result<Kind, String> {
    let string = || Kind::String(Text::from(text));
    let Some(name) = core(tag) else {
        return Ok(string());
    };
    let refused = |what: &str| Err(format!("`{}` is not {what}, as its tag `!!{name}` says", short(text)));
    match name.as_ref() {
        "binary" => {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(text.replace(['\n', '\r'], ""))
                .map_err(|_| "the text of a `!!binary` value is not base64".to_owned())?;
            Ok(Kind::String(Text::from(String::from_utf8_lossy(&bytes))))
        }
        "bool" | "int" | "float" | "null" => {
            let kind = scalar::plain(text, typing);
            match (name.as_ref(), kind) {
                ("bool", kind @ Kind::Bool(_)) | ("null", kind @ Kind::Null) => Ok(kind),
                ("int", kind @ Kind::Number(Number::Int(_) | Number::UInt(_))) => Ok(kind),
                ("float", Kind::Number(number @ (Number::Float(_) | Number::Int(_)))) => {
                    Ok(Kind::Number(Number::Float(number.as_f64())))
                }
                ("bool", _) => refused("a boolean"),
                ("int", _) => refused("a whole number"),
                ("float", _) => refused("a number"),
                _ => refused("null"),
            }
        }
        _ => Ok(string()),
    }
}

fn short(text: &str) -> &str {
    match text.char_indices().nth(40) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
