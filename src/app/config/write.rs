//! A plan as a config that gives the same plan: what `stamplint init` writes.

use std::fmt::Write as _;

use crate::model::plan::{Deployment, Plan, PlannedPart, PlannedStamp, Taken};
use crate::source::relative_to;

/// What the config is written from.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// Each stamp's region where the config is to say it; none where the parameters say it.
    pub regions: &'p [Option<String>],
    /// The folder of the config, from the root.
    pub dir: &'p str,
    /// Files and folders that no stamp takes, from the root.
    pub left: &'p [String],
}

const HEAD: &str = "\
# What each stamp consists of, as `stamplint init` inferred it: correct it and keep it.
# With a config only what it names is read; whatever else lies here is reported as `unclaimed-file`.
# `stamplint stamps` shows what it comes to, `stamplint schema` lists every key.
";

/// The config as text.
#[must_use]
pub fn write(draft: Draft<'_>) -> String {
    let mut text = HEAD.to_owned();
    let writer = Writer { draft };
    let plan = draft.plan;
    let several = plan.stamps.len() > 1;
    let each = writer.common(&plan.stamps);
    if several {
        text.push_str("\nstamps:\n");
        for (i, stamp) in plan.stamps.iter().enumerate() {
            writer.stamp(i, stamp, &each, &mut text);
        }
    }
    if !each.is_empty() {
        let words =
            "# What every stamp is made of. `{name}`, `{region}` and `{environment}` stand for the stamp's own.\n";
        let _ = write!(text, "\n{}eachStamp:\n", if several { words } else { "" });
        writer.part(&each, 2, &mut text);
    }
    if !plan.shared.is_empty() {
        text.push_str("\n# Deployed once for all stamps.\nshared:\n");
        let shared = Written::whole(&plan.shared);
        writer.part(&shared, 2, &mut text);
    }
    writer.charts(&mut text);
    if !draft.left.is_empty() {
        text.push_str("\n# What belongs to no stamp.\nignore:\n");
        for path in draft.left {
            let _ = writeln!(text, "  - {}", scalar(&writer.path(path)));
        }
    }
    for (path, why) in &plan.unread {
        let _ = writeln!(text, "\n# `{}`: {why}", writer.path(path));
    }
    text.push_str("\n# rules:\n#   unapproved-registry: {approved: [example.azurecr.io, mcr.microsoft.com]}\n");
    text
}

/// What a part is written as: paths with words in braces where they stand for several stamps.
#[derive(Debug, Default)]
struct Written<'p> {
    deployments: Vec<(&'p Deployment, Vec<String>)>,
    manifests: Vec<(String, &'p str)>,
    overlays: Vec<(String, &'p str)>,
}

impl<'p> Written<'p> {
    fn whole(part: &'p PlannedPart) -> Self {
        let paths = |list: &'p [Taken]| list.iter().map(|t| (t.path.clone(), t.why.as_str())).collect();
        Self {
            deployments: part
                .deployments
                .iter()
                .map(|d| (d, d.parameters.iter().map(|t| t.path.clone()).collect()))
                .collect(),
            manifests: paths(&part.manifests),
            overlays: paths(&part.overlays),
        }
    }

    fn is_empty(&self) -> bool {
        self.deployments.is_empty() && self.manifests.is_empty() && self.overlays.is_empty()
    }
}

struct Writer<'p> {
    draft: Draft<'p>,
}

impl<'p> Writer<'p> {
    fn path(&self, path: &str) -> String {
        match relative_to(path, self.draft.dir) {
            "" => ".".to_owned(),
            path => path.to_owned(),
        }
    }

    /// The words that a stamp's entry will define, the most telling first.
    fn words(&self, index: usize) -> Vec<(&'static str, String)> {
        let stamp = self.draft.plan.stamps.get(index);
        let mut words = Vec::new();
        if let Some(stamp) = stamp {
            words.push(("{name}", stamp.name.to_string()));
            words.extend(stamp.environment.as_ref().map(|e| ("{environment}", e.to_string())));
        }
        let region = self.draft.regions.get(index).cloned().flatten();
        words.extend(region.map(|r| ("{region}", r)));
        words
    }

    /// A path with words in braces that comes to `paths`, one for each stamp.
    fn pattern(&self, paths: &[&str]) -> Option<String> {
        let first = paths.first()?;
        if paths.iter().all(|p| p == first) {
            return Some((*first).to_owned());
        }
        let tries = [vec!["{name}"], vec!["{region}"], vec!["{environment}"], vec!["{environment}", "{region}"]];
        tries.iter().find_map(|used| {
            let abstracted = |i: usize, path: &str| {
                let words = self.words(i);
                used.iter().try_fold(path.to_owned(), |path, word| {
                    let (_, value) = words.iter().find(|(w, _)| w == word)?;
                    Some(path.replace(value.as_str(), word))
                })
            };
            let pattern = abstracted(0, first)?;
            let fills = |i: usize, path: &str| {
                let words = self.words(i);
                let filled = words.iter().fold(pattern.clone(), |p, (word, value)| p.replace(word, value));
                filled == path
            };
            paths.iter().enumerate().all(|(i, path)| fills(i, path)).then_some(pattern)
        })
    }

    /// What all stamps have, up to their words.
    fn common(&self, stamps: &'p [PlannedStamp]) -> Written<'p> {
        let Some(first) = stamps.first() else {
            return Written::default();
        };
        if stamps.len() == 1 {
            return Written::whole(&first.own);
        }
        let mut written = Written::default();
        for deployment in &first.own.deployments {
            let same: Vec<&Deployment> =
                stamps.iter().filter_map(|s| s.own.deployments.iter().find(|d| is_same(d, deployment))).collect();
            if same.len() != stamps.len() {
                continue;
            }
            let patterns: Option<Vec<String>> = (0..deployment.parameters.len())
                .map(|i| {
                    let paths: Option<Vec<&str>> =
                        same.iter().map(|d| d.parameters.get(i).map(|t| t.path.as_str())).collect();
                    self.pattern(&paths?)
                })
                .collect();
            if let Some(patterns) = patterns {
                written.deployments.push((deployment, patterns));
            }
        }
        written.manifests = self.common_paths(stamps, |p| &p.manifests);
        written.overlays = self.common_paths(stamps, |p| &p.overlays);
        written
    }

    fn common_paths(
        &self,
        stamps: &'p [PlannedStamp],
        of: impl Fn(&'p PlannedPart) -> &'p Vec<Taken>,
    ) -> Vec<(String, &'p str)> {
        let mut common: Vec<(String, &'p str)> = Vec::new();
        let first = stamps.first().map(|s| of(&s.own)).into_iter().flatten();
        for taken in first {
            if stamps.iter().all(|s| of(&s.own).iter().any(|t| t.path == taken.path)) {
                common.push((taken.path.clone(), &taken.why));
                continue;
            }
            // `overlays/eastus2` where every other stamp has its own.
            let pattern = self.words(0).into_iter().find_map(|(word, value)| {
                let pattern = taken.path.replace(&value, word);
                let all = stamps.iter().enumerate().all(|(i, stamp)| {
                    let filled = self.words(i).iter().fold(pattern.clone(), |p, (word, value)| p.replace(word, value));
                    of(&stamp.own).iter().any(|t| t.path == filled)
                });
                (pattern != taken.path && all).then_some(pattern)
            });
            if let Some(pattern) = pattern {
                common.push((pattern, &taken.why));
            }
        }
        common
    }

    fn filled(&self, index: usize, pattern: &str) -> String {
        self.words(index).iter().fold(pattern.to_owned(), |p, (word, value)| p.replace(word, value))
    }

    fn stamp(&self, index: usize, stamp: &'p PlannedStamp, each: &Written<'p>, text: &mut String) {
        let mut fields = vec![format!("name: {}", scalar(&stamp.name))];
        let region = self.draft.regions.get(index).cloned().flatten();
        fields.extend(region.map(|r| format!("region: {}", scalar(&r))));
        fields.extend(stamp.environment.as_ref().map(|e| format!("environment: {}", scalar(e))));
        let held = |list: &[(String, &str)], path: &str| list.iter().any(|(p, _)| self.filled(index, p) == path);
        let mut own = Written::whole(&stamp.own);
        own.deployments.retain(|(d, _)| !each.deployments.iter().any(|(e, _)| is_same(e, d)));
        own.manifests.retain(|(path, _)| !held(&each.manifests, path));
        own.overlays.retain(|(path, _)| !held(&each.overlays, path));
        if own.is_empty() {
            let _ = writeln!(text, "  - {{{}}}", fields.join(", "));
            return;
        }
        for (i, field) in fields.iter().enumerate() {
            let _ = writeln!(text, "  {} {field}", if i == 0 { "-" } else { " " });
        }
        self.part(&own, 4, text);
    }

    fn part(&self, part: &Written<'_>, indent: usize, text: &mut String) {
        let pad = " ".repeat(indent);
        if !part.deployments.is_empty() {
            let _ = writeln!(text, "{pad}deployments:");
            if part.deployments.iter().any(|(d, _)| !d.complete) {
                let _ = writeln!(
                    text,
                    "{pad}  # `complete: false`: a command line may give what no file does. Without it that is `parameter-missing`."
                );
            }
        }
        for (deployment, parameters) in &part.deployments {
            let mut why = deployment.template.why.as_str();
            if why.is_empty() {
                why = "a template";
            }
            let _ = writeln!(text, "{pad}  # {why}");
            let mut fields = vec![
                format!("id: {}", scalar(&deployment.id)),
                format!("template: {}", scalar(&self.path(&deployment.template.path))),
            ];
            let files: Vec<String> = parameters.iter().map(|p| scalar(&self.path(p))).collect();
            match files.as_slice() {
                [] => {}
                [one] => fields.push(format!("parameters: {one}")),
                several => fields.push(format!("parameters: [{}]", several.join(", "))),
            }
            let known = deployment.set.iter().filter_map(|e| Some((e, e.value.as_str()?)));
            let set: Vec<String> = known.map(|(e, value)| format!("{}: {}", scalar(&e.key), json(value))).collect();
            if !set.is_empty() {
                fields.push(format!("set: {{{}}}", set.join(", ")));
            }
            if !deployment.complete {
                fields.push("complete: false".to_owned());
            }
            let _ = writeln!(text, "{pad}  - {{{}}}", fields.join(", "));
        }
        for (key, list) in [("kustomize", &part.overlays), ("manifests", &part.manifests)] {
            if !list.is_empty() {
                let _ = writeln!(text, "{pad}{key}:");
            }
            let mut said = "";
            for (path, why) in list {
                if *why != said {
                    said = why;
                    let _ = writeln!(text, "{pad}  # {why}");
                }
                let _ = writeln!(text, "{pad}  - {}", scalar(&self.path(path)));
            }
        }
    }

    /// Charts need helm, or what it rendered: said, not done.
    fn charts(&self, text: &mut String) {
        let mut said: Vec<String> = Vec::new();
        for chart in self.draft.plan.stamps.iter().flat_map(|s| &s.own.charts) {
            let Some(folder) = &chart.chart else { continue };
            let line = format!("#   - {{chart: {}, values: […]}}\n", scalar(&self.path(&folder.path)));
            if !said.contains(&line) {
                said.push(line);
            }
        }
        if !said.is_empty() {
            text.push_str("\n# Charts that values files of the stamps lie in; helm renders what is named here:\n");
            text.push_str("# helm:\n");
            text.extend(said);
        }
    }
}

/// Whether two stamps deploy the same, up to the files that parameters come from.
fn is_same(a: &Deployment, b: &Deployment) -> bool {
    a.id == b.id
        && a.template.path == b.template.path
        && a.parameters.len() == b.parameters.len()
        && a.set.len() == b.set.len()
        && a.set.iter().zip(&b.set).all(|(a, b)| a.key == b.key && a.value == b.value)
}

/// A string as YAML: plain where that cannot be misread.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-'))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { json(text) }
}

/// A string in double quotes; JSON's escapes are YAML's too.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
