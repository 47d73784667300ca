//! Parameters: what is given, whether it fits, and where a person would mend it.

use super::{Memory, resolve, resolve_in};
use crate::resolve::context::Context;
use crate::resolve::template::Source;
use crate::source::{Code, Span};
use crate::tree::{Entry, Value};

fn problems(files: &Memory) -> Vec<String> {
    let deployment = resolve(files, &[]);
    deployment
        .problems
        .iter()
        .map(|p| {
            let open = if p.undetermined { " (open)" } else { "" };
            format!("{:?}{open} {} | {}", p.code, files.place(p.span), p.detail)
        })
        .collect()
}

fn check(template: &str, parameters: &str, expected: &[&str]) {
    let files = Memory::new(&[("main.bicep", template), ("main.parameters.json", parameters)]);
    assert_eq!(problems(&files), expected, "{template}\n{parameters}");
}

#[test]
fn missing_and_unknown() {
    check(
        "param name string\n@secure()\nparam key string\nparam place string = 'x'\nparam note string?\n",
        "{\n  \"parameters\": {\n    \"nmae\": {\"value\": \"a\"}\n  }\n}",
        &[
            "ParameterUnknown main.parameters.json:3:5 \"nmae\" | the template has no parameter `nmae`",
            "ParameterMissing main.parameters.json:2:3 \"parameters\" | the parameter `name` has no value",
            "ParameterMissing (open) main.parameters.json:2:3 \"parameters\" | the parameter `key` has no value",
        ],
    );
}

#[test]
fn types_and_constraints() {
    let one = |ty: &str, value: &str| {
        let template = format!("{ty}\n");
        let file = format!("{{\"parameters\": {{\"p\": {{\"value\": {value}}}}}}}");
        let files = Memory::new(&[("main.bicep", &template), ("main.parameters.json", &file)]);
        problems(&files)
    };
    for (ty, value) in [
        ("param p string", "\"a\""),
        ("param p int", "3"),
        ("param p int", "3.0"),
        ("param p bool", "false"),
        ("param p array", "[1, \"a\"]"),
        ("param p object", "{\"a\": 1}"),
        ("param p string?", "null"),
        ("param p string = 'x'", "null"),
        ("param p string[]", "[]"),
        ("param p 'a' | 'b'", "\"B\""),
        ("param p { a: string, b: int? }", "{\"a\": \"x\"}"),
        ("param p { a: string }", "{\"a\": \"x\", \"more\": 1}"),
        ("param p { *: int }", "{\"a\": 1}"),
        ("param p [string, int]", "[\"a\", 1]"),
        ("@allowed(['a', 'b'])\nparam p string", "\"a\""),
        ("@allowed(['a', 'b'])\nparam p array", "[\"b\", \"a\"]"),
        ("@minLength(2)\n@maxLength(3)\nparam p string", "\"abc\""),
        ("@minValue(2)\n@maxValue(3)\nparam p int", "2"),
        ("type t = { next: t? }\nparam p t", "{\"next\": {\"next\": {}}}"),
        (
            "@discriminator('kind')\ntype t = { kind: 'a', x: int } | { kind: 'b' }\nparam p t",
            "{\"kind\": \"a\", \"x\": 1}",
        ),
        ("type t = { a: { b: int } }\nparam p t.a.b", "3"),
        ("param p resourceInput<'A.B/c@1'>.name", "{\"anything\": 1}"),
    ] {
        assert_eq!(one(ty, value), Vec::<String>::new(), "{ty} {value}");
    }
    for (ty, value, expected) in [
        ("param p string", "3", "3 | the parameter `p` must be a string, not a number"),
        ("param p int", "\"3\"", "\"3\" | the parameter `p` must be a whole number, not a string"),
        ("param p bool", "\"true\"", "\"true\" | the parameter `p` must be a boolean, not a string"),
        ("param p array", "{}", "{} | the parameter `p` must be an array, not an object"),
        ("param p string", "null", "null | the parameter `p` must be a string, not null"),
        ("param p string[]", "[\"a\", 1]", "1 | `[1]` of the parameter `p` must be a string, not a number"),
        ("param p 'a' | 'b'", "\"c\"", "\"c\" | the parameter `p` must be one of `a`, `b`"),
        ("@allowed(['a', 'b'])\nparam p string", "\"c\"", "\"c\" | the parameter `p` must be one of `a`, `b`"),
        ("@minLength(2)\nparam p string", "\"a\"", "\"a\" | the parameter `p` must have at least 2 characters, not 1"),
        ("@maxLength(1)\nparam p array", "[1, 2]", "[1, 2] | the parameter `p` must have at most 1 elements, not 2"),
        ("@maxValue(3)\nparam p int", "4", "4 | the parameter `p` must be at most 3, not 4"),
        ("param p { a: string }", "{}", "\"p\" | the parameter `p` lacks the property `a`"),
        ("param p { a: string }[]", "[{}]", "{ | `[0]` of the parameter `p` lacks the property `a`"),
        ("param p { a: { b: int } }", "{\"a\": {}}", "\"a\" | `a` of the parameter `p` lacks the property `b`"),
        ("@sealed()\ntype t = { a: int? }\nparam p t", "{\"b\": 1}", "\"b\" | the parameter `p` has no property `b`"),
        (
            "@discriminator('kind')\ntype t = { kind: 'a', x: int } | { kind: 'b' }\nparam p t",
            "{\"kind\": \"c\"}",
            "\"c\" | `kind` of the parameter `p` names none of its type's alternatives",
        ),
    ] {
        let found = one(ty, value);
        assert_eq!(found.len(), 1, "{ty} {value}: {found:?}");
        assert!(found[0].starts_with("ParameterInvalid"), "{found:?}");
        assert!(found[0].ends_with(expected), "{ty} {value}: {found:?}");
    }
}

#[test]
fn a_module_checks_what_it_is_given() {
    let files = Memory::new(&[
        ("main.bicep", "param n int\nmodule m 'm.bicep' = {\n  name: 'm'\n  params: { n: n }\n}\n"),
        ("m.bicep", "@maxValue(3)\nparam n int\n"),
        ("main.parameters.json", "{\"parameters\": {\"n\": {\"value\": 7}}}"),
    ]);
    assert_eq!(
        problems(&files),
        ["ParameterInvalid main.parameters.json:1:32 7 | the parameter `n` must be at most 3, not 7"]
    );
    let files = Memory::new(&[
        ("main.bicep", "module m 'm.bicep' = {\n  name: 'm'\n  params: { x: 1 }\n}\n"),
        ("m.bicep", "param n int\nparam d string = 'd'\nparam o string?\n"),
    ]);
    assert_eq!(
        problems(&files),
        [
            "Template main.bicep:3:13 x | the module has no parameter `x`",
            "Template main.bicep:1:8 m | the module's parameter `n` is not given",
        ]
    );
}

#[test]
fn parameter_files_in_bicep() {
    let files = Memory::new(&[
        (
            "main.bicep",
            "param a string\nparam b int\nparam c array\nparam d string = 'default'\noutput all array = [a, b, c, d]\n",
        ),
        ("shared.bicep", "@export()\nvar prefix = 'pre'\n@export()\nfunc label(s string) string => '${prefix}-${s}'\n"),
        ("base.bicepparam", "using none\nparam b = 1\nparam d = 'from base'\n"),
        (
            "main.bicepparam",
            "using 'main.bicep'\nextends 'base.bicepparam'\nimport { label } from 'shared.bicep'\nvar twice = 2 * 2\nparam a = label(readEnvironmentVariable('STAMP', 'none'))\nparam c = [for i in range(0, 2): i * twice]\nparam b = 2\n",
        ),
    ]);
    let context = Context {
        variables: vec![Entry::new("STAMP", Span::NONE, Value::string("east", Span::NONE))],
        ..super::context()
    };
    let deployment = resolve_in(&files, &[], &context);
    assert!(deployment.problems.is_empty(), "{:?}", deployment.problems);
    assert_eq!(deployment.outputs[0].value.to_json(), serde_json::json!(["pre-east", 2, [0, 4], "from base"]));
    let sources: Vec<Source> = deployment.parameters.iter().map(|p| p.source).collect();
    assert_eq!(sources, [Source::File; 4]);
}

#[test]
fn secrets_are_unknown_to_the_template_and_known_to_the_rules() {
    let files = Memory::new(&[
        (
            "main.bicep",
            "@secure()\nparam key string\n@secure()\nparam none string = ''\noutput x string = 'k-${key}'\noutput y bool = empty(none)\n",
        ),
        ("main.parameters.json", "{\"parameters\": {\"key\": {\"value\": \"hunter2\"}}}"),
    ]);
    let deployment = resolve(&files, &[]);
    assert_eq!(
        deployment.outputs[0].value.to_json(),
        serde_json::json!({"$parts": ["k-", {"$unknown": {"reason": "secure", "from": "key"}}]})
    );
    assert_eq!(deployment.outputs[1].value.as_bool(), Some(true));
    assert_eq!(deployment.parameters[0].value.as_str(), Some("hunter2"));
    assert!(deployment.parameters[0].secure);
    let [secret] = deployment.secrets.as_slice() else { panic!("{:?}", deployment.secrets) };
    assert_eq!(files.place(*secret), "main.parameters.json:1:34 \"hunter2\"");
}

#[test]
fn what_is_set_goes_before_the_files() {
    let files = Memory::new(&[
        ("main.bicep", "param a string\noutput a string = a\n"),
        ("main.parameters.json", "{\"parameters\": {\"a\": {\"value\": \"file\"}}}"),
    ]);
    let deployment = resolve(&files, &[("a", Value::string("set", Span::NONE))]);
    assert_eq!(deployment.outputs[0].value.as_str(), Some("set"));
    assert_eq!(deployment.parameters[0].source, Source::Set);
    assert!(deployment.problems.iter().all(|p| p.code != Code::ParameterMissing));
}

#[test]
fn what_a_command_line_gives_takes_the_declared_type() {
    let files = Memory::new(&[(
        "main.bicep",
        "param on bool\nparam n int\nparam l array\nparam s string\nparam bad bool\noutput x array = [on, n, l, s]\n",
    )]);
    let text = |text: &str| Value::string(text, Span::NONE);
    let set = [("on", text("True")), ("n", text("3")), ("l", text("[1]")), ("s", text("3")), ("bad", text("yes"))];
    let deployment = resolve(&files, &set);
    let outputs = deployment.outputs.first().map(|e| e.value.to_json());
    assert_eq!(outputs, Some(serde_json::json!([true, 3, [1], "3"])));
    let [problem] = deployment.problems.as_slice() else { panic!("{:?}", deployment.problems) };
    assert!(problem.detail.contains("`bad` must be a boolean"), "{}", problem.detail);
}

#[test]
fn a_template_of_many_stamps_comes_to_what_each_alone_comes_to() {
    let text = "
param count int = 2
param extra object = { pool: { min: count, max: count + 1 } }
param region string
var names = [for i in range(0, count): 'n${i}']
var broken = split('a', '/')[3]
resource a 'A.B/c@1' = {
  name: 'a-${region}'
  location: region
  properties: { names: names, pool: extra.pool, sum: map(names, n => '${n}-x'), deep: { list: [count, region] }, broken: broken }
}
output broken string = broken
output last string = a.properties.pool.min == 2 ? 'two' : 'other'
";
    let said = |files: &Memory, template: &std::sync::Arc<super::super::Template>, set: &[(&str, Value)]| {
        let set: Vec<_> = set.iter().map(|(n, v)| (crate::tree::Text::from(*n), v.clone())).collect();
        let context = super::context();
        let request =
            super::super::Request { parameters: &[], set: &set, context: &context, declared: Span::NONE, whole: true };
        let deployment = super::super::deploy(template, &request);
        let bodies: Vec<String> = deployment.resources.iter().map(|r| format!("{:?}", r.body)).collect();
        let problems: Vec<String> =
            deployment.problems.iter().map(|p| format!("{} {}", files.place(p.span), p.detail)).collect();
        let outputs: Vec<String> = deployment.outputs.iter().map(|e| e.value.to_json().to_string()).collect();
        (bodies, problems, outputs)
    };
    let region = |name: &str| ("region", Value::string(name, Span::NONE));
    let stamps: [Vec<(&str, Value)>; 5] = [
        vec![region("eastus2")],
        vec![region("westus3"), ("count", Value::int(3, Span::NONE))],
        vec![region("westus3")],
        vec![region("eastus2"), ("extra", Value::map(vec![], Span::NONE))],
        vec![region("eastus2")],
    ];
    let files = Memory::new(&[("main.bicep", text)]);
    let one = super::TemplateCache::default().template(&files, "main.bicep").unwrap();
    for stamp in &stamps {
        let alone = Memory::new(&[("main.bicep", text)]);
        let fresh = super::TemplateCache::default().template(&alone, "main.bicep").unwrap();
        assert_eq!(said(&files, &one, stamp), said(&alone, &fresh, stamp), "{stamp:?}");
    }
}
