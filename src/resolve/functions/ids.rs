//! Resource ids, over all scopes. Names may have gaps: the id around them stays known.

use super::call::{Call, Outcome, Stop, unknown_of};
use super::partial::{Builder, Partial};
use crate::resolve::context::{Context, Scope};
use crate::tree::{Kind, Reason, Value, WaitsFor};

/// Appends a part of the context, or the gap where nobody gave it.
fn given(call: &Call<'_>, part: Option<&Value>, name: &str, out: &mut Builder) -> Result<(), Stop> {
    match part {
        Some(value) => out.partial(call, Partial::of(call, value)?),
        None => {
            out.unknown(&Context::missing(name).into());
            Ok(())
        }
    }
}

/// Appends the id of the current subscription.
pub fn subscription(call: &Call<'_>, out: &mut Builder) -> Result<(), Stop> {
    out.text(call, "/subscriptions/")?;
    given(call, call.cx.subscription.as_ref(), "subscription", out)
}

/// Appends the id of the current resource group.
pub fn resource_group(call: &Call<'_>, out: &mut Builder) -> Result<(), Stop> {
    subscription(call, out)?;
    out.text(call, "/resourceGroups/")?;
    given(call, call.cx.resource_group.as_ref(), "resourceGroup", out)
}

/// Appends the id of the current management group.
pub fn management_group(call: &Call<'_>, out: &mut Builder) -> Result<(), Stop> {
    out.text(call, "/providers/Microsoft.Management/managementGroups/")?;
    given(call, call.cx.management_group.as_ref(), "managementGroup", out)
}

/// `resourceId([subscription,] [resource group,] type, name, …)`: below the deployment's own scope where none is given.
pub fn resource_id(call: &Call<'_>) -> Outcome {
    let at = type_at(call, 2)?;
    let mut out = Builder::default();
    match call.args.get(..at).unwrap_or_default() {
        [] => match call.cx.scope {
            Scope::ResourceGroup => resource_group(call, &mut out)?,
            Scope::Subscription => subscription(call, &mut out)?,
            Scope::ManagementGroup | Scope::Tenant => {}
        },
        [one] if is_subscription(one) => {
            out.text(call, "/subscriptions/")?;
            out.partial(call, Partial::of(call, one)?)?;
            if call.cx.scope == Scope::ResourceGroup {
                out.text(call, "/resourceGroups/")?;
                given(call, call.cx.resource_group.as_ref(), "resourceGroup", &mut out)?;
            }
        }
        [group] => {
            subscription(call, &mut out)?;
            out.text(call, "/resourceGroups/")?;
            out.partial(call, Partial::of(call, group)?)?;
        }
        [subscription, group, ..] => {
            out.text(call, "/subscriptions/")?;
            out.partial(call, Partial::of(call, subscription)?)?;
            out.text(call, "/resourceGroups/")?;
            out.partial(call, Partial::of(call, group)?)?;
        }
    }
    finish(call, at, out)
}

/// `subscriptionResourceId([subscription,] type, name, …)`.
pub fn subscription_resource_id(call: &Call<'_>) -> Outcome {
    let at = type_at(call, 1)?;
    let mut out = Builder::default();
    match call.args.get(..at).unwrap_or_default() {
        [given, ..] => {
            out.text(call, "/subscriptions/")?;
            out.partial(call, Partial::of(call, given)?)?;
        }
        [] => subscription(call, &mut out)?,
    }
    finish(call, at, out)
}

/// `managementGroupResourceId([group,] type, name, …)`.
pub fn management_group_resource_id(call: &Call<'_>) -> Outcome {
    let at = type_at(call, 1)?;
    let mut out = Builder::default();
    match call.args.get(..at).unwrap_or_default() {
        [given, ..] => {
            out.text(call, "/providers/Microsoft.Management/managementGroups/")?;
            out.partial(call, Partial::of(call, given)?)?;
        }
        [] => management_group(call, &mut out)?,
    }
    finish(call, at, out)
}

/// `tenantResourceId(type, name, …)`.
pub fn tenant_resource_id(call: &Call<'_>) -> Outcome {
    finish(call, type_at(call, 0)?, Builder::default())
}

/// `extensionResourceId(id, type, name, …)`.
pub fn extension_resource_id(call: &Call<'_>) -> Outcome {
    let mut out = Builder::default();
    match Partial::of(call, call.arg(0))? {
        Partial::Known(id) => out.text(call, id.trim_end_matches('/'))?,
        id => out.partial(call, id)?,
    }
    if let Some(stop) = unknown_of(call.arg(1)) {
        return Err(stop);
    }
    finish(call, 1, out)
}

/// Where the resource type stands: the first argument that reads like one.
fn type_at(call: &Call<'_>, latest: usize) -> Result<usize, Stop> {
    let found = call.args.iter().take(latest + 1).position(|arg| arg.as_str().is_some_and(is_type));
    match found {
        Some(at) => Ok(at),
        None => Err(call
            .args
            .iter()
            .take(latest + 1)
            .find_map(unknown_of)
            .unwrap_or_else(|| call.fail("expects a resource type such as `Microsoft.Network/virtualNetworks`"))),
    }
}

fn is_type(text: &str) -> bool {
    text.split_once('/').is_some_and(|(namespace, rest)| namespace.contains('.') && !rest.is_empty())
}

/// Whether a lone argument before the type is a subscription's id; else it is a resource group's name.
fn is_subscription(value: &Value) -> bool {
    match &value.kind {
        Kind::String(text) => is_guid(text),
        Kind::Unknown(unknown) => {
            unknown.reason == Reason::Context && unknown.from == WaitsFor::Context("subscription".into())
        }
        _ => false,
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Appends `/providers/<namespace>/<type>/<name>/…`.
fn finish(call: &Call<'_>, at: usize, mut out: Builder) -> Outcome {
    let full = call.text(at)?.trim_end_matches('/');
    let mut segments = full.split('/');
    let namespace = segments.next().unwrap_or_default();
    let types: Vec<&str> = segments.collect();
    let names = call.args.get(at + 1..).unwrap_or_default();
    if types.is_empty() || types.len() != names.len() {
        return Err(call.fail(format_args!("wants {} names for the type `{full}`, not {}", types.len(), names.len())));
    }
    // A resource group is no resource of a provider, although it has a type like one.
    if full.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
        out.text(call, "/resourceGroups/")?;
        if let Some(name) = names.first() {
            out.partial(call, Partial::of(call, name)?)?;
        }
        return Ok(call.make(out.kind()));
    }
    out.text(call, "/providers/")?;
    out.text(call, namespace)?;
    for (kind, name) in types.iter().zip(names) {
        out.text(call, "/")?;
        out.text(call, kind)?;
        out.text(call, "/")?;
        match name.kind {
            Kind::Number(number) => out.text(call, &number.to_string())?,
            _ => out.partial(call, Partial::of(call, name)?)?,
        }
    }
    Ok(call.make(out.kind()))
}
