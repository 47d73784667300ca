//! What a config gives, and what it is told when it is wrong.

use std::fs;
use std::sync::Arc;

use super::check::Fault;
use super::{Config, lay};
use crate::app::disk::Disk;
use crate::model::plan::Plan;
use crate::rule::{Catalogue, builtin};
use crate::source::Sources;

fn read(text: &str) -> Result<Config, Vec<Fault>> {
    let sources = Sources::new();
    let (catalogue, errors) = Catalogue::read(builtin::DOCUMENTS.iter().copied(), &sources);
    assert!(errors.is_empty(), "{errors:?}");
    let source = sources.add("stamplint.yaml", text);
    Config::read(&source, &catalogue)
}

/// Each fault as `text at its place: message: help`.
fn faults(text: &str) -> Vec<String> {
    let Err(faults) = read(text) else {
        return Vec::new();
    };
    let at = |f: &Fault| text.get(f.span.range()).unwrap_or_default().to_owned();
    let help = |f: &Fault| f.help.as_ref().map(|h| format!(": {h}")).unwrap_or_default();
    faults.iter().map(|f| format!("{} @ {}{}", f.message, at(f), help(f))).collect()
}

#[test]
fn faults_point_and_suggest() {
    let cases = [
        ("- a\n", "the config is to be a map @ - a"),
        ("x: [\n", "the config cannot be read"),
        ("flet: x\n", "unknown key `flet` @ flet: did you mean `fleet`?"),
        ("stamps: {a: 1}\n", "`stamps` is to be a list @ {a: 1}"),
        ("stamps: [{region: x}]\n", "an item of `stamps` has no `name` @ region"),
        ("stamps: [{name: a, enviroment: x}]\n", "unknown key `enviroment` @ enviroment: did you mean `environment`?"),
        ("fleet: [a]\n", "`fleet` is to be a string @ [a]"),
        ("suppressions: [{rule: mutable-image-tag, until: soon}]\n", "`soon` is no day @ soon"),
        ("suppressions: [{rule: mutable-image-tag, until: 2027-02-30}]\n", "`2027-02-30` is no day @ 2027-02-30"),
        (
            "rules: {mutable-image-tags: {}}\n",
            "no rule or family is called `mutable-image-tags` @ mutable-image-tags: did you mean `mutable-image-tag`?",
        ),
        ("rules: {images: {effect: warn}}\n", "`warn` is no `effect` @ warn"),
        ("rules: {mutable-image-tag: {require: tagg}}\n", "`tagg` is no `require` @ tagg: did you mean `tag`?"),
        ("rules: {mutable-image-tag: {requir: tag}}\n", "unknown key `requir` @ requir: did you mean `require`?"),
        ("rules: {unapproved-registry: {approved: x}}\n", "`approved` is to be a list of strings @ x"),
        ("drift: {allow: [{pth: x}]}\n", "unknown key `pth` @ pth: did you mean `path`?"),
        ("policies: [{path: p, dialect: opa}]\n", "`opa` is no `dialect` @ opa"),
        ("fleet: a\n---\nfleet: b\n", "the config is one document @ fleet: b"),
    ];
    for (text, expected) in cases {
        let found = faults(text);
        assert!(found.first().is_some_and(|f| f.starts_with(expected)), "{text}: {found:?}");
    }
}

#[test]
fn sound_configs_are_read() {
    for text in [
        "",
        "# nothing\n",
        "fleet: a\nstamps:\n",
        "stamps: [{name: 01, vars: {n: 02, on: true}}]\neachStamp: {manifests: a.yaml}\n",
        "rules: {images: {require: digest, effect: deny}}\nenvironments: {dev: {rules: {images: {effect: off}}}}\n",
        "drift: {allow: [a, {path: x}, {type: y}], rollout: [a]}\ncontext: {deployer: {objectId: x}}\n",
    ] {
        assert_eq!(faults(text), Vec::<String>::new(), "{text}");
    }
}

fn laid(config: &str, files: &[&str]) -> Result<Plan, Vec<Fault>> {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let disk = Disk::new(dir.path(), Arc::default()).unwrap();
    lay(&read(config).unwrap(), &disk)
}

fn shown(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for stamp in &plan.stamps {
        let mut parts: Vec<String> = stamp.own.manifests.iter().map(|t| t.path.clone()).collect();
        parts.extend(stamp.own.overlays.iter().map(|t| format!("{}/", t.path)));
        for d in &stamp.own.deployments {
            let files: Vec<&str> = d.parameters.iter().map(|t| t.path.as_str()).collect();
            let set: Vec<String> =
                d.set.iter().map(|e| format!("{}={}", e.key, e.value.as_str().unwrap_or("?"))).collect();
            parts.push(format!("{}:{}({})[{}]", d.id, d.template.path, files.join(","), set.join(",")));
        }
        lines.push(format!("{}: {}", stamp.name, parts.join(" ")));
    }
    lines
}

#[test]
fn stamps_are_laid_over_what_each_is_made_of() {
    let config = "\
stamps:
- {name: a, vars: {n: 01}}
- name: b
  region: westus
  vars: {n: 02}
  deployments: [{id: main, parameters: [p.b.json, q.json], set: {x: '2'}}, {template: more.bicep}]
  manifests: only-b.yaml
  exclude: 'all/skip*'
eachStamp:
  deployments: [{template: main.bicep, parameters: 'p.{name}.json', set: {x: '1', y: '{hub.outputs.z}'}}]
  manifests: ['all/*.yaml', 'r{vars.n}.yaml']
  kustomize: ['o/{name}']
";
    let files = [
        "main.bicep",
        "more.bicep",
        "p.a.json",
        "p.b.json",
        "q.json",
        "all/x.yaml",
        "all/skip.yaml",
        "all/deep/y.yaml",
        "only-b.yaml",
        "r01.yaml",
        "r02.yaml",
        "o/a/kustomization.yaml",
        "o/b/kustomization.yaml",
    ];
    let plan = laid(config, &files).unwrap();
    assert_eq!(
        shown(&plan),
        [
            "a: all/skip.yaml all/x.yaml r01.yaml o/a/ main:main.bicep(p.a.json)[x=1,y={hub.outputs.z}]",
            "b: all/x.yaml r02.yaml only-b.yaml o/b/ main:main.bicep(p.b.json,q.json)[x=2,y={hub.outputs.z}] \
             more:more.bicep()[]",
        ]
    );
    assert_eq!(plan.problems, []);
}

#[test]
fn what_is_not_there_is_a_problem_not_an_error() {
    let config = "\
stamps: [{name: a}, {name: a}, {name: c, deployments: [{id: mian, parameters: p.json}]}]
eachStamp: {manifests: ['none/*.yaml', x.yaml], deployments: [{id: main, template: main.bicep}]}
";
    let plan = laid(config, &["main.bicep"]).unwrap();
    let said: Vec<(&str, &[usize])> = plan.problems.iter().map(|(p, s)| (p.detail.as_str(), s.as_slice())).collect();
    assert!(said.contains(&("`none/*.yaml` matches no file", &[0])), "{said:?}");
    assert!(said.contains(&("`x.yaml` does not exist", &[1])));
    assert!(said.contains(&("two stamps are called `a`", &[1])));
    assert!(said.contains(&("nothing that this could change has the id `mian`", &[2])));
}

#[test]
fn a_word_that_stands_for_nothing_is_an_error() {
    let faults = laid("stamps: [{name: a}]\neachStamp: {manifests: 'x{vars.n}.yaml'}\n", &[]).unwrap_err();
    assert_eq!(faults[0].message, "`{vars.n}` stands for nothing in stamp `a`");
}

#[test]
fn stamps_need_something_to_consist_of() {
    let plan = laid("stamps: [{name: a}]\n", &[]).unwrap();
    assert_eq!(plan.problems[0].0.detail, "stamp `a` consists of nothing");
}
