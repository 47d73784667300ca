//! Resource ids that may be partly unknown, and whether two of them mean one resource.

use crate::tree::{Kind, Part, Value};

/// An id in segments; a segment of which a part is not known matches what its known text allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Id {
    segments: Vec<Segment>,
}

/// A segment as known text between unknown pieces; one piece of text is a known segment.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Segment(Vec<Option<String>>);

/// Whether two ids mean one resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Same {
    /// They do not.
    No,
    /// They may: nothing known differs.
    Maybe,
    /// They do.
    Yes,
}

impl Id {
    /// Reads an id from a value. None for what is no string, or is wholly unknown.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let mut pieces: Vec<Option<&str>> = Vec::new();
        match &value.kind {
            Kind::String(text) => pieces.push(Some(text)),
            Kind::Parts(parts) => pieces.extend(parts.iter().map(|p| match p {
                Part::Text(text) => Some(text.as_str()),
                Part::Unknown(_) => None,
            })),
            _ => return None,
        }
        let mut segments = vec![Segment(Vec::new())];
        for piece in pieces {
            let Some(text) = piece else {
                if let Some(last) = segments.last_mut() {
                    last.0.push(None);
                }
                continue;
            };
            for (i, part) in text.split('/').enumerate() {
                if i > 0 {
                    segments.push(Segment(Vec::new()));
                }
                if let (Some(last), false) = (segments.last_mut(), part.is_empty()) {
                    last.0.push(Some(part.to_ascii_lowercase()));
                }
            }
        }
        segments.retain(|s| !s.0.is_empty());
        Some(Self { segments })
    }

    /// The known text of the last segment: the resource's own name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.segments.last().and_then(Segment::known)
    }

    /// The known text of the segment after a word: `virtualNetworks` gives the network's name.
    #[must_use]
    pub fn after(&self, word: &str) -> Option<&str> {
        let at = self.segments.iter().rposition(|s| s.known().is_some_and(|k| k.eq_ignore_ascii_case(word)))?;
        self.segments.get(at + 1).and_then(Segment::known)
    }

    /// The type and the names, in lower case: `microsoft.network/virtualnetworks/subnets` and `vnet/nodes`. None where a
    /// part of them is not known, or the id is no resource's.
    #[must_use]
    pub fn type_and_names(&self) -> Option<(String, String)> {
        let at = self.segments.iter().rposition(|s| s.known() == Some("providers"))?;
        let rest: Option<Vec<&str>> = self.segments.get(at + 1..)?.iter().map(Segment::known).collect();
        let rest = rest?;
        let (namespace, pairs) = rest.split_first()?;
        if pairs.is_empty() || pairs.len() % 2 != 0 {
            return None;
        }
        let every_other = |from: usize| pairs.iter().skip(from).step_by(2).copied().collect::<Vec<_>>().join("/");
        Some((format!("{namespace}/{}", every_other(0)), every_other(1)))
    }

    /// Whether two ids mean one resource: segment by segment, from the end where one of them begins with an unknown piece
    /// (a resource's whole id without its name).
    #[must_use]
    pub fn same(&self, other: &Self) -> Same {
        let open = |id: &Self| id.segments.first().is_some_and(|s| s.known().is_none());
        if self.segments.len() != other.segments.len() && !open(self) && !open(other) {
            return Same::No;
        }
        let mut verdict = if self.segments.len() == other.segments.len() { Same::Yes } else { Same::Maybe };
        for (a, b) in self.segments.iter().rev().zip(other.segments.iter().rev()) {
            verdict = verdict.min(a.same(b));
        }
        verdict
    }
}

impl Segment {
    fn known(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Some(text)] => Some(text),
            _ => None,
        }
    }

    fn same(&self, other: &Self) -> Same {
        match (self.known(), other.known()) {
            (Some(a), Some(b)) => {
                if a == b {
                    Same::Yes
                } else {
                    placeholder(a, b)
                }
            }
            (Some(known), None) => other.allows(known),
            (None, Some(known)) => self.allows(known),
            (None, None) => Same::Maybe,
        }
    }

    /// Whether the known beginning and end fit a text.
    fn allows(&self, text: &str) -> Same {
        let begins = self.0.first().and_then(Option::as_deref).is_none_or(|s| text.starts_with(s));
        let ends = self.0.last().and_then(Option::as_deref).is_none_or(|s| text.ends_with(s));
        if begins && ends { Same::Maybe } else { Same::No }
    }
}

/// Placeholders match any text: somebody is to replace them.
fn placeholder(a: &str, b: &str) -> Same {
    let is = |s: &str| (s.starts_with('<') && s.ends_with('>')) || (s.starts_with('[') && s.ends_with(']'));
    if is(a) || is(b) || a == "00000000-0000-0000-0000-000000000000" || b == "00000000-0000-0000-0000-000000000000" {
        Same::Maybe
    } else {
        Same::No
    }
}

/// Whether two id values mean one resource. Wholly unknown ones may.
#[must_use]
pub fn same_id(a: &Value, b: &Value) -> Same {
    match (Id::of(a), Id::of(b)) {
        (Some(a), Some(b)) => a.same(&b),
        _ if a.as_unknown().is_some() || b.as_unknown().is_some() => Same::Maybe,
        _ => Same::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::tree::{Reason, Unknown, WaitsFor};

    fn id(text: &str) -> Value {
        let parts = text.split('?').map(|t| Part::Text(t.into()));
        let mut all = Vec::new();
        for part in parts {
            if !all.is_empty() {
                all.push(Part::Unknown(std::sync::Arc::new(Unknown::new(Reason::Context, WaitsFor::Nothing))));
            }
            all.push(part);
        }
        Value::new(Kind::Parts(all.into()), Span::NONE)
    }

    #[test]
    fn known_text_decides() {
        let subnet =
            "/subscriptions/?/resourceGroups/?/providers/Microsoft.Network/virtualNetworks/vnet-1/subnets/nodes";
        for (other, wanted) in [
            (subnet, Same::Maybe),
            (
                "/subscriptions/a/resourceGroups/rg/providers/microsoft.network/virtualnetworks/VNET-1/subnets/nodes",
                Same::Maybe,
            ),
            (
                "/subscriptions/a/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-2/subnets/nodes",
                Same::No,
            ),
            ("?/subnets/nodes", Same::Maybe),
            ("?/subnets/pods", Same::No),
        ] {
            assert_eq!(same_id(&id(subnet), &id(other)), wanted, "{other}");
        }
        assert_eq!(same_id(&id("/a/b"), &id("/A/B")), Same::Yes);
    }
}
