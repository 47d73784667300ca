//! What a kustomization may hold: its fields and their types. kustomize refuses any other.

use super::fail::Failure;
use crate::tree::{Kind, Value};

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Text,
    Bool,
    Whole,
    /// A map of strings.
    Words,
    List(&'static Shape),
    /// A map with these fields.
    Fields(&'static [(&'static str, Shape)]),
    /// A map with the fields of several tables.
    Joined(&'static [&'static [(&'static str, Shape)]]),
    Anything,
}

use Shape::{Anything, Bool, Fields, Joined, List, Text, Whole, Words};

const TEXTS: Shape = List(&Text);
const ID: &[(&str, Shape)] = &[("group", Text), ("version", Text), ("kind", Text), ("name", Text), ("namespace", Text)];
const SELECTOR: Shape = Joined(&[ID, &[("annotationSelector", Text), ("labelSelector", Text)]]);
const FIELD_SPEC: Shape = Joined(&[ID, &[("path", Text), ("create", Bool)]]);
const META: Shape = Fields(&[("name", Text), ("namespace", Text), ("labels", Words), ("annotations", Words)]);
const PATCH: Shape = Fields(&[
    ("path", Text),
    ("patch", Text),
    ("target", SELECTOR),
    ("options", Fields(&[("allowNameChange", Bool), ("allowKindChange", Bool)])),
]);
const IMAGE: Shape =
    Fields(&[("name", Text), ("newName", Text), ("tagSuffix", Text), ("newTag", Text), ("digest", Text)]);
const FIELD_OPTIONS: Shape = Fields(&[("delimiter", Text), ("index", Whole), ("encoding", Text), ("create", Bool)]);
const REPLACEMENT: Shape = Fields(&[
    ("path", Text),
    ("source", Joined(&[ID, &[("fieldPath", Text), ("options", FIELD_OPTIONS)]])),
    (
        "targets",
        List(&Fields(&[
            ("select", SELECTOR),
            ("reject", List(&SELECTOR)),
            ("fieldPaths", TEXTS),
            ("options", FIELD_OPTIONS),
        ])),
    ),
    ("sourceValue", Text),
]);
const OPTIONS: Shape =
    Fields(&[("labels", Words), ("annotations", Words), ("disableNameSuffixHash", Bool), ("immutable", Bool)]);
const GENERATOR: &[(&str, Shape)] = &[
    ("namespace", Text),
    ("name", Text),
    ("behavior", Text),
    ("literals", TEXTS),
    ("files", TEXTS),
    ("envs", TEXTS),
    ("env", Text),
    ("options", OPTIONS),
];
const CHART: Shape = Fields(&[
    ("name", Text),
    ("version", Text),
    ("repo", Text),
    ("releaseName", Text),
    ("namespace", Text),
    ("additionalValuesFiles", TEXTS),
    ("valuesFile", Text),
    ("valuesInline", Anything),
    ("valuesMerge", Text),
    ("includeCRDs", Bool),
    ("skipHooks", Bool),
    ("apiVersions", TEXTS),
    ("kubeVersion", Text),
    ("nameTemplate", Text),
    ("skipTests", Bool),
    ("debug", Bool),
    ("devel", Bool),
]);

/// A kustomization or component.
pub(super) const KUSTOMIZATION: Shape = Fields(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", META),
    ("openapi", Words),
    ("namePrefix", Text),
    ("nameSuffix", Text),
    ("namespace", Text),
    ("commonLabels", Words),
    (
        "labels",
        List(&Fields(&[
            ("pairs", Words),
            ("includeSelectors", Bool),
            ("includeTemplates", Bool),
            ("includeVolumeClaimTemplates", Bool),
            ("fields", List(&FIELD_SPEC)),
        ])),
    ),
    ("commonAnnotations", Words),
    ("patchesStrategicMerge", TEXTS),
    ("patchesJson6902", List(&PATCH)),
    ("patches", List(&PATCH)),
    ("images", List(&IMAGE)),
    ("imageTags", List(&IMAGE)),
    ("replacements", List(&REPLACEMENT)),
    ("replicas", List(&Fields(&[("name", Text), ("count", Whole)]))),
    (
        "vars",
        List(&Fields(&[
            ("name", Text),
            ("objref", Joined(&[ID, &[("apiVersion", Text)]])),
            ("fieldref", Fields(&[("fieldPath", Text)])),
        ])),
    ),
    (
        "sortOptions",
        Fields(&[("order", Text), ("legacySortOptions", Fields(&[("orderFirst", TEXTS), ("orderLast", TEXTS)]))]),
    ),
    ("resources", TEXTS),
    ("components", TEXTS),
    ("crds", TEXTS),
    ("bases", TEXTS),
    ("configMapGenerator", List(&Fields(GENERATOR))),
    ("secretGenerator", List(&Joined(&[GENERATOR, &[("type", Text)]]))),
    ("helmGlobals", Fields(&[("chartHome", Text), ("configHome", Text)])),
    ("helmCharts", List(&CHART)),
    ("helmChartInflationGenerator", Anything),
    ("generatorOptions", OPTIONS),
    ("configurations", TEXTS),
    ("generators", TEXTS),
    ("transformers", TEXTS),
    ("validators", TEXTS),
    ("buildMetadata", TEXTS),
]);

/// What is wrong with a value of a shape.
pub(super) fn check(value: &Value, shape: Shape, name: &str, found: &mut Vec<Failure>) {
    let wanted = match (&value.kind, shape) {
        (Kind::Null, _) | (_, Anything) => return,
        (Kind::String(_) | Kind::Parts(_) | Kind::Unknown(_), Text)
        | (Kind::Bool(_), Bool)
        | (Kind::Number(_), Whole) => return,
        (Kind::Map(map), Words) => {
            for entry in map.iter() {
                check(&entry.value, Text, &format!("{name}.{}", entry.key), found);
            }
            return;
        }
        (Kind::List(list), List(inner)) => {
            for item in list.iter() {
                check(item, *inner, name, found);
            }
            return;
        }
        (Kind::Map(_), Fields(fields)) => return fields_of(value, &[fields], name, found),
        (Kind::Map(_), Joined(tables)) => return fields_of(value, tables, name, found),
        (_, Text) => "a string",
        (_, Bool) => "a boolean",
        (_, Whole) => "a number",
        (_, List(_)) => "a list",
        (_, Words | Fields(_) | Joined(_)) => "a map",
    };
    let failure = Failure::new(value.span, format!("`{name}` is a {}, not {wanted}", value.type_name()));
    let quotes = wanted == "a string" && matches!(value.kind, Kind::Bool(_) | Kind::Number(_));
    found.push(if quotes { failure.help("kustomize refuses it: put it in quotes") } else { failure });
}

fn fields_of(value: &Value, tables: &[&'static [(&'static str, Shape)]], name: &str, found: &mut Vec<Failure>) {
    let fields = || tables.iter().flat_map(|t| t.iter());
    for entry in value.entries() {
        let known = fields().find(|(field, _)| field.eq_ignore_ascii_case(&entry.key));
        if let Some((field, shape)) = known {
            let path = if name.is_empty() { (*field).to_owned() } else { format!("{name}.{field}") };
            check(&entry.value, *shape, &path, found);
            continue;
        }
        let mut detail = format!("unknown field `{}`", entry.key);
        let near = fields()
            .map(|(field, _)| (strsim::jaro_winkler(field, &entry.key), *field))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((score, field)) = near
            && score > 0.85
        {
            detail.push_str(&format!("; did you mean `{field}`?"));
        }
        found.push(Failure::new(entry.key_span, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml::parse;
    use crate::source::Sources;

    #[test]
    fn unknown_fields_and_wrong_types_are_said() {
        let source = Sources::new().add(
            "kustomization.yaml",
            "resorces: [a]\nRESOURCES: [b]\nimages: [{name: a, newTag: 1.5}]\npatches: [{patsh: x}]\nnamespace: [x]\n",
        );
        let root = parse(&source).documents.remove(0).root;
        let mut found = Vec::new();
        check(&root, KUSTOMIZATION, "", &mut found);
        let details: Vec<&str> = found.iter().map(|f| f.detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "unknown field `resorces`; did you mean `resources`?",
                "`images.newTag` is a number, not a string",
                "unknown field `patsh`; did you mean `path`?",
                "`namespace` is a list, not a string",
            ]
        );
    }
}
