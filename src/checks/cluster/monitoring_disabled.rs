//! `monitoring-disabled`: Container insights or the Azure Monitor profile is on.

use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

const WAYS: [&str; 4] = [
    "properties.addonProfiles.omsagent.enabled",
    "properties.azureMonitorProfile.metrics.enabled",
    "properties.azureMonitorProfile.containerInsights.enabled",
    "properties.azureMonitorProfile.appMonitoring.openTelemetryMetrics.enabled",
];

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let found = WAYS.map(|path| (path, cx.resource.body.look(path)));
    if found.iter().any(|(_, l)| l.known().and_then(Value::as_bool) == Some(true)) {
        return;
    }
    if let Some((path, Lookup::Unknown(unknown))) = found.iter().find(|(_, l)| l.unknown().is_some()) {
        return out.undetermined(cx.resource, Path::dotted(path), unknown);
    }
    // What is switched off is the place; with nothing there, where the add-on would stand.
    let off = found.iter().find(|(_, l)| l.known().is_some()).map_or(WAYS[0], |(path, _)| path);
    let message = format!(
        "{} is not monitored: neither Container insights nor the Azure Monitor profile is on",
        cx.resource.noun()
    );
    out.push(Finding::at(cx.resource, Path::dotted(off), message).label("no monitoring"));
}
