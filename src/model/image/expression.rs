//! What a regular expression over image references says of the registry: read off its syntax tree.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The host that one branch of an expression admits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostShape {
    /// This host.
    Exact(String),
    /// Any host with this end; what stands before cannot hold a slash.
    Ending(String),
    /// A host that a single `.` of the expression leaves open.
    AnyCharacter(String),
    /// The host is not closed by a slash, or something before the slash may hold one.
    Open(String),
}

/// Branches beyond this are not looked at.
const MOST: usize = 128;

/// Whether every way through an expression begins with `^`.
#[must_use]
pub fn is_anchored(tree: &Hir) -> bool {
    match tree.kind() {
        HirKind::Look(look) => matches!(look, Look::Start),
        HirKind::Capture(capture) => is_anchored(&capture.sub),
        HirKind::Alternation(branches) => branches.iter().all(is_anchored),
        // Of a sequence the first part that is not empty decides.
        HirKind::Concat(parts) => parts.iter().find(|p| !matches!(p.kind(), HirKind::Empty)).is_some_and(is_anchored),
        // What may be left out anchors nothing.
        HirKind::Repetition(repetition) => repetition.min > 0 && is_anchored(&repetition.sub),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => false,
    }
}

/// The hosts that the branches of an expression admit.
#[must_use]
pub fn host_shapes(tree: &Hir) -> Vec<HostShape> {
    expand(tree, vec![Way::default()]).into_iter().map(Way::shape).collect()
}

/// One way through the expression, up to its first slash.
#[derive(Clone, Default)]
struct Way {
    text: String,
    /// Text after the last piece that stands for several characters.
    end: Option<String>,
    any_character: bool,
    open: bool,
    closed: bool,
}

impl Way {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(end) = &mut self.end {
            end.push_str(text);
        }
    }

    fn shape(self) -> HostShape {
        if self.open || !self.closed {
            HostShape::Open(self.text)
        } else if self.any_character {
            HostShape::AnyCharacter(self.text)
        } else {
            self.end.map_or(HostShape::Exact(self.text), HostShape::Ending)
        }
    }
}

fn expand(tree: &Hir, ways: Vec<Way>) -> Vec<Way> {
    let (done, running): (Vec<Way>, Vec<Way>) = ways.into_iter().partition(|w| w.closed || w.open);
    let mut next = match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => running,
        HirKind::Capture(capture) => expand(&capture.sub, running),
        HirKind::Concat(parts) => parts.iter().fold(running, |ways, part| expand(part, ways)),
        HirKind::Alternation(branches) => branches.iter().flat_map(|b| expand(b, running.clone())).take(MOST).collect(),
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0).into_owned();
            each(running, |way| match text.split_once('/') {
                Some((host, _)) => {
                    way.push(host);
                    way.closed = true;
                }
                None => way.push(&text),
            })
        }
        HirKind::Class(class) => match one_letter(class) {
            Some(letter) => each(running, |way| way.push(&letter.to_string())),
            None if holds_slash(class) => each(running, |way| {
                way.push(".");
                way.any_character = true;
            }),
            None => each(running, |way| way.end = Some(String::new())),
        },
        HirKind::Repetition(repetition) => {
            let slash = may_hold_slash(&repetition.sub);
            each(running, |way| {
                way.open |= slash;
                way.end = Some(String::new());
            })
        }
    };
    next.extend(done);
    next.truncate(MOST);
    next
}

fn each(mut ways: Vec<Way>, change: impl Fn(&mut Way)) -> Vec<Way> {
    ways.iter_mut().for_each(change);
    ways
}

/// The one letter that a class stands for, whatever its case, in lower case.
fn one_letter(class: &Class) -> Option<char> {
    let letters: Vec<char> = match class {
        Class::Unicode(unicode) => {
            unicode.ranges().iter().filter(|r| r.start() == r.end()).map(|r| r.start()).collect()
        }
        Class::Bytes(bytes) => {
            bytes.ranges().iter().filter(|r| r.start() == r.end()).map(|r| char::from(r.start())).collect()
        }
    };
    let ranges = match class {
        Class::Unicode(unicode) => unicode.ranges().len(),
        Class::Bytes(bytes) => bytes.ranges().len(),
    };
    let first = letters.first()?.to_ascii_lowercase();
    // Under `(?i)` some letters have a third form (the Kelvin sign).
    let same = letters.iter().filter(|l| l.is_ascii()).all(|l| l.to_ascii_lowercase() == first);
    (letters.len() == ranges && same).then_some(first)
}

fn holds_slash(class: &Class) -> bool {
    match class {
        Class::Unicode(unicode) => unicode.ranges().iter().any(|r| r.start() <= '/' && '/' <= r.end()),
        Class::Bytes(bytes) => bytes.ranges().iter().any(|r| r.start() <= b'/' && b'/' <= r.end()),
    }
}

fn may_hold_slash(tree: &Hir) -> bool {
    match tree.kind() {
        HirKind::Class(class) => holds_slash(class),
        HirKind::Literal(literal) => literal.0.contains(&b'/'),
        HirKind::Repetition(repetition) => may_hold_slash(&repetition.sub),
        HirKind::Capture(capture) => may_hold_slash(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(may_hold_slash),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_anchored;

    #[test]
    fn every_branch_is_anchored() {
        for (text, wanted) in [
            (r"^contoso\.azurecr\.io/.+$", true),
            (r"contoso\.azurecr\.io/.+$", false),
            (r"^a\.io/.+|b\.io/.+$", false),
            (r"^(a|b)\.io/.+$", true),
            (r"(^a\.io/|^b\.io/).+", true),
            (r"(^a\.io/|b\.io/).+", false),
            (r"(^a\.io/)?.+", false),
            ("(?:^|x)a", false),
            (".*^a", false),
            ("^^a", true),
            ("(?i)^a", true),
            (r"\Aa", true),
        ] {
            assert_eq!(is_anchored(&regex_syntax::parse(text).unwrap()), wanted, "{text}");
        }
    }
}
