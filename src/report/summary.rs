//! What was read and inferred: the part of the closing summary that findings do not tell.

/// What a run read. `app` fills it in; counts of findings come from the findings themselves ([`Counts`](super::Counts)).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Files that were read, by class, in the order to be shown: `manifest`, `parameter file`, ...
    pub files: Vec<Counted>,
    /// Resources, each counted in every stamp that holds it.
    pub resources: usize,
    /// Rules that were selected and are on in at least one stamp.
    pub rules: usize,
    /// What was seen and left alone: `chart`, `chart template`, `other YAML file`.
    pub left_alone: Vec<Counted>,
    /// What was inferred, one sentence each, without a full stop.
    pub inferred: Vec<String>,
    /// Whether a baseline was given: findings are new then, or held by it.
    pub compared: bool,
    /// Further sentences, without a full stop.
    pub notes: Vec<String>,
}

/// So many of something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The noun, singular.
    pub what: String,
    /// How many.
    pub count: usize,
}

impl Counted {
    /// So many of something.
    pub fn new(what: impl Into<String>, count: usize) -> Self {
        Self { what: what.into(), count }
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&count(self.count, &self.what))
    }
}

/// `1 manifest`, `2 manifests`, `2 policies`.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{n} {stem}ies"),
        _ => format!("{n} {noun}s"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [before @ .., last] => {
            let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", before.join(", "), last.as_ref())
        }
    }
}
