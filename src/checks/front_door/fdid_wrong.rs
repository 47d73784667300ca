//! `fdid-wrong`: the id that is compared with is this fleet's Front Door's.

use std::collections::BTreeMap;

use crate::model::ways::header::is_guid;
use crate::model::ways::{Compared, compared, front_door};
use crate::model::{Existence, StampSet};
use crate::rule::{Finding, Findings, FleetCx, Place, Verdict};
use crate::tree::{Kind, Reason};

/// Judges the ids of all stamps.
pub fn check(cx: &FleetCx<'_>, out: &mut Findings) {
    if !front_door::is_behind(cx.fleet) {
        return;
    }
    let declared: Vec<&str> = cx.fleet.facts.front_door.ids.iter().filter_map(|v| v.as_str()).collect();
    let by_stamp: Vec<(usize, Vec<Compared>)> =
        cx.fleet.stamps.iter().map(|s| (s.index, compared(&s.inventory))).collect();
    let norm = norm(&by_stamp);
    for (stamp, values) in &by_stamp {
        for value in values {
            match judge(value, &declared, norm.as_deref()) {
                Judged::Right => {}
                Judged::Wrong(why) => {
                    let message = format!("the id that requests are held against {why}");
                    let finding = Finding::at(&value.spot.resource, value.spot.path.clone(), message)
                        .label(why)
                        .stamps(StampSet::one(*stamp))
                        .help("Take the id from the profile's `frontDoorId`, or declare it as `frontDoor.id` in the config");
                    let may = matches!(value.spot.resource.existence, Existence::MayExist(_));
                    out.push(if may { finding.verdict(Verdict::Possible) } else { finding });
                }
                Judged::Unknown(why) => {
                    let place = Place::at(&value.spot.resource, value.spot.path.clone());
                    out.push(
                        Finding::new(place, format!("cannot be told: {why}"))
                            .verdict(Verdict::Undetermined)
                            .stamps(StampSet::one(*stamp)),
                    );
                }
            }
        }
    }
}

enum Judged {
    Right,
    Wrong(String),
    Unknown(String),
}

fn judge(value: &Compared, declared: &[&str], norm: Option<&str>) -> Judged {
    let text = match &value.value.kind {
        Kind::String(text) => text.trim(),
        Kind::Unknown(unknown) if unknown.reason == Reason::Placeholder => {
            return Judged::Wrong("is a placeholder".into());
        }
        Kind::Unknown(unknown) => return Judged::Unknown(unknown.to_string()),
        Kind::Parts(_) => return Judged::Unknown("the id is partly unknown".into()),
        _ => return Judged::Wrong("is no text".into()),
    };
    if filled_later(text) {
        return Judged::Unknown(format!("`{text}` is put in later"));
    }
    if !is_guid(text) {
        return Judged::Wrong(format!("is no GUID: `{text}`"));
    }
    if is_example(text) {
        return Judged::Wrong(format!("is an example: `{text}`"));
    }
    if !declared.is_empty() {
        return if declared.iter().any(|d| d.eq_ignore_ascii_case(text)) {
            Judged::Right
        } else {
            Judged::Wrong(format!("is not the fleet's: `{text}`"))
        };
    }
    match norm {
        Some(norm) if !norm.eq_ignore_ascii_case(text) => {
            Judged::Wrong(format!("differs from the other stamps': `{text}`"))
        }
        _ => Judged::Right,
    }
}

/// Whether a pipeline, a chart or Flux puts the value in.
fn filled_later(text: &str) -> bool {
    [("${", "}"), ("{{", "}}"), ("#{", "}"), ("$(", ")"), ("__", "__"), ("%%", "%%")]
        .iter()
        .any(|(open, close)| text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close))
}

/// All digits alike, or in their order: written to be replaced.
fn is_example(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let groups_alike = text.split('-').all(|group| {
        let mut chars = group.chars();
        let first = chars.next();
        chars.all(|c| Some(c) == first)
    });
    let counted: String = digits.iter().take(8).collect();
    groups_alike || counted == "12345678" || digits.iter().rev().take(8).collect::<String>() == "00000000"
}

/// The id that most stamps have, where a declared one is missing; with two the first one's.
fn norm(by_stamp: &[(usize, Vec<Compared>)]) -> Option<String> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (order, (_, values)) in by_stamp.iter().enumerate() {
        let mut own: Vec<String> = values
            .iter()
            .filter_map(|v| v.value.as_str())
            .filter(|t| is_guid(t.trim()))
            .map(|t| t.trim().to_ascii_lowercase())
            .collect();
        own.sort();
        own.dedup();
        for id in own {
            counts.entry(id).or_insert((0, order)).0 += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, (count, order))| (*count, std::cmp::Reverse(*order))).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_and_marks() {
        for text in [
            "00000000-0000-0000-0000-000000000000",
            "11111111-2222-3333-4444-555555555555",
            "12345678-1234-1234-1234-123456789012",
        ] {
            assert!(is_example(text), "{text}");
        }
        assert!(!is_example("421a1e5d-ee82-4dd6-b8ed-6cb67285f846"));
        assert!(
            filled_later("${FRONT_DOOR_ID}") && filled_later("#{fdid}#".trim_end_matches('#')) && !filled_later("a")
        );
    }
}
