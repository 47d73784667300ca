//! URIs: joining, building, taking apart.

use super::call::{Call, Outcome, Stop, unknown_of, unknown_within};
use super::encode::escape;
use crate::source::Span;
use crate::tree::{Entry, Value};

/// The parts of an absolute URI.
struct Parts<'t> {
    scheme: &'t str,
    authority: &'t str,
    path: &'t str,
    query: Option<&'t str>,
    fragment: Option<&'t str>,
}

fn absolute(text: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    if !named || authority.is_empty() || authority.contains(char::is_whitespace) {
        return None;
    }
    let (path, query, fragment) = tail(rest);
    Some(Parts { scheme, authority, path, query, fragment })
}

/// Path, query and fragment.
fn tail(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (text, fragment) = match text.split_once('#') {
        Some((text, fragment)) => (text, Some(fragment)),
        None => (text, None),
    };
    match text.split_once('?') {
        Some((path, query)) => (path, Some(query), fragment),
        None => (text, None, fragment),
    }
}

/// `uri(base, relative)`.
pub fn uri(call: &Call<'_>) -> Outcome {
    let base_text = call.text(0)?;
    let relative = call.text(1)?;
    let Some(base) = absolute(base_text) else {
        return Err(call.fail("expects an absolute URI as argument 1"));
    };
    if let Some(target) = absolute(relative) {
        return Ok(call.string(written(&target, target.path)));
    }
    if let Some(rest) = relative.strip_prefix("//") {
        let text = format!("{}://{rest}", base.scheme);
        return match absolute(&text) {
            Some(target) => Ok(call.string(written(&target, target.path))),
            None => Err(call.fail("cannot join these URIs")),
        };
    }
    let (path, query, fragment) = tail(relative);
    let joined;
    let (path, query) = if path.is_empty() {
        (base.path, query.or(base.query))
    } else if path.starts_with('/') {
        (path, query)
    } else {
        let folder = base.path.rfind('/').and_then(|at| base.path.get(..=at));
        joined = format!("{}{path}", folder.unwrap_or("/"));
        (joined.as_str(), query)
    };
    let target = Parts { path, query, fragment, ..base };
    Ok(call.string(written(&target, path)))
}

/// The URI as .NET writes it: scheme and host in lower case, no default port, no dot segments, escapes where they
/// are needed.
fn written(parts: &Parts<'_>, path: &str) -> String {
    let scheme = parts.scheme.to_ascii_lowercase();
    let (user, host) = match parts.authority.rsplit_once('@') {
        Some((user, host)) => (format!("{user}@"), host),
        None => (String::new(), parts.authority),
    };
    let host = host.to_ascii_lowercase();
    let host = match (scheme.as_str(), host.rsplit_once(':')) {
        ("https", Some((name, "443"))) | ("http", Some((name, "80"))) => name,
        _ => host.as_str(),
    };
    let stays =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}');
    let mut out = format!("{scheme}://{user}{host}{}", escape(&without_dots(path), stays));
    if let Some(query) = parts.query {
        out.push('?');
        out.push_str(&escape(query, stays));
    }
    if let Some(fragment) = parts.fragment {
        out.push('#');
        out.push_str(&escape(fragment, stays));
    }
    out
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    for (i, segment) in segments.iter().enumerate() {
        let last = i + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// `parseUri(text)`: scheme, host, port where one is written, path, and query where there is one.
pub fn parse(call: &Call<'_>) -> Outcome {
    let Some(parts) = absolute(call.text(0)?) else {
        return Err(call.fail("expects an absolute URI"));
    };
    let host = parts.authority.rsplit_once('@').map_or(parts.authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            let port: u16 = port.parse().map_err(|_| call.fail("met a port over 65535"))?;
            (name, Some(port))
        }
        _ => (host, None),
    };
    let mut entries = vec![
        Entry::new("scheme", Span::NONE, call.string(parts.scheme.to_ascii_lowercase())),
        Entry::new("host", Span::NONE, call.string(host.to_ascii_lowercase())),
    ];
    if let Some(port) = port {
        entries.push(Entry::new("port", Span::NONE, call.number(i64::from(port))));
    }
    let path = if parts.path.is_empty() { "/" } else { parts.path };
    entries.push(Entry::new("path", Span::NONE, call.string(path)));
    if let Some(query) = parts.query {
        entries.push(Entry::new("query", Span::NONE, call.string(format!("?{query}"))));
    }
    call.entries(entries)
}

/// `buildUri({scheme, host, port, path, query})`.
pub fn build(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    call.map(0)?;
    let (scheme, host) = match (component(call, value, "scheme")?, component(call, value, "host")?) {
        (Some(scheme), Some(host)) => (scheme, host),
        _ => return Err(call.fail("expects an object with `scheme` and `host`")),
    };
    let mut text = format!("{scheme}://{host}");
    if let Some(port) = component(call, value, "port")?.filter(|port| port != "-1") {
        text.push(':');
        text.push_str(&port);
    }
    if let Some(path) = component(call, value, "path")? {
        if !path.is_empty() && !path.starts_with('/') {
            text.push('/');
        }
        text.push_str(&path);
    }
    if let Some(query) = component(call, value, "query")?.filter(|query| !query.is_empty()) {
        if !query.starts_with('?') {
            text.push('?');
        }
        text.push_str(&query);
    }
    match absolute(&text) {
        Some(parts) => Ok(call.string(written(&parts, parts.path))),
        None => Err(call.fail("cannot build a URI from these parts")),
    }
}

fn component(call: &Call<'_>, value: &Value, name: &str) -> Result<Option<String>, Stop> {
    match value.get_ci(name) {
        None => Ok(None),
        Some(part) if part.is_null() => Ok(None),
        Some(part) => {
            let text = part.as_str().map(str::to_owned).or_else(|| part.as_i64().map(|n| n.to_string()));
            text.map(Some).ok_or_else(|| {
                unknown_of(part)
                    .or_else(|| unknown_within(part))
                    .unwrap_or_else(|| call.fail(format_args!("expects text as `{name}`, not a {}", part.type_name())))
            })
        }
    }
}
