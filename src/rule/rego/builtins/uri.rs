//! `uri.parse` and `uri.is_valid`, as Go takes addresses apart.

use std::collections::BTreeMap;

use regorus::Value;

use super::string;

#[derive(Default)]
struct Uri<'t> {
    scheme: &'t str,
    host: Option<&'t str>,
    port: &'t str,
    path: &'t str,
    query: &'t str,
    fragment: &'t str,
}

pub(super) fn is_valid(arguments: &[Value]) -> Value {
    string(arguments, 0).map_or(Value::Undefined, |text| Value::Bool(taken_apart(text).is_some()))
}

pub(super) fn parse(arguments: &[Value]) -> Value {
    let Some(uri) = string(arguments, 0).and_then(taken_apart) else {
        return Value::Undefined;
    };
    let path = decoded(uri.path).unwrap_or_default();
    let fields = [
        ("scheme", uri.scheme.to_ascii_lowercase()),
        ("hostname", decoded(uri.host.unwrap_or_default()).unwrap_or_default()),
        ("port", uri.port.to_owned()),
        ("path", path.clone()),
        ("raw_path", path),
        ("raw_query", uri.query.to_owned()),
        ("fragment", decoded(uri.fragment).unwrap_or_default()),
    ];
    let given = fields.into_iter().filter(|(_, text)| !text.is_empty());
    Value::from(given.map(|(key, text)| (Value::from(key), Value::from(text))).collect::<BTreeMap<_, _>>())
}

fn taken_apart(text: &str) -> Option<Uri<'_>> {
    if text.chars().any(|c| c.is_control()) {
        return None;
    }
    let mut uri = Uri::default();
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    uri.fragment = fragment;
    let mut rest = rest;
    match rest.find([':', '/', '?']).map(|at| rest.split_at(at)) {
        Some((scheme, after)) if after.starts_with(':') => {
            let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
            match is_scheme {
                true => (uri.scheme, rest) = (scheme, after.get(1..)?),
                false => return None,
            }
        }
        _ => {}
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    uri.query = query;
    if let Some(after) = rest.strip_prefix("//") {
        let (authority, path) = after.find('/').map_or((after, ""), |at| after.split_at(at));
        uri.path = path;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (name, port) = match host.strip_prefix('[') {
            Some(bracketed) => {
                let (name, port) = bracketed.split_once(']')?;
                (name, port)
            }
            None => host.find(':').map_or((host, ""), |at| host.split_at(at)),
        };
        uri.port = match port.strip_prefix(':') {
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port,
            Some(_) => return None,
            None if port.is_empty() => "",
            None => return None,
        };
        if name.contains([' ', '%', '"', '<', '>', '\\', '^', '`', '{', '|', '}']) {
            return None;
        }
        uri.host = Some(name);
    } else if uri.scheme.is_empty() || rest.starts_with('/') {
        uri.path = rest;
    }
    // An escape that is none makes all of it invalid.
    (decoded(uri.path).is_some() && decoded(uri.fragment).is_some()).then_some(uri)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: u8| (b as char).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
