//! The ways into each stamp as a text diagram, with what guards each.
//!
//! Stamps whose ways are alike share one diagram: what matters is which stamp differs.

use std::fmt::Write as _;

use crate::model::ways::{Guard, Spot, Way};

/// The ways into one stamp.
#[derive(Clone, Debug)]
pub struct StampWays {
    /// The stamp's name.
    pub stamp: String,
    /// Its ways in.
    pub ways: Vec<Way>,
}

/// What the drawing has to know beside the ways.
pub struct Drawing<'a> {
    /// What stands in front of all stamps, in words.
    pub front: &'a str,
    /// A place as `file:line:column`; empty for what lies in no file.
    pub place: &'a dyn Fn(&Spot) -> String,
    /// Whether lines may be drawn with characters beyond ASCII.
    pub unicode: bool,
}

impl std::fmt::Debug for Drawing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drawing").field("front", &self.front).field("unicode", &self.unicode).finish_non_exhaustive()
    }
}

/// Draws the ways of all stamps.
#[must_use]
pub fn draw(stamps: &[StampWays], drawing: &Drawing<'_>) -> String {
    let mut drawn: Vec<(Vec<&str>, String)> = Vec::new();
    for stamp in stamps {
        let text = one(&stamp.ways, drawing);
        match drawn.iter_mut().find(|(_, other)| *other == text) {
            Some((names, _)) => names.push(&stamp.stamp),
            None => drawn.push((vec![&stamp.stamp], text)),
        }
    }
    let mut out = String::new();
    for (i, (names, text)) in drawn.iter().enumerate() {
        let gap = if i > 0 { "\n" } else { "" };
        let _ = writeln!(out, "{gap}{}", names.join(", "));
        out.push_str(text);
    }
    out
}

fn one(ways: &[Way], drawing: &Drawing<'_>) -> String {
    let (branch, last, pipe, arrow) =
        if drawing.unicode { ("├─ ", "└─ ", "│  ", " → ") } else { ("|- ", "`- ", "|  ", " -> ") };
    let mut text = format!("  {}\n", drawing.front);
    if ways.is_empty() {
        let _ = writeln!(text, "  {last}no public way in");
    }
    for (i, way) in ways.iter().enumerate() {
        let is_last = i + 1 == ways.len();
        let steps: Vec<&str> = way.steps.iter().map(|s| s.noun.as_str()).collect();
        let _ = writeln!(text, "  {}{}", if is_last { last } else { branch }, steps.join(arrow));
        let (word, why, spot) = verdict(way);
        let below = if is_last { "   " } else { pipe };
        let _ = writeln!(text, "  {below}{word:8} {why}");
        let place = spot.map(drawing.place).unwrap_or_default();
        if !place.is_empty() {
            let _ = writeln!(text, "  {below}{:8} {place}", "");
        }
    }
    text
}

fn verdict(way: &Way) -> (&'static str, String, Option<&Spot>) {
    match &way.guard {
        Guard::Refuses => {
            let by = way.guarded_by.as_deref().unwrap_or("a layer on the way");
            ("guarded", format!("by {by}, which turns away other ids"), None)
        }
        Guard::Lets(hole) => ("open", hole.why.clone(), Some(&hole.spot)),
        Guard::Unclear(spot, why) => ("unknown", why.clone(), Some(spot)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ways::Step;

    fn way(steps: &[&str], guarded_by: &str) -> Way {
        Way {
            steps: steps.iter().map(|noun| Step { noun: (*noun).to_owned() }).collect(),
            guard: Guard::Refuses,
            guarded_by: Some(guarded_by.to_owned()),
        }
    }

    #[test]
    fn stamps_that_are_alike_share_a_diagram() {
        let alike = || vec![way(&["gateway `agw`", "listener `https`"], "WAF policy `waf`")];
        let stamps = [
            StampWays { stamp: "eastus2".to_owned(), ways: alike() },
            StampWays { stamp: "westeurope".to_owned(), ways: Vec::new() },
            StampWays { stamp: "centralus".to_owned(), ways: alike() },
        ];
        let place = |_: &Spot| String::new();
        let drawn = draw(&stamps, &Drawing { front: "Front Door", place: &place, unicode: false });
        let expected = "\
eastus2, centralus
  Front Door
  `- gateway `agw` -> listener `https`
     guarded  by WAF policy `waf`, which turns away other ids

westeurope
  Front Door
  `- no public way in
";
        assert_eq!(drawn, expected);
    }
}
