//! What is wrong costs its own value, and is said once, at its place.

use super::{Memory, outputs, resolve};
use crate::source::Code;

#[test]
fn one_failure_costs_one_value() {
    let (found, problems) = outputs(
        "
var parts = split('a/b', '/')
output bad string = 'x-${parts[8]}'
output worse string = '${parts[8]}'
output good string = parts[1]
",
    );
    assert_eq!(found["good"], "b");
    assert_eq!(found["bad"]["$parts"][0], "x-");
    assert_eq!(found["bad"]["$parts"][1]["$unknown"]["reason"], "error");
    assert_eq!(
        problems,
        [
            "main.bicep:3:26 parts[8] | there is no element 8: the list has 2 elements",
            "main.bicep:4:26 parts[8] | there is no element 8: the list has 2 elements",
        ]
    );
}

#[test]
fn messages() {
    for (text, expected) in [
        ("var a = b\nvar b = a\noutput x string = a", "main.bicep:1:5 a | `a` depends on itself"),
        ("output x string = nope", "main.bicep:1:19 nope | `nope` is not declared"),
        ("output x string = nope()", "main.bicep:1:19 nope() | there is no function `nope`"),
        ("output x string = {}.a", "main.bicep:1:19 {}.a | there is no property `a`"),
        ("output x string = null.a", "main.bicep:1:19 null.a | null has no property `a`"),
        ("output x string = 'a'.b", "main.bicep:1:19 'a'.b | a string has no property `b`"),
        ("output x int = 1 / 0", "main.bicep:1:16 1 / 0 | `div` divides by zero"),
        ("output x string = 1 ? 'a' : 'b'", "main.bicep:1:19 1 | a condition must be a boolean, not a number"),
        ("output x array = [for a in 'b': a]", "main.bicep:1:28 'b' | a loop needs a list, not a string"),
        ("output x array = [...'b']", "main.bicep:1:22 'b' | only a list can be spread here, not a string"),
        (
            "output x string = fail('as it must')",
            "main.bicep:1:19 fail('as it must') | the template fails on purpose: as it must",
        ),
        ("func f(a string) string => a\noutput x string = f()", "main.bicep:2:19 f() | `f` takes 1 arguments, not 0"),
        ("param p nothing = 1\noutput x string = 'a'", "main.bicep:1:9 nothing | there is no type `nothing`"),
        (
            "module m 'gone.bicep' = { name: 'm' }\noutput x string = m.outputs.y",
            "main.bicep:1:10 'gone.bicep' | `gone.bicep` does not exist",
        ),
        (
            "module m 'br/other:x:1.0' = { name: 'm' }\noutput x string = m.outputs.y",
            "main.bicep:1:10 'br/other:x:1.0' | `br/other:x:1.0` is not among the files; name a local folder for it under `modules` in the config",
        ),
        (
            "module m 'main.bicep' = { name: 'm' }",
            "main.bicep:1:10 'main.bicep' | the files call one another in a circle: `main.bicep` → `main.bicep`",
        ),
        ("var a = 1\nvar a = 2\noutput x int = a", "main.bicep:2:5 a | `a` is declared twice"),
        ("resource r 'A.B/c@1' = {}\noutput x string = 'a'", "main.bicep:1:10 r | the resource has no name"),
        (
            "resource r 'A.B/c@1' = { name: 'r', parent: r }\noutput x string = r.id",
            "main.bicep:1:10 r | the resource depends on itself",
        ),
    ] {
        let (_, problems) = outputs(text);
        assert!(problems.iter().any(|p| p == expected), "{text}\n{problems:#?}");
        assert_eq!(problems.len(), 1, "{text}\n{problems:#?}");
    }
}

#[test]
fn a_placeholder_is_blamed_for_what_fails_on_it() {
    let files = Memory::new(&[
        ("main.bicep", "param registryId string\noutput name string = split(registryId, '/')[8]\n"),
        ("main.bicepparam", "using 'main.bicep'\nparam registryId = '<your-registry-id>'\n"),
    ]);
    let deployment = resolve(&files, &[]);
    let [problem] = deployment.problems.as_slice() else { panic!("{:?}", deployment.problems) };
    assert_eq!(problem.code, Code::Placeholder);
    assert_eq!(files.place(problem.span), "main.bicepparam:2:20 '<your-registry-id>'");
    assert_eq!(files.place(problem.related[0].0), "main.bicep:2:22 split(registryId, '/')[8]");
}

#[test]
fn what_is_only_referred_to_fails_only_when_it_is_used() {
    let vault = "
param id string?
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: last(split(id!, '/'))
  scope: resourceGroup(split(id!, '/')[4])
}
";
    let (_, problems) = outputs(vault);
    assert_eq!(problems, Vec::<String>::new());
    let (_, problems) = outputs(&format!("{vault}output x string = vault.id\n"));
    assert!(!problems.is_empty());
}

#[test]
fn a_syntax_error_costs_its_declaration() {
    let files = Memory::new(&[(
        "main.bicep",
        "resource a 'A.B/c@1' = {\n  name: 'a'\n  properties: { x: = }\n}\nresource b 'A.B/c@1' = {\n  name: 'b'\n}\n",
    )]);
    let deployment = resolve(&files, &[]);
    assert!(deployment.problems.iter().all(|p| p.code == Code::Template));
    assert!(!deployment.problems.is_empty());
    let names: Vec<_> = deployment.resources.iter().filter_map(|r| r.name.as_str()).collect();
    assert!(names.contains(&"b"), "{names:?}");
    for resource in &deployment.resources {
        // What did not parse must not look absent.
        if resource.name.as_str() == Some("a") {
            let properties = resource.body.get("properties").expect("properties");
            assert!(properties.get("x").or(Some(properties)).expect("x").as_unknown().is_some());
        }
    }
}
