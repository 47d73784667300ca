//! Which template a parameter file belongs to: by what it says, by what deploys it, by what templates declare, by name.

use super::commands::Command;
use super::words::{numbers, shape};
use crate::source::parent;
use crate::tree::Text;

/// A template that may be deployed.
#[derive(Clone, Debug)]
pub struct Candidate<'f> {
    /// Its path.
    pub path: &'f str,
    /// Its parameters.
    pub parameters: &'f [Text],
    /// Whether no other template calls it.
    pub root: bool,
}

/// What a parameter file goes with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The template.
    pub template: String,
    /// Why, for people.
    pub why: String,
    /// Something to be said about the choice.
    pub note: Option<String>,
}

/// A command with the file that holds it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'f> {
    /// The workflow or script.
    pub path: &'f str,
    /// The command.
    pub command: &'f Command,
}

/// A parameter file.
#[derive(Clone, Copy, Debug)]
pub struct Given<'f> {
    /// Its path.
    pub path: &'f str,
    /// What it names.
    pub template: Option<(&'f str, &'static str)>,
    /// Its parameters.
    pub names: &'f [Text],
}

/// What names a template in a `.bicepparam`.
pub const USING: &str = "its `using`";

/// From how many parameters on a template that others call is known by declaring them all.
const ENOUGH_NAMES: usize = 3;

/// Finds the template of a parameter file.
#[must_use]
pub fn pair(given: Given<'_>, candidates: &[Candidate<'_>], told: &[Told<'_>]) -> Option<Pair> {
    let found = |path: &str, why: String| Pair { template: path.to_owned(), why, note: None };
    if let Some((template, why)) = given.template {
        let of = |path: &str| candidates.iter().find(|c| c.path == path);
        if let Some(named) = of(template) {
            return Some(found(named.path, format!("{why} names the template")));
        }
        // Metadata may speak from the root, as the tools that read it do.
        let folder = parent(given.path);
        let from_root = (why != USING)
            .then(|| template.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')))
            .flatten()
            .and_then(of)?;
        return Some(found(from_root.path, format!("{why} names the template, from the root")));
    }
    for Told { path, command } in told {
        if command_takes(command, given.path)
            && let Some(template) = command_template(command, candidates)
        {
            return Some(found(template.path, format!("`{path}` deploys them together")));
        }
    }
    let declaring: Vec<&Candidate<'_>> = candidates
        .iter()
        .filter(|c| c.root && !given.names.is_empty() && declares(c.parameters, given.names))
        .collect();
    match declaring.as_slice() {
        [] => {}
        [one] => return Some(found(one.path, "it alone declares all the parameters".to_owned())),
        several => {
            if let Some(one) = by_name(given.path, several.iter().copied()) {
                return Some(found(one.path, "it declares all the parameters, and has the name".to_owned()));
            }
            if let Some(newest) = newest(given.path, several) {
                return Some(newest);
            }
        }
    }
    let roots: Vec<&Candidate<'_>> = candidates.iter().filter(|c| c.root).collect();
    by_name(given.path, roots.iter().copied())
        .or_else(|| by_name(given.path, candidates.iter()))
        .map(|one| found(one.path, "it has the name".to_owned()))
        .or_else(|| newest_named(given.path, &roots))
        .or_else(|| {
            let one = called(given, candidates)?;
            Some(found(one.path, "it alone declares all the parameters, though other templates call it".to_owned()))
        })
        .or_else(|| {
            let one = beside(given, candidates)?;
            Some(found(one.path, "it is the only template beside it, and declares most of the parameters".to_owned()))
        })
}

/// The only template that declares all of several parameters, when others call it: samples call what is deployed.
fn called<'c, 'f>(given: Given<'_>, candidates: &'c [Candidate<'f>]) -> Option<&'c Candidate<'f>> {
    if given.names.len() < ENOUGH_NAMES {
        return None;
    }
    let mut all = candidates.iter().filter(|c| declares(c.parameters, given.names));
    all.next().filter(|_| all.next().is_none())
}

/// The only template in the folder, if most of the parameters are its own: then the others are mistakes.
fn beside<'c, 'f>(given: Given<'_>, candidates: &'c [Candidate<'f>]) -> Option<&'c Candidate<'f>> {
    let mut here = candidates.iter().filter(|c| c.root && parent(c.path) == parent(given.path));
    let one = here.next().filter(|_| here.next().is_none())?;
    let declared = given.names.iter().filter(|n| declares(one.parameters, std::slice::from_ref(n)));
    (declared.count() * 2 > given.names.len()).then_some(one)
}

/// Whether a command takes a parameter file.
#[must_use]
pub fn command_takes(command: &Command, path: &str) -> bool {
    taken_as(command, path).is_some()
}

/// Which of a command's parameter files, as it writes them, a path is.
fn taken_as(command: &Command, path: &str) -> Option<usize> {
    let is = |written: &String| says_something(written) && command.paths(written).any(|p| matches(&p, path));
    command.parameters.iter().position(is)
}

/// Whether a command takes two parameter files, each in a place of its own.
#[must_use]
pub fn takes_both(command: &Command, one: &str, other: &str) -> bool {
    match (taken_as(command, one), taken_as(command, other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// Whether a written path is more than what variables hold.
fn says_something(written: &str) -> bool {
    let name = written.trim_end_matches(".jsonc").trim_end_matches(".json").trim_end_matches(".bicepparam");
    let name = name.trim_end_matches(".parameters");
    name.chars().any(char::is_alphanumeric)
}

/// The template of a command.
#[must_use]
pub fn command_template<'c, 'f>(command: &Command, candidates: &'c [Candidate<'f>]) -> Option<&'c Candidate<'f>> {
    if command.template.is_empty() {
        return None;
    }
    let all: Vec<String> = command.paths(&command.template).collect();
    all.iter().find_map(|pattern| candidates.iter().find(|c| matches(pattern, c.path)))
}

/// Whether a path fits a pattern whose only sign is `*`, which stands for anything.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// Whether a template declares all that a parameter file gives.
#[must_use]
pub fn declares_all(candidate: &Candidate<'_>, given: &Given<'_>) -> bool {
    !given.names.is_empty() && declares(candidate.parameters, given.names)
}

fn declares(declared: &[Text], names: &[Text]) -> bool {
    names.iter().all(|n| declared.iter().any(|d| d.eq_ignore_ascii_case(n)))
}

/// The newest of templates that are versions of one another: of those with the file's name, else of all.
fn newest(path: &str, candidates: &[&Candidate<'_>]) -> Option<Pair> {
    let wanted = template_stem(path);
    let named: Vec<&Candidate<'_>> =
        candidates.iter().copied().filter(|c| unversioned(stem(c.path)).eq_ignore_ascii_case(&wanted)).collect();
    let kin = if named.is_empty() { candidates } else { &named };
    let first = kin.first()?;
    let versions = |c: &Candidate<'_>| unversioned(c.path) == unversioned(first.path) && unversioned(c.path) != c.path;
    if !kin.iter().all(|c| versions(c)) {
        return None;
    }
    let version =
        |c: &Candidate<'_>| -> Vec<u64> { numbers(c.path).1.iter().map(|n| n.parse().unwrap_or(u64::MAX)).collect() };
    let newest = kin.iter().max_by_key(|c| version(c))?;
    let note = format!("`{path}` is taken with `{}`, the newest of {} versions", newest.path, kin.len());
    Some(Pair {
        template: newest.path.to_owned(),
        why: "it is the newest version that declares all the parameters".to_owned(),
        note: (kin.len() > 1).then_some(note),
    })
}

/// The same by name alone: some parameter is not declared by any version.
fn newest_named(path: &str, candidates: &[&Candidate<'_>]) -> Option<Pair> {
    let wanted = template_stem(path);
    let named: Vec<&Candidate<'_>> =
        candidates.iter().copied().filter(|c| unversioned(stem(c.path)).eq_ignore_ascii_case(&wanted)).collect();
    let found = newest(path, &named)?;
    Some(Pair { why: "it is the newest version of the name".to_owned(), ..found })
}

/// A name without its version: `hub` of `hub.v1.1`, `hub-v2`, `hub.2024-01`.
fn unversioned(name: &str) -> String {
    let (key, _) = numbers(name);
    let mut kept = String::new();
    let mut part = String::new();
    for c in key.chars().chain(['.']) {
        if c.is_alphanumeric() || c == '\u{3}' {
            part.push(c);
            continue;
        }
        let number = part.contains('\u{3}') && part.trim_start_matches('v').chars().all(|c| c == '\u{3}');
        if number {
            kept.truncate(kept.trim_end_matches(is_mark).len());
        } else {
            kept.push_str(&part);
        }
        kept.push(c);
        part.clear();
    }
    kept.trim_end_matches(is_mark).to_owned()
}

/// The one template that is called as the parameter file is, the nearer the better.
fn by_name<'c, 'f: 'c>(
    path: &str,
    candidates: impl Iterator<Item = &'c Candidate<'f>> + Clone,
) -> Option<&'c Candidate<'f>> {
    let mut wanted = template_stem(path);
    loop {
        if let Some(found) = by_stem(path, &wanted, candidates.clone()) {
            return Some(found);
        }
        // `main.audit.json` may be what an audit gives `main`.
        let at = wanted.rfind('.')?;
        wanted.truncate(at);
    }
}

fn by_stem<'c, 'f: 'c>(
    path: &str,
    wanted: &str,
    candidates: impl Iterator<Item = &'c Candidate<'f>> + Clone,
) -> Option<&'c Candidate<'f>> {
    let mut dir = parent(path);
    loop {
        let here: Vec<_> =
            candidates.clone().filter(|c| parent(c.path) == dir && stem(c.path).eq_ignore_ascii_case(wanted)).collect();
        match here.as_slice() {
            [] => {}
            [one] => return Some(one),
            // Bicep beside its compiled form, or one of each.
            several => return several.iter().copied().find(|c| c.path.ends_with(".bicep")),
        }
        if dir.is_empty() {
            break;
        }
        dir = parent(dir);
    }
    // `params/main.prod.json` beside `templates/main.bicep`.
    let mut anywhere = candidates.filter(|c| stem(c.path).eq_ignore_ascii_case(wanted));
    match (anywhere.next(), anywhere.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// The stem of the template that a parameter file's name speaks of: `main` of `main.parameters.eastus2.json`.
fn template_stem(path: &str) -> String {
    let stem = stem(path);
    // A text template of the file.
    let stem = [".tmpl", ".tpl", ".template"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let lower = stem.to_ascii_lowercase();
    for mark in [".param", "-param", "_param"] {
        if let Some(at) = lower.find(mark) {
            return shape(stem.get(..at).unwrap_or_default()).key.trim_matches(is_mark).to_owned();
        }
    }
    shape(stem).key.trim_matches(is_mark).to_owned()
}

fn is_mark(c: char) -> bool {
    c.is_control() || matches!(c, '.' | '-' | '_')
}

/// A file's name without its ending.
#[must_use]
pub fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<Text> {
        names.iter().map(|n| Text::from(*n)).collect()
    }

    #[test]
    fn what_commands_take() {
        let command = |parameters: &[&str]| Command {
            template: "main.bicep".to_owned(),
            parameters: parameters.iter().map(|p| (*p).to_owned()).collect(),
            folders: vec![String::new()],
            ..Command::default()
        };
        for (parameters, path, takes) in [
            (&["p.json"][..], "p.json", true),
            (&["*"], "p.json", false),
            (&["*/*.json"], "a/p.json", false),
            (&["**.parameters.json"], "a/p.parameters.json", false),
            (&["params/*.json"], "params/p.json", true),
        ] {
            assert_eq!(command_takes(&command(parameters), path), takes, "{parameters:?} {path}");
        }
        let two = command(&["base.json", "p.*.json"]);
        assert!(takes_both(&two, "base.json", "p.eastus2.json"));
        assert!(!takes_both(&two, "p.eastus2.json", "p.westus.json"));
    }

    #[test]
    fn named_by_metadata_or_called_by_others() {
        let names = texts(&["a", "b", "c"]);
        let few = texts(&["a"]);
        let one = |path, root| Candidate { path, parameters: &names, root };
        let of = |template, names| {
            let given = Given { path: "deep/p.json", template, names };
            pair(given, &[one("bicep/main.bicep", false)], &[]).map(|p| p.template)
        };
        let metadata = |path| Some((path, "its `metadata.template`"));
        assert_eq!(of(metadata("deep/bicep/main.bicep"), &few).as_deref(), Some("bicep/main.bicep"));
        assert_eq!(of(metadata("deep/other.bicep"), &few), None);
        assert_eq!(of(Some(("deep/bicep/main.bicep", USING)), &few), None);
        assert_eq!(of(None, &names).as_deref(), Some("bicep/main.bicep"));
        assert_eq!(of(None, &few), None);
    }

    fn paired(path: &str, names: &[&str], templates: &[(&str, &[&str])]) -> Option<String> {
        let parameters: Vec<Vec<Text>> = templates.iter().map(|(_, p)| texts(p)).collect();
        let candidates: Vec<Candidate<'_>> = templates
            .iter()
            .zip(&parameters)
            .map(|((path, _), parameters)| Candidate { path, parameters, root: true })
            .collect();
        let names = texts(names);
        let given = Given { path, template: None, names: &names };
        pair(given, &candidates, &[]).map(|p| p.template)
    }

    #[test]
    fn by_declared_names_then_by_name() {
        let cases: &[(&str, &[&str], &[(&str, &[&str])], Option<&str>)] = &[
            ("x.json", &["A"], &[("a.bicep", &["a", "b"]), ("b.bicep", &["c"])], Some("a.bicep")),
            (
                "n/hub.parameters.eastus2.json",
                &["a"],
                &[("n/hub.v1.bicep", &["a"]), ("n/hub.v1.1.bicep", &["a", "b"])],
                Some("n/hub.v1.1.bicep"),
            ),
            (
                "main.parameters.json",
                &["location"],
                &[("main.bicep", &["location"]), ("other.bicep", &["location"])],
                Some("main.bicep"),
            ),
            ("main.prod.json", &["typo"], &[("main.bicep", &["a"]), ("b.bicep", &["a"])], Some("main.bicep")),
            ("params/main.json", &[], &[("infra/main.bicep", &["a"])], Some("infra/main.bicep")),
            ("a/main.json", &[], &[("main.bicep", &[]), ("a/main.bicep", &[])], Some("a/main.bicep")),
            ("x.json", &["z"], &[("a.bicep", &["a"])], None),
            ("p/a.audit.params.json", &["x"], &[("a.bicep", &["x"]), ("b.bicep", &["x"])], Some("a.bicep")),
            ("c/out.tmpl.json", &["z"], &[("t/out.bicep", &["a"]), ("t/a.bicep", &["a"])], Some("t/out.bicep")),
        ];
        for (path, names, templates, expected) in cases {
            assert_eq!(paired(path, names, templates).as_deref(), *expected, "{path}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, path, fits) in [
            ("a.json", "a.json", true),
            ("a.json", "b.json", false),
            ("p.*.json", "p.eastus2.json", true),
            ("p.*.json", "p.json", false),
            ("*/p.json", "x/p.json", true),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "axc", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }
}
