//! What only a deployment can answer. The result is unknown, and says which resource and what of it it waits for.

use std::sync::Arc;

use super::call::{Call, Outcome, Stop};
use super::partial::Partial;
use crate::resolve::context::Context;
use crate::source::Span;
use crate::tree::{Entry, Reason, Text, Unknown, Value, WaitsFor};

fn unknown(reason: Reason, from: WaitsFor) -> Outcome {
    Err(Stop::Unknown(Arc::new(Unknown::new(reason, from))))
}

/// The resource that a call names, with `…` where the name has gaps.
fn named(call: &Call<'_>, value: &Value) -> Result<Text, Stop> {
    Ok(match Partial::of(call, value)? {
        Partial::Known(text) => text.into(),
        partial => partial.texts().collect::<Vec<_>>().join("…").into(),
    })
}

/// `reference(resource, version, 'Full')`: its properties, or all of it.
pub fn reference(call: &Call<'_>) -> Outcome {
    let full = call.arg(2).as_str().is_some_and(|s| s.eq_ignore_ascii_case("full"));
    unknown(
        Reason::Runtime,
        WaitsFor::Resource { id: named(call, call.arg(0))?, path: if full { "" } else { "properties" }.into() },
    )
}

/// `references(name, …)`: what a loop of resources becomes.
pub fn references(call: &Call<'_>) -> Outcome {
    unknown(Reason::Runtime, WaitsFor::Resource { id: named(call, call.arg(0))?, path: Text::default() })
}

/// `listKeys` and the other operations whose names begin with `list`: secret, as a rule.
pub fn list_operation(call: &Call<'_>) -> Outcome {
    unknown(Reason::Runtime, WaitsFor::Resource { id: named(call, call.arg(0))?, path: call.name.into() })
}

/// `getSecret(subscription, resource group, vault, secret, version)` in a parameter file.
pub fn get_secret(call: &Call<'_>) -> Outcome {
    let (vault, secret) = (named(call, call.arg(2))?, named(call, call.arg(3))?);
    unknown(Reason::Secure, WaitsFor::Text(format!("secret `{secret}` of vault `{vault}`").into()))
}

/// `externalInput(kind, config)`: a value from the tool that deploys.
pub fn external_input(call: &Call<'_>) -> Outcome {
    let kind = named(call, call.arg(0))?;
    unknown(Reason::Context, WaitsFor::Context(format!("external input `{kind}`").into()))
}

/// `readCliArg(name)`.
pub fn read_cli_arg(call: &Call<'_>) -> Outcome {
    let name = named(call, call.arg(0))?;
    unknown(Reason::Context, WaitsFor::Context(format!("command line argument `{name}`").into()))
}

/// `readEnvironmentVariable(name, default)`: from the config, never from the machine. The default counts only when
/// nobody gave the variable.
pub fn read_environment_variable(call: &Call<'_>) -> Outcome {
    let name = call.text(0)?;
    match (call.cx.variable(name), call.args.get(1)) {
        (Some(value), _) => Ok(value.clone()),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(Stop::Unknown(Arc::new(Context::missing(format!("environment variable {name}"))))),
    }
}

/// `toLogicalZone`, `toPhysicalZone` and their plurals: each subscription has its own mapping.
pub fn zone_mapping(call: &Call<'_>) -> Outcome {
    Err(call.not_offline(format!("`{}` depends on the subscription", call.name)))
}

/// `providers(namespace, type)`: which locations and versions Azure has, nobody knows offline.
pub fn providers(call: &Call<'_>) -> Outcome {
    let asked = call.args.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("/");
    let open = |what: &str| {
        let from = WaitsFor::Text(format!("{what} of `{asked}`").into());
        Value::unknown(Unknown::new(Reason::Function, from), call.site)
    };
    let entries = match call.args {
        [namespace] => [("namespace", namespace.clone()), ("resourceTypes", open("the resource types"))].to_vec(),
        _ => [
            ("resourceType", call.arg(1).clone()),
            ("locations", open("the locations")),
            ("apiVersions", open("the versions")),
        ]
        .to_vec(),
    };
    call.entries(entries.into_iter().map(|(key, value)| Entry::new(key, Span::NONE, value)).collect())
}
