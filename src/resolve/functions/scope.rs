//! What a template asks of its deployment: `subscription()`, `resourceGroup()`, `tenant()`, `managementGroup()`,
//! `deployment()`, `deployer()`. What nobody gave is an unknown leaf, so that the rest can be used.

use super::call::{Call, Outcome, Stop};
use super::ids;
use super::partial::{Builder, Partial};
use crate::resolve::context::{Context, Scope};
use crate::source::Span;
use crate::tree::{Entry, Reason, Unknown, Value, WaitsFor};

fn entry(key: &str, value: Value) -> Entry {
    Entry::new(key, Span::NONE, value)
}

/// A part of the context with the place where it was given.
fn part(call: &Call<'_>, given: Option<&Value>, name: &str) -> Value {
    Context::part(given, name, call.site)
}

/// A leaf that only Azure knows.
fn runtime(call: &Call<'_>, what: &str) -> Value {
    Value::unknown(Unknown::new(Reason::Runtime, WaitsFor::Text(what.into())), call.site)
}

fn id(call: &Call<'_>, write: impl FnOnce(&Call<'_>, &mut Builder) -> Result<(), Stop>) -> Outcome {
    let mut out = Builder::default();
    write(call, &mut out)?;
    Ok(call.make(out.kind()))
}

/// `subscription()`; in Bicep also `subscription(id)`.
pub fn subscription(call: &Call<'_>) -> Outcome {
    let cx = call.cx;
    let (id, own, name) = match call.args {
        [given] => (
            id(call, |call, out| {
                out.text(call, "/subscriptions/")?;
                out.partial(call, Partial::of(call, given)?)
            })?,
            given.clone(),
            runtime(call, "subscription().displayName"),
        ),
        _ => (
            id(call, ids::subscription)?,
            part(call, cx.subscription.as_ref(), "subscription"),
            part(call, cx.subscription_name.as_ref(), "subscription name"),
        ),
    };
    call.entries(vec![
        entry("id", id),
        entry("subscriptionId", own),
        entry("tenantId", part(call, cx.tenant.as_ref(), "tenant")),
        entry("displayName", name),
    ])
}

/// `resourceGroup()`; in Bicep also `resourceGroup(name)` and `resourceGroup(subscription, name)`.
pub fn resource_group(call: &Call<'_>) -> Outcome {
    let cx = call.cx;
    let (id, name, location, tags) = match call.args {
        [] => (
            id(call, ids::resource_group)?,
            part(call, cx.resource_group.as_ref(), "resourceGroup"),
            part(call, cx.location.as_ref(), "location"),
            part(call, cx.resource_group_tags.as_ref(), "resource group's tags"),
        ),
        [before @ .., name] => (
            id(call, |call, out| {
                match before.first() {
                    Some(subscription) => {
                        out.text(call, "/subscriptions/")?;
                        out.partial(call, Partial::of(call, subscription)?)?;
                    }
                    None => ids::subscription(call, out)?,
                }
                out.text(call, "/resourceGroups/")?;
                out.partial(call, Partial::of(call, name)?)
            })?,
            name.clone(),
            runtime(call, "resourceGroup().location"),
            runtime(call, "resourceGroup().tags"),
        ),
    };
    let state = call.entries(vec![entry("provisioningState", call.string("Succeeded"))])?;
    call.entries(vec![
        entry("id", id),
        entry("name", name),
        entry("type", call.string("Microsoft.Resources/resourceGroups")),
        entry("location", location),
        entry("managedBy", runtime(call, "resourceGroup().managedBy")),
        entry("tags", tags),
        entry("properties", state),
    ])
}

/// `tenant()`.
pub fn tenant(call: &Call<'_>) -> Outcome {
    let own = part(call, call.cx.tenant.as_ref(), "tenant");
    let id = id(call, |call, out| {
        out.text(call, "/tenants/")?;
        out.partial(call, Partial::of(call, &own)?)
    })?;
    call.entries(vec![
        entry("id", id),
        entry("tenantId", own),
        entry("country", runtime(call, "tenant().country")),
        entry("countryCode", runtime(call, "tenant().countryCode")),
        entry("displayName", runtime(call, "tenant().displayName")),
    ])
}

/// `managementGroup()`; in Bicep also `managementGroup(name)`.
pub fn management_group(call: &Call<'_>) -> Outcome {
    let (id, name) = match call.args {
        [given, ..] => (
            id(call, |call, out| {
                out.text(call, "/providers/Microsoft.Management/managementGroups/")?;
                out.partial(call, Partial::of(call, given)?)
            })?,
            given.clone(),
        ),
        [] => (id(call, ids::management_group)?, part(call, call.cx.management_group.as_ref(), "managementGroup")),
    };
    let properties = call.entries(vec![
        entry("tenantId", part(call, call.cx.tenant.as_ref(), "tenant")),
        entry("displayName", runtime(call, "managementGroup().properties.displayName")),
        entry("details", runtime(call, "managementGroup().properties.details")),
    ])?;
    call.entries(vec![
        entry("id", id),
        entry("name", name),
        entry("type", call.string("/providers/Microsoft.Management/managementGroups")),
        entry("properties", properties),
    ])
}

/// `deployment()`.
pub fn deployment(call: &Call<'_>) -> Outcome {
    let cx = call.cx;
    let mut template =
        vec![entry("contentVersion", part(call, cx.content_version.as_ref(), "deployment().properties.template"))];
    for key in ["$schema", "metadata", "parameters", "variables", "resources", "outputs"] {
        template.push(entry(key, runtime(call, "deployment().properties.template")));
    }
    let link = call.entries(vec![
        entry("id", runtime(call, "deployment().properties.templateLink.id")),
        entry("uri", runtime(call, "deployment().properties.templateLink.uri")),
    ])?;
    let properties = call.entries(vec![
        entry("template", call.entries(template)?),
        entry("templateLink", link),
        entry("templateHash", runtime(call, "deployment().properties.templateHash")),
        entry("parameters", runtime(call, "deployment().properties.parameters")),
        entry("mode", runtime(call, "deployment().properties.mode")),
        entry("provisioningState", call.string("Accepted")),
    ])?;
    let mut entries = vec![entry("name", part(call, cx.deployment_name.as_ref(), "deployment"))];
    if cx.scope != Scope::ResourceGroup {
        entries.push(entry("location", part(call, cx.deployment_location.as_ref(), "deployment's location")));
    }
    entries.push(entry("properties", properties));
    call.entries(entries)
}

/// `deployer()`.
pub fn deployer(call: &Call<'_>) -> Outcome {
    let deployer = &call.cx.deployer;
    let tenant = deployer.tenant_id.as_ref().or(call.cx.tenant.as_ref());
    call.entries(vec![
        entry("objectId", part(call, deployer.object_id.as_ref(), "deployer")),
        entry("tenantId", part(call, tenant, "tenant")),
        entry("userPrincipalName", part(call, deployer.user_principal_name.as_ref(), "deployer")),
    ])
}
