//! Which leaf a foreign policy means. Policies of Gatekeeper and conftest say what is wrong in words; the place is
//! found from these: a path, the name of a field, of a container, a value that is quoted. Where that cannot be told it
//! is the object's `kind`.

mod words;

use regorus::Value as Rego;

use crate::tree::{Kind, Path, Segment, Value};
use words::{Word, paths, words};

/// Where a statement points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Located {
    /// The path from the object's root.
    pub path: Path,
    /// The policy itself named it; else it was inferred.
    pub named: bool,
}

/// More nodes than these are not looked through.
const MOST_NODES: usize = 50_000;

/// From this score on a statement tells of something that is there.
const CERTAIN: u32 = 8;

/// Lists whose items are containers.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Fields of a container, for when one is missing.
const OF_CONTAINER: [&str; 13] = [
    "image",
    "imagePullPolicy",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "resources",
    "ports",
    "command",
    "args",
    "env",
    "lifecycle",
    "securityContext",
    "volumeMounts",
];

/// Fields of a security context, for when one is missing.
const OF_SECURITY: [&str; 11] = [
    "privileged",
    "allowPrivilegeEscalation",
    "runAsNonRoot",
    "runAsUser",
    "runAsGroup",
    "readOnlyRootFilesystem",
    "capabilities",
    "seccompProfile",
    "seLinuxOptions",
    "appArmorProfile",
    "procMount",
];

/// Fields of a container's resources, for when one is missing.
const OF_RESOURCES: [&str; 2] = ["limits", "requests"];

/// Finds the place that a message and its details mean, in the part of an object below `within`.
#[must_use]
pub fn locate(body: &Value, within: &Path, message: &str, details: &Rego) -> Located {
    let inferred = |path| Located { path, named: false };
    let kind = || inferred(Path(vec![Segment::from("kind")]));
    let Some(root) = body.at(within) else {
        return kind();
    };
    for path in paths(message, details) {
        if let Some(path) = explicit(root, &path) {
            return Located { path: within.extend(&path), named: true };
        }
    }
    let search = Search::new(root, words(message, details, body));
    match search.best() {
        Some(path) => inferred(within.extend(&path)),
        None => kind(),
    }
}

/// A path that leads all the way, or all the way but for the field that is missing.
fn explicit(root: &Value, path: &Path) -> Option<Path> {
    // Policies say where they stand: `input.review.object.spec`, `object.spec`, `.spec`.
    let roots = ["$", "input", "review", "object", "resource"];
    let skip = path.0.iter().take_while(|s| matches!(s, Segment::Key(k) if roots.contains(&k.as_str()))).count();
    let path = Path(path.0.get(skip..)?.to_vec());
    let (length, depth) = (path.0.len(), root.follow(&path).depth);
    let rooted = matches!(path.0.first(), Some(Segment::Key(k)) if k == "spec" || k == "metadata");
    let leads = length >= 2 && depth == length || (length >= 3 || rooted && length == 2) && depth + 1 == length;
    leads.then_some(path)
}

/// One node of the object.
struct Node<'v> {
    path: Path,
    value: &'v Value,
}

struct Search<'v> {
    nodes: Vec<Node<'v>>,
    words: Vec<Word>,
    /// The list item that the statement is about.
    item: Option<Path>,
}

impl<'v> Search<'v> {
    fn new(root: &'v Value, words: Vec<Word>) -> Self {
        let mut nodes = Vec::new();
        collect(root, Path::root(), &mut nodes);
        let mut search = Self { nodes, words, item: None };
        search.item = search.named_item(false);
        if search.item.is_none()
            && let Some(item) = search.named_item(true)
        {
            // The name may as well be the object's: whatever is told outright goes before it.
            if search.ranked().first().is_none_or(|(score, _)| *score < CERTAIN) {
                search.item = Some(item);
            }
        }
        search
    }

    /// The list item whose name the statement holds, containers first; `own` for a name that is the object's as well.
    fn named_item(&self, own: bool) -> Option<Path> {
        let named = |node: &&Node<'_>| {
            let is_item = matches!(node.path.0.last(), Some(Segment::Index(_)));
            let name = node.value.get("name").and_then(Value::as_str);
            is_item && name.is_some_and(|name| self.words.iter().any(|w| w.is_name(name, own)))
        };
        let items: Vec<&Node<'_>> = self.nodes.iter().filter(named).collect();
        let container = items.iter().find(|n| in_containers(&n.path));
        match (container, items.as_slice()) {
            (Some(container), _) => Some(container.path.clone()),
            (None, [one]) => Some(one.path.clone()),
            _ => None,
        }
    }

    /// The nodes with the highest score, and it.
    fn ranked(&self) -> Vec<(u32, &Node<'v>)> {
        // The name is how the item was found; it is not what is wrong with it.
        let inside = |node: &&Node<'_>| {
            self.item.as_ref().is_none_or(|item| node.path.0.starts_with(&item.0) && node.path != item.join("name"))
        };
        let mut best: Vec<(u32, &Node<'_>)> = Vec::new();
        for node in self.nodes.iter().filter(inside) {
            let score = self.score(node);
            if score == 0 {
                continue;
            }
            match best.first() {
                Some((highest, _)) if *highest > score => {}
                Some((highest, _)) if *highest == score => best.push((score, node)),
                _ => best = vec![(score, node)],
            }
        }
        best
    }

    fn best(&self) -> Option<Path> {
        let best = self.ranked();
        if let Some(path) = self.missing(best.first().map_or(0, |(score, _)| *score)) {
            return Some(path);
        }
        match best.as_slice() {
            [] => self.item.clone(),
            [(_, only)] => Some(only.path.clone()),
            several => {
                // The one that stands highest, if there is one; else what they have in common.
                let shortest = several.iter().map(|(_, n)| n.path.0.len()).min()?;
                let mut top = several.iter().filter(|(_, n)| n.path.0.len() == shortest);
                match (top.next(), top.next()) {
                    (Some((_, only)), None) => Some(only.path.clone()),
                    _ => common(several.iter().map(|(_, n)| &n.path)),
                }
            }
        }
    }

    fn score(&self, node: &Node<'_>) -> u32 {
        let key = match node.path.0.last() {
            Some(Segment::Key(key)) => self.words.iter().map(|w| w.as_key(key)).max().unwrap_or(0),
            _ => 0,
        };
        let text = scalar(node.value);
        let value = text.map_or(0, |text| self.words.iter().map(|w| w.as_value(&text)).max().unwrap_or(0));
        if key + value == 0 {
            return 0;
        }
        let above = node.path.0.iter().rev().skip(1).filter(|s| match s {
            Segment::Key(key) => self.words.iter().any(|w| w.as_key(key) > 0),
            _ => false,
        });
        // A field's name says more when its fellows on the way are named too.
        key + value + u32::try_from(above.count()).unwrap_or(0).min(3)
    }

    /// Where a field would stand that the statement names and the item lacks.
    fn missing(&self, found: u32) -> Option<Path> {
        if found >= CERTAIN {
            return None;
        }
        // An ordinary word counts only where nothing else does.
        let enough = if found == 0 { 1 } else { CERTAIN };
        let field = |names: &[&'static str]| {
            names.iter().copied().find(|name| self.words.iter().any(|w| w.as_key(name) >= enough))
        };
        if let Some(item) = self.item.as_ref().filter(|item| in_containers(item)) {
            let named = field(&OF_SECURITY)
                .map(|name| item.join("securityContext").join(name))
                .or_else(|| field(&OF_RESOURCES).map(|name| item.join("resources").join(name)))
                .or_else(|| field(&OF_CONTAINER).map(|name| item.join(name)));
            if named.is_some() {
                return named;
            }
        }
        if self.words.iter().any(Word::is_flag) {
            return self.flags();
        }
        let root = |key: &str| Path(vec![Segment::from("metadata"), Segment::from(key)]);
        let meant = ["labels", "annotations"].into_iter().find(|key| self.words.iter().any(|w| w.as_key(key) > 0));
        meant.filter(|_| found == 0 && self.item.is_none()).map(root)
    }

    /// Where the flags stand of the one command that has some: a flag that is not there would stand among them.
    fn flags(&self) -> Option<Path> {
        let is_command = |path: &Path| matches!(path.0.last(), Some(Segment::Key(k)) if k == "command" || k == "args");
        let has_flags = |value: &Value| value.items().iter().any(|i| i.as_str().is_some_and(|i| i.starts_with("--")));
        let inside = |path: &Path| self.item.as_ref().is_none_or(|item| path.0.starts_with(&item.0));
        let mut found = self.nodes.iter().filter(|n| is_command(&n.path) && inside(&n.path) && has_flags(n.value));
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only.path.clone()),
            _ => None,
        }
    }
}

fn in_containers(path: &Path) -> bool {
    matches!(path.0.as_slice(), [.., Segment::Key(list), Segment::Index(_)] if CONTAINERS.contains(&list.as_str()))
}

/// What several paths begin with; none when that is the root, or the object's `spec` as a whole.
fn common<'p>(paths: impl Iterator<Item = &'p Path>) -> Option<Path> {
    let shared = paths.map(|p| p.0.as_slice()).reduce(|a, b| {
        let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        a.get(..same).unwrap_or_default()
    })?;
    (shared.len() > 1).then(|| Path(shared.to_vec()))
}

fn collect<'v>(value: &'v Value, path: Path, nodes: &mut Vec<Node<'v>>) {
    let mut open = vec![(value, path)];
    while let Some((value, path)) = open.pop() {
        if nodes.len() >= MOST_NODES {
            return;
        }
        match &value.kind {
            Kind::List(list) => {
                for (index, item) in list.iter().enumerate().rev() {
                    open.push((item, path.join(index)));
                }
            }
            Kind::Map(map) => {
                for entry in map.iter().rev() {
                    open.push((&entry.value, path.join(&entry.key)));
                }
            }
            _ => {}
        }
        nodes.push(Node { path, value });
    }
}

fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      containers:
        - name: web
          image: nginx:latest
          ports: [{name: http, containerPort: 8080}]
          securityContext: {privileged: true}
        - name: sidecar
          image: contoso.azurecr.io/sidecar:v1
          args: [--verbose, --port=80]
      volumes:
        - {name: run, hostPath: {path: /var/run}}
";

    fn found(message: &str, details: &str) -> (String, bool) {
        let sources = Sources::new();
        let body = yaml::parse(&sources.add("a.yaml", DEPLOYMENT)).documents[0].root.clone();
        let located = locate(&body, &Path::root(), message, &Rego::from_json_str(details).unwrap());
        (located.path.to_string(), located.named)
    }

    #[test]
    fn statements_lead_to_what_they_mean() {
        let pod = "spec.template.spec";
        let cases = [
            (
                "container <web> has an invalid image repo <nginx:latest>, allowed repos are [\"contoso\"]",
                "null",
                format!("{pod}.containers[0].image"),
            ),
            (
                "Privileged container is not allowed: web, securityContext: {\"privileged\": true}",
                "null",
                format!("{pod}.containers[0].securityContext.privileged"),
            ),
            ("container <sidecar> has no resource limits", "null", format!("{pod}.containers[1].resources.limits")),
            (
                "Container <sidecar> in your <Deployment> <web> has no <livenessProbe>",
                "null",
                format!("{pod}.containers[1].livenessProbe"),
            ),
            ("sidecar: runAsNonRoot must be true", "null", format!("{pod}.containers[1].securityContext.runAsNonRoot")),
            ("The specified hostNetwork and hostPort are not allowed, pod: web", "null", format!("{pod}.hostNetwork")),
            (
                "HostPath volume {\"hostPath\": {\"path\": \"/var/run\"}, \"name\": \"run\"} is not allowed",
                "null",
                format!("{pod}.volumes[0].hostPath.path"),
            ),
            ("you must provide labels: {\"owner\"}", r#"{"missing_labels": ["owner"]}"#, "metadata.labels".to_owned()),
            ("replicas is 1", "null", "spec.replicas".to_owned()),
            ("the object is bad", "null", "kind".to_owned()),
            ("All of them need an `owner` label", "null", "metadata.labels".to_owned()),
            ("an annotation for the contact is missing", "null", "metadata.annotations".to_owned()),
            ("--verbose flag should not be set", "null", format!("{pod}.containers[1].args[0]")),
            ("'--audit-log-path' flag is not defined", "null", format!("{pod}.containers[1].args")),
            ("web is not allowed in shop", "null", format!("{pod}.containers[0]")),
        ];
        for (message, details, expected) in cases {
            let (path, named) = found(message, details);
            assert_eq!((path, named), (expected, false), "{message}");
        }
    }

    #[test]
    fn paths_that_are_named_are_taken() {
        for (message, details, expected) in [
            ("spec.template.spec.hostNetwork must be false", "null", "spec.template.spec.hostNetwork"),
            ("bad", r#"{"path": "spec.template.spec.containers[1].image"}"#, "spec.template.spec.containers[1].image"),
            ("bad", r#"{"path": ["spec", "replicas"]}"#, "spec.replicas"),
            (
                "bad",
                r#"{"failedPaths": ["spec.template.spec.containers[0].resources"]}"#,
                "spec.template.spec.containers[0].resources",
            ),
            ("bad", r#"{"field": "/spec/template/spec/hostNetwork"}"#, "spec.template.spec.hostNetwork"),
            ("spec.minReadySeconds is not defined", "null", "spec.minReadySeconds"),
            ("input.review.object.spec.replicas", "null", "spec.replicas"),
        ] {
            assert_eq!(found(message, details), (expected.to_owned(), true), "{message} {details}");
        }
    }
}
