//! `api-server-open`: a private cluster, or authorized ranges of which none is wide.

use ipnet::IpNet;

use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Kind, Lookup, Path, Unknown, Value};

const PROFILE: &str = "properties.apiServerAccessProfile";
/// Where the ranges stood in API versions before the profile.
const FORMER_RANGES: &str = "properties.apiServerAuthorizedIPRanges";

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let body = &cx.resource.body;
    let private = body.look(&format!("{PROFILE}.enablePrivateCluster"));
    if private.known().and_then(Value::as_bool) == Some(true) {
        return;
    }
    let ranges = format!("{PROFILE}.authorizedIPRanges");
    let (path, ranges) = match body.look(&ranges) {
        Lookup::Absent if !body.look(FORMER_RANGES).is_absent() => {
            (Path::dotted(FORMER_RANGES), body.look(FORMER_RANGES))
        }
        found => (Path::dotted(&ranges), found),
    };
    let judged = judge(cx, &path, ranges);
    // What is not known may make it private; then nothing of the above is certain.
    match (judged, private) {
        (Judged::Holds, _) => {}
        (Judged::Undetermined(unknown), _) => out.undetermined(cx.resource, path, &unknown),
        (Judged::Fails(_), Lookup::Unknown(unknown)) => out.undetermined(cx.resource, path, unknown),
        (Judged::Fails(found), _) => found.into_iter().for_each(|f| out.push(f)),
    }
}

enum Judged {
    Holds,
    Fails(Vec<Finding>),
    Undetermined(Unknown),
}

fn judge(cx: &ResourceCx<'_>, path: &Path, ranges: Lookup<'_>) -> Judged {
    let noun = cx.resource.noun();
    let open = |path: &Path, why: &str| {
        let message = format!("the API server of {noun} is open to the internet: {why}");
        vec![Finding::at(cx.resource, path.clone(), message).label(why)]
    };
    match ranges {
        Lookup::Unknown(unknown) => Judged::Undetermined(unknown.clone()),
        Lookup::Absent => Judged::Fails(open(path, "no authorized ranges, and the cluster is not private")),
        Lookup::Known(list) if list.items().is_empty() => Judged::Fails(open(path, "the authorized ranges are empty")),
        Lookup::Known(list) => {
            let widest = cx.options.int("widest").unwrap_or(8);
            let mut found = Vec::new();
            let mut unknown = None;
            for (i, item) in list.items().iter().enumerate() {
                match &item.kind {
                    Kind::String(text) => {
                        if let Some(length) = text.parse::<IpNet>().ok().map(|n| i64::from(n.prefix_len()))
                            && length < widest
                        {
                            found.extend(open(&path.join(i), &format!("`{text}` is wider than a /{widest}")));
                        }
                    }
                    Kind::Unknown(u) => unknown = Some(u),
                    _ => {}
                }
            }
            match (found.is_empty(), unknown) {
                (false, _) => Judged::Fails(found),
                (true, Some(unknown)) => Judged::Undetermined(Unknown::clone(unknown)),
                (true, None) => Judged::Holds,
            }
        }
    }
}
