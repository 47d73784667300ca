//! Which resources a patch or replacement means: anchored regular expressions over group, version, kind, name and
//! namespace, and selectors over labels and annotations.

use regex::Regex;

use super::fail::{Failure, Outcome};
use super::id::{Gvk, ResId};
use super::resource::Resource;
use super::texts::Texts;
use crate::source::Span;
use crate::tree::{Text, Value};

/// A pattern that must match all of a text; nothing matches everything.
#[derive(Clone, Debug)]
enum Pattern {
    Any,
    /// No character of it is special.
    Literal(Text),
    Regex(Box<Regex>),
}

impl Pattern {
    fn read(value: Option<&Value>) -> Outcome<Self> {
        let Some((text, span)) = value.and_then(|v| Some((v.as_str()?, v.span))) else {
            return Ok(Self::Any);
        };
        if text.is_empty() {
            return Ok(Self::Any);
        }
        if text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/')) {
            return Ok(Self::Literal(text.into()));
        }
        Regex::new(&format!("^(?:{text})$"))
            .map(|regex| Self::Regex(Box::new(regex)))
            .map_err(|_| Failure::new(span, format!("`{text}` is no valid regular expression")))
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => literal == text,
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// A `target`, `select` or `reject`.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// Where it is written.
    pub span: Span,
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

impl Selector {
    pub fn read(value: &Value) -> Outcome<Self> {
        let part = |key: &str| Pattern::read(value.get_ci(key));
        Ok(Self {
            span: value.span,
            group: part("group")?,
            version: part("version")?,
            kind: part("kind")?,
            name: part("name")?,
            namespace: part("namespace")?,
            labels: requirements(value.get_ci("labelSelector"))?,
            annotations: requirements(value.get_ci("annotationSelector"))?,
        })
    }

    /// Whether it means a resource, by its name and namespace now or as it began.
    pub fn selects(&self, resource: &Resource, texts: &Texts) -> bool {
        let now = resource.id(texts);
        let began = resource.original_id(texts);
        let either = |pattern: &Pattern, one: &str, other: &str| pattern.matches(one) || pattern.matches(other);
        either(&self.namespace, began.effective_namespace(), now.effective_namespace())
            && either(&self.name, &began.name, &now.name)
            && self.is_kind(&now.gvk)
            && self.has_words(resource, texts)
    }

    /// Whether it means an id, with the namespace as written.
    pub fn is_id(&self, id: &ResId) -> bool {
        self.is_kind(&id.gvk) && self.name.matches(&id.name) && self.namespace.matches(&id.namespace)
    }

    fn is_kind(&self, gvk: &Gvk) -> bool {
        self.group.matches(&gvk.group) && self.version.matches(&gvk.version) && self.kind.matches(&gvk.kind)
    }

    /// Whether labels and annotations are as it wants them.
    pub fn has_words(&self, resource: &Resource, texts: &Texts) -> bool {
        let hold = |wanted: &[Requirement], key: &str| {
            wanted.is_empty() || {
                let words = resource.words(key, texts);
                wanted.iter().all(|r| r.holds(&words))
            }
        };
        hold(&self.labels, "labels") && hold(&self.annotations, "annotations")
    }

    /// Whether it says anything of an id.
    pub fn names_an_id(&self) -> bool {
        ![&self.group, &self.version, &self.kind, &self.name, &self.namespace].iter().all(|p| matches!(p, Pattern::Any))
    }

    /// Whether it says anything of labels or annotations.
    pub fn names_words(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }
}

/// One part of a label selector.
#[derive(Clone, Debug)]
struct Requirement {
    key: Text,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Exists,
    Absent,
    In(Vec<Text>),
    NotIn(Vec<Text>),
    Above(i64),
    Below(i64),
}

impl Requirement {
    fn holds(&self, words: &[(Text, Text)]) -> bool {
        let held = words.iter().find(|(k, _)| *k == self.key).map(|(_, v)| v);
        match (&self.test, held) {
            (Test::Exists, held) => held.is_some(),
            (Test::Absent, held) => held.is_none(),
            (Test::In(values), Some(held)) => values.contains(held),
            (Test::NotIn(values), Some(held)) => !values.contains(held),
            (Test::NotIn(_), None) => true,
            (Test::Above(n), Some(held)) => held.parse::<i64>().is_ok_and(|h| h > *n),
            (Test::Below(n), Some(held)) => held.parse::<i64>().is_ok_and(|h| h < *n),
            (Test::In(_) | Test::Above(_) | Test::Below(_), None) => false,
        }
    }
}

/// Reads `a=b,c!=d,e in (f,g),!h`.
fn requirements(value: Option<&Value>) -> Outcome<Vec<Requirement>> {
    let Some((text, span)) = value.and_then(|v| Some((v.as_str()?, v.span))) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for part in parts(text) {
        let part = part.trim();
        if part.is_empty() {
            if text.trim().is_empty() {
                break;
            }
            return Err(invalid(text, span));
        }
        found.push(requirement(part).ok_or_else(|| invalid(text, span))?);
    }
    Ok(found)
}

fn invalid(text: &str, span: Span) -> Failure {
    Failure::new(span, format!("`{text}` is no valid selector"))
}

/// Splits at commas that are not in parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut begin, mut depth) = (0, 0i32);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text.get(begin..at).unwrap_or_default());
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(text.get(begin..).unwrap_or_default());
    found
}

fn requirement(part: &str) -> Option<Requirement> {
    let made = |key: &str, test| {
        let key = key.trim();
        (!key.is_empty() && !key.contains([' ', '(', ')'])).then(|| Requirement { key: key.into(), test })
    };
    if let Some(key) = part.strip_prefix('!') {
        return made(key, Test::Absent);
    }
    let set = |list: &str| -> Option<Vec<Text>> {
        let inner = list.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(inner.split(',').map(|v| v.trim().into()).collect())
    };
    let words: Vec<&str> = part.splitn(2, char::is_whitespace).collect();
    if let [key, rest] = words.as_slice() {
        let rest = rest.trim();
        if let Some(list) = rest.strip_prefix("notin") {
            return made(key, Test::NotIn(set(list)?));
        }
        if let Some(list) = rest.strip_prefix("in") {
            return made(key, Test::In(set(list)?));
        }
    }
    let one = |value: &str| vec![Text::from(value.trim())];
    if let Some((key, value)) = part.split_once("!=") {
        return made(key, Test::NotIn(one(value)));
    }
    if let Some((key, value)) = part.split_once("==") {
        return made(key, Test::In(one(value)));
    }
    if let Some((key, value)) = part.split_once('=') {
        return made(key, Test::In(one(value)));
    }
    if let Some((key, value)) = part.split_once('>') {
        return made(key, Test::Above(value.trim().parse().ok()?));
    }
    if let Some((key, value)) = part.split_once('<') {
        return made(key, Test::Below(value.trim().parse().ok()?));
    }
    made(part, Test::Exists)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(selector: &str, words: &[(&str, &str)]) -> Option<bool> {
        let value = Value::string(selector, Span::NONE);
        let words: Vec<(Text, Text)> = words.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let parsed = requirements(Some(&value)).ok()?;
        Some(parsed.iter().all(|r| r.holds(&words)))
    }

    #[test]
    fn label_selectors_hold_as_kubernetes_says() {
        for (selector, expected) in [
            ("app=web", Some(true)),
            ("app==web,tier!=back", Some(true)),
            ("app!=web", Some(false)),
            ("other!=web", Some(true)),
            ("app in (web, api)", Some(true)),
            ("app notin (web)", Some(false)),
            ("app", Some(true)),
            ("!app", Some(false)),
            ("!other", Some(true)),
            ("n>3", Some(true)),
            ("n<3", Some(false)),
            ("", Some(true)),
            ("app=web,,", None),
            ("app in web", None),
        ] {
            assert_eq!(holds(selector, &[("app", "web"), ("n", "4")]), expected, "{selector}");
        }
    }

    #[test]
    fn patterns_match_all_of_a_text() {
        let pattern = |text: &str| Pattern::read(Some(&Value::string(text, Span::NONE))).unwrap();
        assert!(pattern("web|api").matches("api"));
        assert!(!pattern("web|api").matches("web-1"));
        assert!(pattern("web.*").matches("web-1"));
        assert!(!pattern("web").matches("web-1"));
        assert!(pattern("").matches("x"));
    }
}
