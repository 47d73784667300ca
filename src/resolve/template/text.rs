//! Text of which pieces may be missing: cutting it up and comparing it. Putting it together is
//! [`functions::interpolate`](crate::resolve::functions::interpolate).

use crate::tree::{Kind, Part, Text, Value};

/// Splits text at a character of its known pieces. What is no text stays whole.
#[must_use]
pub fn split(value: &Value, at: char) -> Vec<Value> {
    let parts: &[Part] = match &value.kind {
        Kind::String(text) => {
            let piece = |piece: &str| Value::string(piece, value.span).with_origin(value.origin.clone());
            return text.split(at).map(piece).collect();
        }
        Kind::Parts(parts) => parts,
        _ => return vec![value.clone()],
    };
    let finish = |parts: Vec<Part>| {
        let kind = match parts.as_slice() {
            [] => Kind::String(Text::default()),
            [Part::Text(text)] => Kind::String(text.clone()),
            [Part::Unknown(unknown)] => Kind::Unknown(unknown.clone()),
            _ => Kind::Parts(parts.into()),
        };
        Value::new(kind, value.span).with_origin(value.origin.clone())
    };
    let mut pieces = Vec::new();
    let mut current: Vec<Part> = Vec::new();
    for part in parts {
        let Part::Text(text) = part else {
            current.push(part.clone());
            continue;
        };
        for (i, piece) in text.split(at).enumerate() {
            if i > 0 {
                pieces.push(finish(std::mem::take(&mut current)));
            }
            if !piece.is_empty() {
                current.push(Part::Text(piece.into()));
            }
        }
    }
    pieces.push(finish(current));
    pieces
}

/// Whether two texts are equal without regard to case, unknown pieces being equal only to themselves.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::String(a), Kind::String(b)) => a.eq_ignore_ascii_case(b),
        (Kind::Unknown(a), Kind::Unknown(b)) => a == b,
        (Kind::Parts(a), Kind::Parts(b)) => {
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|pair| match pair {
                    (Part::Text(a), Part::Text(b)) => a.eq_ignore_ascii_case(b),
                    (Part::Unknown(a), Part::Unknown(b)) => a == b,
                    _ => false,
                })
        }
        _ => false,
    }
}

/// A text for people and keys: what is not known stands as `…`.
#[must_use]
pub fn shown(value: &Value) -> Text {
    match &value.kind {
        Kind::String(text) => text.clone(),
        Kind::Parts(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Unknown(_) => "…",
            })
            .collect::<String>()
            .into(),
        _ => "…".into(),
    }
}
