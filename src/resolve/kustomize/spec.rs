//! Field specs: which fields of which kinds a transformer changes, and how those lists are laid over one another.

use std::sync::Arc;

use super::id::Gvk;
use crate::tree::Text;

/// Fields of some kinds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FieldSpec {
    /// The kinds; empty parts match any.
    pub gvk: Gvk,
    /// The path as written.
    pub path: Text,
    /// The path's steps.
    pub steps: Arc<[Text]>,
    /// Whether the field is made where it is not there.
    pub create: bool,
}

impl FieldSpec {
    pub fn new(gvk: Gvk, path: &str, create: bool) -> Self {
        Self { gvk, path: path.into(), steps: split(path, '/').into(), create }
    }

    /// Whether `other` adds nothing to it.
    fn covers(&self, other: &Self) -> bool {
        self.gvk.is_selected_by(&other.gvk) && self.path == other.path
    }
}

/// Splits a path at a delimiter that no backslash precedes.
pub(super) fn split(path: &str, delimiter: char) -> Vec<Text> {
    let path = match path.strip_prefix(delimiter) {
        Some(rest) => rest,
        None => path,
    };
    let mut steps: Vec<Text> = Vec::new();
    for piece in path.split(delimiter) {
        match steps.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(delimiter);
                last.push_str(piece);
            }
            _ => steps.push(piece.into()),
        }
    }
    steps
}

/// Splits a dotted path; what stands in brackets is one step: `[name=a.b]`, and `[a.b]` is the key `a.b`.
pub(super) fn split_dotted(path: &str) -> Vec<Text> {
    let pieces = split(path, '.');
    let mut steps = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            steps.push(piece);
            continue;
        }
        let mut whole = piece;
        for further in pieces.by_ref() {
            whole.push('.');
            whole.push_str(&further);
            if further.ends_with(']') {
                break;
            }
        }
        if whole.contains('=') {
            steps.push(whole);
        } else {
            steps.push(whole.trim_matches(['[', ']']).into());
        }
    }
    steps
}

/// What refers to names of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reference {
    /// The kind that is referred to.
    pub target: Gvk,
    /// The fields that hold its name.
    pub referrers: Vec<FieldSpec>,
}

/// All lists that transformers go by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Config {
    pub name_prefix: Vec<FieldSpec>,
    pub name_suffix: Vec<FieldSpec>,
    pub namespace: Vec<FieldSpec>,
    pub common_labels: Vec<FieldSpec>,
    pub labels: Vec<FieldSpec>,
    pub template_labels: Vec<FieldSpec>,
    pub volume_claim_template_labels: Vec<FieldSpec>,
    pub common_annotations: Vec<FieldSpec>,
    pub var_reference: Vec<FieldSpec>,
    pub images: Vec<FieldSpec>,
    pub replicas: Vec<FieldSpec>,
    pub name_reference: Vec<Reference>,
}

/// Two lists say different things of one field.
#[derive(Debug)]
pub(super) struct Conflict(pub Text);

/// Adds what is not there yet.
pub(super) fn merge_one(list: &mut Vec<FieldSpec>, spec: &FieldSpec) -> Result<(), Conflict> {
    match list.iter().find(|held| held.covers(spec)) {
        Some(held) if held.create != spec.create => Err(Conflict(spec.path.clone())),
        Some(_) => Ok(()),
        None => {
            list.push(spec.clone());
            Ok(())
        }
    }
}

pub(super) fn merge_all(list: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<(), Conflict> {
    more.iter().try_for_each(|spec| merge_one(list, spec))
}

impl Config {
    /// Lays another over it.
    pub fn merge(&mut self, other: &Self) -> Result<(), Conflict> {
        let mut theirs = other.lists();
        for list in self.lists_mut() {
            if let Some(more) = theirs.next() {
                merge_all(list, more)?;
            }
        }
        for reference in &other.name_reference {
            self.refer(reference)?;
        }
        self.sort();
        Ok(())
    }

    /// Adds fields that refer to a kind.
    pub fn refer(&mut self, reference: &Reference) -> Result<(), Conflict> {
        let mut found = false;
        for held in &mut self.name_reference {
            if held.target == reference.target {
                merge_all(&mut held.referrers, &reference.referrers)?;
                found = true;
            }
        }
        if !found {
            self.name_reference.push(reference.clone());
        }
        Ok(())
    }

    /// Orders the lists by kind, as kustomize goes through them.
    pub fn sort(&mut self) {
        for list in self.lists_mut() {
            list.sort_by_cached_key(|spec| spec.gvk.rank());
        }
        self.name_reference.sort_by_cached_key(|reference| reference.target.rank());
    }

    /// The list of a section of a configuration file.
    pub fn section(&mut self, name: &str) -> Option<&mut Vec<FieldSpec>> {
        Some(match name {
            "namePrefix" => &mut self.name_prefix,
            "nameSuffix" => &mut self.name_suffix,
            "namespace" => &mut self.namespace,
            "commonLabels" => &mut self.common_labels,
            "labels" => &mut self.labels,
            "templateLabels" => &mut self.template_labels,
            "volumeClaimTemplateLabels" => &mut self.volume_claim_template_labels,
            "commonAnnotations" => &mut self.common_annotations,
            "varReference" => &mut self.var_reference,
            "images" => &mut self.images,
            "replicas" => &mut self.replicas,
            _ => return None,
        })
    }

    fn lists(&self) -> impl Iterator<Item = &Vec<FieldSpec>> {
        [
            &self.name_prefix,
            &self.name_suffix,
            &self.namespace,
            &self.common_labels,
            &self.labels,
            &self.template_labels,
            &self.volume_claim_template_labels,
            &self.common_annotations,
            &self.var_reference,
            &self.images,
            &self.replicas,
        ]
        .into_iter()
    }

    fn lists_mut(&mut self) -> impl Iterator<Item = &mut Vec<FieldSpec>> {
        [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.volume_claim_template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ]
        .into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_split_at_delimiters_that_are_not_escaped() {
        assert_eq!(split("metadata/annotations/a.b\\/c", '/'), ["metadata", "annotations", "a.b/c"]);
        assert_eq!(split_dotted("spec.containers.[name=a.b].image"), ["spec", "containers", "[name=a.b]", "image"]);
        assert_eq!(split_dotted("data.[a.conf].x"), ["data", "a.conf", "x"]);
    }

    #[test]
    fn a_spec_that_is_covered_is_not_added_and_one_that_differs_conflicts() {
        let spec = |kind: &str, create| FieldSpec::new(Gvk::of_kind(kind), "spec/x", create);
        let mut list = vec![spec("A", true)];
        assert!(merge_one(&mut list, &spec("", true)).is_ok());
        assert_eq!(list.len(), 1);
        assert!(merge_one(&mut list, &spec("A", false)).is_err());
        assert!(merge_one(&mut list, &spec("B", false)).is_ok());
        assert_eq!(list.len(), 2);
    }
}
