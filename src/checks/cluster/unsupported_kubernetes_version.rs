//! `unsupported-kubernetes-version`: one of the three newest minor versions.

use std::sync::Arc;

use crate::model::Resource;
use crate::model::azure::{clusters, supported_minors};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path};

/// Judges the clusters of a stamp and their pools. A cluster that names no version takes a supported one.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let option: Vec<&str> = cx.options.strings("supported").collect();
    let supported: Vec<&str> =
        if option.is_empty() { supported_minors().iter().map(String::as_str).collect() } else { option };
    for cluster in &clusters(cx.inventory()) {
        if !cluster.resource.existing {
            let path = Path::dotted("properties.kubernetesVersion");
            judge(
                cluster.resource,
                cluster.resource.body.look("properties.kubernetesVersion"),
                path,
                &cluster.resource.noun(),
                &supported,
                out,
            );
        }
        for pool in &cluster.pools {
            judge(
                pool.resource,
                pool.look("orchestratorVersion"),
                pool.at("orchestratorVersion"),
                &pool.noun(),
                &supported,
                out,
            );
        }
    }
}

fn judge(
    resource: &Arc<Resource>,
    version: Lookup<'_>,
    path: Path,
    noun: &str,
    supported: &[&str],
    out: &mut Findings,
) {
    let text = match version {
        Lookup::Absent => return,
        Lookup::Unknown(unknown) => return out.undetermined(resource, path, unknown),
        // A version that is written as a number is reported as what it is; here its text decides.
        Lookup::Known(value) => value.as_str().map(str::to_owned).or_else(|| match value.kind {
            crate::tree::Kind::Number(n) => Some(n.to_string()),
            _ => None,
        }),
    };
    let Some(text) = text else {
        return out.undetermined_at(Place::at(resource, path), "the version is not known");
    };
    let Some(minor) = minor(&text) else {
        let message = format!("{noun} names no version of Kubernetes: `{text}`");
        return out.push(Finding::at(resource, path, message).label("no version"));
    };
    let listed: Vec<(u32, u32)> = supported.iter().filter_map(|s| self::minor(s)).collect();
    if listed.contains(&minor) && !text.contains("preview") {
        return;
    }
    if listed.iter().all(|known| minor > *known) {
        return out.undetermined_at(Place::at(resource, path), format!("`{text}` is newer than the table of versions"));
    }
    let message = format!("{noun} runs Kubernetes {text}, which is not supported: `{}` are", supported.join("`, `"));
    out.push(Finding::at(resource, path, message).label("not supported"));
}

fn minor(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
