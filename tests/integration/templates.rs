//! Each folder of `testdata/templates` holds one template in both languages, and the resources that both must come to.

use serde_json::Value as Json;
use stamplint::resolve::context::Context;
use stamplint::resolve::template::{Request, TemplateCache, deploy};
use stamplint::source::{Code, Span};
use stamplint::tree::Value;

fn context() -> Context {
    let text = |text: &str| Some(Value::string(text, Span::NONE));
    Context {
        subscription: text("00000000-1111-2222-3333-444444444444"),
        resource_group: text("rg"),
        location: text("eastus2"),
        deployment_location: text("eastus2"),
        ..Context::default()
    }
}

#[test]
fn both_languages_come_to_the_same() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/templates");
    let files = crate::disk::Disk::new(&root);
    let cache = TemplateCache::default();
    let cases = files.find(&["expected.json"]);
    assert!(cases.len() >= 6, "{cases:?}");
    for case in cases {
        let text = std::fs::read_to_string(root.join(&case)).expect("a file");
        let expected: Json = serde_json::from_str(&text).expect("JSON");
        let mut outputs = Vec::new();
        for name in ["main.bicep", "main.json"] {
            let path = case.replace("expected.json", name);
            let template = cache.template(&files, &path).expect("a template");
            let context = context();
            let request = Request { parameters: &[], set: &[], context: &context, declared: Span::NONE, whole: true };
            let deployment = deploy(&template, &request);
            let problems: Vec<_> =
                deployment.problems.iter().filter(|p| p.code != Code::ParameterMissing).map(|p| &p.detail).collect();
            assert!(problems.is_empty(), "{path}: {problems:?}");
            let found: Vec<Json> =
                deployment.resources.iter().filter(|r| !r.existing).map(|r| r.body.to_json()).collect();
            assert_eq!(Json::Array(found), expected, "{path}");
            outputs.push(deployment.outputs.iter().map(|e| (e.key.clone(), e.value.to_json())).collect::<Vec<_>>());
        }
        assert_eq!(outputs[0], outputs[1], "outputs of {case}");
        assert!(outputs[0].iter().all(|(_, v)| v["$unknown"]["reason"] != "error"), "{case}: {:?}", outputs[0]);
    }
}
