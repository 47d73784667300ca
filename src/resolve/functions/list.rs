//! Lists and objects.

use super::call::{Call, Outcome};
use super::partial::Partial;
use crate::tree::{Entry, Kind};

pub fn create_array(call: &Call<'_>) -> Outcome {
    call.items(call.args.to_vec())
}

pub fn create_object(call: &Call<'_>) -> Outcome {
    if !call.args.len().is_multiple_of(2) {
        return Err(call.fail("wants a value for each key"));
    }
    let mut entries = Vec::with_capacity(call.args.len() / 2);
    for (i, pair) in call.args.chunks_exact(2).enumerate() {
        if let [key, value] = pair {
            entries.push(Entry::new(call.text(i * 2)?, key.span, value.clone()));
        }
    }
    call.entries(entries)
}

pub fn empty(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    Ok(call.bool(match &value.kind {
        Kind::Null => true,
        Kind::List(list) => list.is_empty(),
        Kind::Map(map) => map.is_empty(),
        _ => {
            let text = Partial::of(call, value)?;
            match (text.texts().all(str::is_empty), text.gap()) {
                (true, Some(gap)) => return Err(gap),
                (empty, _) => empty,
            }
        }
    }))
}

pub fn length(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let n = match &value.kind {
        Kind::List(list) => list.len(),
        Kind::Map(map) => map.len(),
        Kind::String(text) => text.encode_utf16().count(),
        _ => return Err(call.mismatch(value, "a string, a list or an object")),
    };
    Ok(call.number(i64::try_from(n).unwrap_or(i64::MAX)))
}
