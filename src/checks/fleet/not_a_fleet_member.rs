//! `not-a-fleet-member`: once a Fleet Manager exists, each cluster is enrolled, in an update group.

use std::sync::Arc;

use super::pipeline::runs_command;
use crate::model::azure::{CLUSTER, Same, same_id};
use crate::model::compare::by_environment;
use crate::model::{Existence, Identity, Resource, Stamp, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place, Verdict};
use crate::tree::{Lookup, Path};

const MANAGER: &str = "Microsoft.ContainerService/fleets";
const MEMBER: &str = "Microsoft.ContainerService/fleets/members";

/// Judges the clusters of each environment that has a Fleet Manager, and its members.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    let by_pipeline = cx.fleet.workflows.iter().any(|w| runs_command(&w.root, &["az fleet member create"]));
    for stamps in by_environment(cx.fleet) {
        let managers = distinct(&stamps, MANAGER);
        if managers.is_empty() {
            continue;
        }
        let certain = managers.iter().any(|(m, _)| m.existence == Existence::Exists);
        let members = distinct(&stamps, MEMBER);
        let clusters = distinct(&stamps, CLUSTER);
        for (cluster, of) in clusters.iter().filter(|(c, _)| !c.existing) {
            match enrolled(cluster, of, &members, &clusters) {
                Some(true) => {}
                _ if by_pipeline => {}
                Some(false) => {
                    let message = format!("{} is no member of the Fleet Manager", cluster.noun());
                    let verdict = if certain { Verdict::Fail } else { Verdict::Possible };
                    out.push(
                        Finding::new(Place::name(cluster), message)
                            .label("not enrolled")
                            .help("add a `fleets/members` resource with the cluster's id and an update group")
                            .verdict(verdict)
                            .stamps(of.clone()),
                    );
                }
                None => out.push(
                    Finding::new(Place::name(cluster), "cannot be told: which cluster a member enrols is not known")
                        .verdict(Verdict::Undetermined)
                        .stamps(of.clone()),
                ),
            }
        }
        for (member, of) in members.iter().filter(|(m, _)| !m.existing) {
            grouped(member, of, out);
        }
    }
}

/// The resources of a type in a group of stamps, each once with its stamps.
fn distinct<'s>(stamps: &[&'s Stamp], ty: &str) -> Vec<(&'s Arc<Resource>, StampSet)> {
    let mut found: Vec<(&Arc<Resource>, StampSet)> = Vec::new();
    for stamp in stamps {
        for resource in stamp.inventory.azure(ty) {
            match found.iter_mut().find(|(r, _)| Arc::ptr_eq(r, resource)) {
                Some((_, of)) => of.merge(&StampSet::one(stamp.index)),
                None => found.push((resource, StampSet::one(stamp.index))),
            }
        }
    }
    found
}

type Held<'s> = (&'s Arc<Resource>, StampSet);

/// Whether a member enrols a cluster; none where that cannot be told.
fn enrolled(cluster: &Resource, of: &StampSet, members: &[Held<'_>], clusters: &[Held<'_>]) -> Option<bool> {
    let mut answer = Some(false);
    for (member, stamps) in members {
        match (means(member, cluster), &member.existence) {
            (Same::No, _) => {}
            (Same::Yes, Existence::Exists) => return Some(true),
            // Of one candidate for a member of the cluster's own stamp there is no doubt.
            (Same::Maybe, Existence::Exists) if stamps.iter().any(|s| of.contains(s)) => {
                let candidates =
                    clusters.iter().filter(|(c, held)| share(held, stamps) && means(member, c) != Same::No);
                if candidates.count() == 1 {
                    return Some(true);
                }
                answer = None;
            }
            // A member of another stamp enrols the cluster of that stamp.
            (Same::Maybe, Existence::Exists) => {}
            (_, Existence::MayExist(_)) => answer = None,
        }
    }
    answer
}

fn share(a: &StampSet, b: &StampSet) -> bool {
    a.iter().any(|s| b.contains(s))
}

fn means(member: &Resource, cluster: &Resource) -> Same {
    let Identity::Azure { id, .. } = &cluster.identity else { return Same::No };
    match member.body.look("properties.clusterResourceId") {
        Lookup::Known(value) => same_id(value, id),
        Lookup::Unknown(_) => Same::Maybe,
        // A member that is only referred to shows none of its properties.
        Lookup::Absent if member.existing => Same::Maybe,
        Lookup::Absent => Same::No,
    }
}

fn grouped(member: &Arc<Resource>, of: &StampSet, out: &mut Findings) {
    let path = Path::dotted("properties.group");
    let why = match member.body.look("properties.group") {
        Lookup::Unknown(unknown) => {
            let why = format!("cannot be told: {unknown}");
            let finding = Finding::at(member, path, why).verdict(Verdict::Undetermined);
            return out.push(finding.stamps(of.clone()));
        }
        Lookup::Known(group) if group.as_str() != Some("") => return,
        Lookup::Known(_) => "`group` is empty",
        Lookup::Absent => "`group` is missing",
    };
    let message = format!("fleet member `{}` is in no update group: {why}", member.name());
    out.push(Finding::at(member, path, message).label(why).about(member).stamps(of.clone()));
}
