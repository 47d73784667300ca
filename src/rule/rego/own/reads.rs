//! What a rule says that it reads, and which of an input's unknown leaves that concerns.
//!
//! A pattern is a path with dots, `[*]` after a list; it may begin at `pod` (a pod's spec, wherever it stands; its
//! `labels` and `annotations` stand for those of its metadata) or at `container` (any container of a pod).

use crate::tree::{Path, Segment};

/// One pattern.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pattern {
    pub root: Root,
    pub steps: Vec<Step>,
}

/// Where a pattern begins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Root {
    /// At the resource.
    Resource,
    /// At each of its pods.
    Pod,
    /// At each container of its pods.
    Container,
}

/// One step of a pattern.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Step {
    /// To the value of a key.
    Key(String),
    /// To each item of a list.
    Any,
}

impl Pattern {
    pub fn parse(text: &str) -> Self {
        let mut steps = Vec::new();
        for word in text.split('.').filter(|w| !w.is_empty()) {
            match word.strip_suffix("[*]") {
                Some("") | None if word == "*" || word == "[*]" => steps.push(Step::Any),
                Some(list) => steps.extend([Step::Key(list.to_owned()), Step::Any]),
                None => steps.push(Step::Key(word.to_owned())),
            }
        }
        let root = match steps.first() {
            Some(Step::Key(word)) if word == "pod" => Root::Pod,
            Some(Step::Key(word)) if word == "container" => Root::Container,
            _ => Root::Resource,
        };
        if root != Root::Resource {
            steps.remove(0);
        }
        if let (Root::Pod, Some(Step::Key(word))) = (root, steps.first())
            && !matches!(word.as_str(), "labels" | "annotations")
        {
            steps.insert(0, Step::Key("spec".to_owned()));
        } else if root == Root::Pod {
            steps.insert(0, Step::Key("metadata".to_owned()));
        }
        Self { root, steps }
    }

    /// Whether the pattern leads to, into or above the place of an unknown. `pods` are the paths of the pods.
    pub fn concerns(&self, unknown: &Path, pods: &[Path]) -> bool {
        let below = |base: &Path| {
            let rest = base.0.len().min(unknown.0.len());
            let (head, tail) = unknown.0.split_at(rest);
            base.0.iter().zip(head).all(|(a, b)| a == b).then_some(tail)
        };
        match self.root {
            Root::Resource => meets(&self.steps, &unknown.0),
            Root::Pod => pods.iter().filter_map(below).any(|tail| meets(&self.steps, tail)),
            Root::Container => pods.iter().filter_map(below).any(|tail| {
                let mut steps = vec![Step::Key("spec".to_owned()), Step::Any, Step::Any];
                steps.extend(self.steps.iter().cloned());
                let list = tail.get(1);
                let in_containers = match list {
                    Some(Segment::Key(key)) => key.ends_with("ontainers"),
                    _ => true,
                };
                in_containers && meets(&steps, tail)
            }),
        }
    }
}

/// Whether one is the beginning of the other.
fn meets(steps: &[Step], path: &[Segment]) -> bool {
    steps.iter().zip(path).all(|(step, segment)| match (step, segment) {
        (Step::Any, _) => true,
        (Step::Key(wanted), Segment::Key(key)) => wanted.eq_ignore_ascii_case(key),
        (Step::Key(_), _) => false,
    })
}

/// The list item that a path lies in: the path as far as its last index; the whole resource where it has none.
pub(super) fn item(path: &Path) -> &[Segment] {
    let last = path.0.iter().rposition(|s| matches!(s, Segment::Index(_)));
    path.0.get(..last.map_or(0, |i| i + 1)).unwrap_or_default()
}

/// Whether an unknown lies in the same list item as a path, or on the way to it.
pub(super) fn shares_item(path: &Path, unknown: &Path) -> bool {
    let item = item(path);
    !item.is_empty() && unknown.0.starts_with(item) || path.0.starts_with(&unknown.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn patterns_concern_what_they_lead_to() {
        let pods = [path!["spec", "template"]];
        let image = path!["spec", "template", "spec", "containers", 0, "image"];
        let cases = [
            ("container.image", &image, true),
            ("container.securityContext", &image, false),
            ("pod.containers[*].image", &image, true),
            ("pod.hostNetwork", &image, false),
            ("pod.hostNetwork", &path!["spec", "template", "spec"], true),
            ("pod.labels", &path!["spec", "template", "metadata", "labels", "app"], true),
            ("spec.replicas", &path!["spec", "replicas"], true),
            ("spec.replicas", &path!["spec"], true),
            ("spec.replicas", &image, false),
            ("properties.list[*].x", &path!["properties", "list", 3, "X"], true),
            ("container.image", &path!["spec", "template", "spec", "volumes", 0, "name"], false),
        ];
        for (pattern, unknown, expected) in cases {
            assert_eq!(Pattern::parse(pattern).concerns(unknown, &pods), expected, "{pattern} {unknown}");
        }
    }

    #[test]
    fn items_are_the_innermost() {
        let image = path!["spec", "containers", 0, "image"];
        assert!(shares_item(&image, &path!["spec", "containers", 0, "name"]));
        assert!(!shares_item(&image, &path!["spec", "containers", 1, "name"]));
        assert!(!shares_item(&path!["spec", "replicas"], &path!["metadata", "name"]));
        assert!(shares_item(&path!["spec", "replicas"], &path!["spec"]));
    }
}
