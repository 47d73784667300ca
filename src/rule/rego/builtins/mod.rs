//! Builtins of OPA that the engine lacks or words otherwise, and the refusal of those that reach out of the run.
//!
//! A builtin that is given what it cannot take has no result, as in OPA; only a refused one is an error.

mod crypto;
mod format;
mod globs;
mod legacy;
mod net;
mod operators;
mod patterns;
mod pods;
#[cfg(test)]
mod table;
mod template;
mod text;
mod uri;

use anyhow::{Result, bail};
use regorus::{Engine, Value};

/// A builtin: its arguments in, its result out; `Undefined` where it has none.
type Builtin = fn(&[Value]) -> Value;

/// Name, number of arguments, what it does.
const SUPPLIED: &[(&str, u8, Builtin)] = &[
    ("all", 1, legacy::all),
    ("and", 2, operators::and),
    ("any", 1, legacy::any),
    ("array.flatten", 1, legacy::array_flatten),
    ("cast_array", 1, legacy::cast_array),
    ("cast_boolean", 1, legacy::cast_boolean),
    ("cast_null", 1, legacy::cast_null),
    ("cast_object", 1, legacy::cast_object),
    ("cast_set", 1, legacy::cast_set),
    ("cast_string", 1, legacy::cast_string),
    ("crypto.hmac.equal", 2, crypto::hmac_equal),
    ("crypto.hmac.sha1", 2, crypto::hmac_sha1),
    ("crypto.hmac.sha256", 2, crypto::hmac_sha256),
    ("crypto.hmac.sha512", 2, crypto::hmac_sha512),
    ("crypto.sha1", 1, crypto::sha1),
    ("crypto.sha256", 1, crypto::sha256),
    ("div", 2, operators::div),
    ("equal", 2, operators::equal),
    ("gt", 2, operators::gt),
    ("gte", 2, operators::gte),
    ("io.jwt.decode", 1, crypto::jwt_decode),
    ("json.marshal", 1, text::json_marshal),
    ("lt", 2, operators::lt),
    ("lte", 2, operators::lte),
    ("minus", 2, operators::minus),
    ("mul", 2, operators::mul),
    ("neq", 2, operators::neq),
    ("net.cidr_contains_matches", 2, net::cidr_contains_matches),
    ("net.cidr_intersects", 2, net::cidr_intersects),
    ("net.cidr_merge", 1, net::cidr_merge),
    ("net.cidr_overlap", 2, net::cidr_contains),
    ("numbers.range", 2, legacy::numbers_range),
    ("or", 2, operators::or),
    ("parse_config", 2, text::parse_config),
    ("plus", 2, operators::plus),
    ("re_match", 2, text::re_match),
    ("regex.globs_match", 2, globs::globs_match),
    ("regex.template_match", 4, patterns::template_match),
    ("rem", 2, operators::rem),
    ("set_diff", 2, legacy::set_diff),
    ("sprintf", 2, format::sprintf),
    ("stamplint.containers", 1, pods::containers),
    ("stamplint.pods", 1, pods::pods),
    ("stamplint.template_string", 1, text::template_string),
    ("strings.count", 2, text::count),
    ("strings.render_template", 2, template::render),
    ("strings.split_n", 3, text::split_n),
    ("uri.is_valid", 1, uri::is_valid),
    ("uri.parse", 1, uri::parse),
];

/// Name, number of arguments, why not.
const REFUSED: &[(&str, u8, &str)] = &[
    ("external_data", 1, "only a provider in the cluster could answer"),
    ("http.send", 1, "it would open a connection"),
    ("net.lookup_ip_addr", 1, "it would ask a name server"),
    ("parse_combined_config_files", 1, "it would read files"),
    ("parse_config_file", 1, "it would read files"),
    ("opa.runtime", 0, "it would read the environment"),
    ("providers.aws.sign_req", 3, "it would sign requests"),
    ("rand.intn", 2, "its result would differ from run to run"),
    ("time.now_ns", 0, "its result would differ from run to run"),
    ("uuid.rfc4122", 1, "its result would differ from run to run"),
];

/// Functions and families of functions of OPA that are not supplied: nothing that a policy on manifests asks.
const ABSENT: &[&str] =
    &["crypto.", "graphql.", "io.jwt.", "json.match_schema", "json.verify_schema", "rego.parse_module", "uuid.parse"];

/// Whether OPA has a function of this name that is not supplied.
pub(super) fn absent(name: &str) -> bool {
    ABSENT.iter().any(|n| *n == name || n.ends_with('.') && name.starts_with(n)) && !exists(name)
}

/// Why a builtin is refused; `None` for one that may be called.
pub(super) fn refused(name: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(n, _, _)| *n == name).map(|(_, _, why)| *why)
}

/// Whether a function of this name can be called.
pub(super) fn exists(name: &str) -> bool {
    name == "print"
        || SUPPLIED.iter().any(|(n, _, _)| *n == name)
        || refused(name).is_some()
        || regorus::unstable::BUILTINS.contains_key(name)
}

/// Every name that can be called, for "did you mean".
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SUPPLIED.iter().map(|(n, _, _)| *n).chain(regorus::unstable::BUILTINS.keys().copied())
}

/// Gives an engine the builtins. `now` is the run's moment in nanoseconds since 1970, where the run has one.
pub(super) fn supply(engine: &mut Engine, now: Option<i64>) -> Result<()> {
    for (name, arguments, builtin) in SUPPLIED {
        let builtin = *builtin;
        engine.add_extension(
            (*name).to_owned(),
            *arguments,
            Box::new(move |arguments: Vec<Value>| Ok(builtin(&arguments))),
        )?;
    }
    for (name, arguments, why) in REFUSED {
        if let ("time.now_ns", Some(now)) = (*name, now) {
            engine.add_extension((*name).to_owned(), 0, Box::new(move |_: Vec<Value>| Ok(Value::from(now))))?;
            continue;
        }
        let (name, why) = (*name, *why);
        engine.add_extension(
            name.to_owned(),
            *arguments,
            Box::new(move |_: Vec<Value>| bail!("`{name}` is refused: {why}")),
        )?;
    }
    Ok(())
}

/// A string argument.
fn string(arguments: &[Value], at: usize) -> Option<&str> {
    match arguments.get(at) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The result, or none.
fn or_undefined(result: Option<impl Into<Value>>) -> Value {
    result.map_or(Value::Undefined, Into::into)
}
