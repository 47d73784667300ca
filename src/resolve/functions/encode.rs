//! Encodings: base64, data URIs, percent escapes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::call::{Call, Outcome, Stop};
use super::partial::Builder;
use super::{json, limits, show};
use crate::tree::Kind;

pub fn base64(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    if text.len() > limits::TEXT / 2 {
        return Err(call.limit("makes a string that is too long"));
    }
    Ok(call.string(STANDARD.encode(text)))
}

/// Decodes as .NET does, which passes over white space.
fn decode(call: &Call<'_>, text: &str) -> Result<String, Stop> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    match STANDARD.decode(compact) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => Err(call.fail("cannot decode text that is not base64")),
    }
}

pub fn base64_to_string(call: &Call<'_>) -> Outcome {
    Ok(call.string(decode(call, call.text(0)?)?))
}

pub fn base64_to_json(call: &Call<'_>) -> Outcome {
    json::parse(call, &decode(call, call.text(0)?)?)
}

pub fn data_uri(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let (media, text) = match &value.kind {
        Kind::String(text) => ("text/plain", text.to_string()),
        Kind::Null => ("text/plain", String::new()),
        _ => {
            if let Some(stop) = super::call::unknown_within(value) {
                return Err(stop);
            }
            let mut out = Builder::default();
            match value.kind {
                Kind::List(_) | Kind::Map(_) => show::json(call, value, &mut out)?,
                _ => show::display(call, value, &mut out)?,
            }
            match out.kind() {
                Kind::String(text) => ("application/json", text.to_string()),
                _ => return Err(call.mismatch(value, "a known value")),
            }
        }
    };
    if text.len() > limits::TEXT / 2 {
        return Err(call.limit("makes a string that is too long"));
    }
    Ok(call.string(format!("data:{media};charset=utf-8;base64,{}", STANDARD.encode(text))))
}

pub fn data_uri_to_string(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let malformed = || call.fail("expects a data URI, `data:<type>;base64,<data>`");
    let rest = match text.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("data:") => text.get(5..).unwrap_or_default(),
        _ => return Err(malformed()),
    };
    let (head, data) = rest.split_once(',').ok_or_else(malformed)?;
    let is_base64 = head.rsplit(';').next().is_some_and(|last| last.eq_ignore_ascii_case("base64"));
    Ok(call.string(if is_base64 { decode(call, data)? } else { unescape(&data.replace('+', " ")) }))
}

pub fn uri_component(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    if text.len() > limits::TEXT / 3 {
        return Err(call.limit("makes a string that is too long"));
    }
    Ok(call.string(escape(text, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))))
}

pub fn uri_component_to_string(call: &Call<'_>) -> Outcome {
    Ok(call.string(unescape(&call.text(0)?.replace('+', " "))))
}

/// Percent-escapes all bytes but those that may stay.
pub fn escape(text: &str, stays: impl Fn(u8) -> bool) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |n: u8| char::from(HEX.get(usize::from(n)).copied().unwrap_or(b'0'));
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte & 15));
        }
    }
    out
}

/// Decodes percent escapes; what is no escape stays.
pub fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => {
                let digit = |b: &u8| char::from(*b).to_digit(16);
                digit(high).zip(digit(low)).and_then(|(h, l)| u8::try_from(h * 16 + l).ok())
            }
            _ => None,
        };
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
