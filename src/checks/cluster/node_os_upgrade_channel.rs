//! `node-os-upgrade-channel`: nodes take new images or security patches by themselves.

use crate::checks::setting::{is_word, said};
use crate::model::azure::{CLUSTER, KUBERNETES_CHANNEL, NODE_OS_CHANNEL, cluster_default};
use crate::model::{Identity, Resource};
use crate::rule::{Finding, Findings, StampCx};
use crate::tree::{Lookup, Path};

/// Judges the clusters of a stamp. A Fleet Manager with an update profile upgrades its members itself.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let fleet = ["fleets/autoUpgradeProfiles", "fleets/updateStrategies"];
    let enrolled = cx.inventory().azure("Microsoft.ContainerService/fleets/members").next().is_some()
        && fleet.iter().any(|ty| cx.inventory().azure(&format!("Microsoft.ContainerService/{ty}")).next().is_some());
    for cluster in cx.inventory().azure(CLUSTER).filter(|c| !c.existing) {
        if cx.options.flag("immutable") {
            for path in [NODE_OS_CHANNEL, KUBERNETES_CHANNEL] {
                judge(cluster, path, &["None"], "changes by itself, and the stamp is immutable", out);
            }
        } else if !enrolled {
            judge(
                cluster,
                NODE_OS_CHANNEL,
                &["NodeImage", "SecurityPatch"],
                "does not take node images by itself",
                out,
            );
        }
    }
}

fn judge(cluster: &std::sync::Arc<Resource>, path: &str, words: &[&str], offence: &str, out: &mut Findings) {
    let key = path.rsplit('.').next().unwrap_or(path);
    let api_version = match &cluster.identity {
        Identity::Azure { api_version, .. } => api_version.as_str(),
        Identity::Kubernetes { .. } => "",
    };
    let why = match cluster.body.look(path) {
        Lookup::Known(value) if is_word(value, words) => return,
        Lookup::Known(value) => format!("`{key}` is {}", said(value)),
        Lookup::Unknown(unknown) => return out.undetermined(cluster, Path::dotted(path), unknown),
        Lookup::Absent => match cluster_default(path, api_version) {
            Some(default) if words.iter().any(|w| w.eq_ignore_ascii_case(default)) => return,
            Some(default) => format!("`{key}` is missing, and its default is `{default}`"),
            None if words.contains(&"None") => return,
            None => format!("`{key}` is missing, and its default is none"),
        },
    };
    let message = format!("{} {offence}: {why}", cluster.noun());
    out.push(Finding::at(cluster, Path::dotted(path), message).label(why));
}
