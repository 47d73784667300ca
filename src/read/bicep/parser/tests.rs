use crate::read::bicep::ast::{ExprKind, File, Item, Member};
use crate::read::bicep::{parse, parse_params};
use crate::source::Sources;

pub(super) fn template(text: &str) -> File {
    parse(&Sources::new().add("main.bicep", text))
}

pub(super) fn parameters(text: &str) -> File {
    parse_params(&Sources::new().add("main.bicepparam", text))
}

#[test]
fn a_template_is_read_whole() {
    let file = template(concat!(
        "targetScope = 'subscription'\n",
        "@description('where')\nparam location string = deployment().location\n",
        "resource rg 'Microsoft.Resources/resourceGroups@2024-01-01' = if (location != '') {\n",
        "  name: 'rg-${location}'\n  location: location\n  tags: { a: 'b', c: null }\n}\n",
        "module m './m.bicep' = [for (x, i) in range(0, 3): if (x > 1) {\n  name: 'm${i}'\n  scope: rg\n}]\n",
        "output ids array = [for i in range(0, 3): m[i].outputs.id!]\n",
    ));
    assert_eq!(file.problems, []);
    assert_eq!(file.declarations.len(), 5);
    let Item::Module(module) = &file.declarations[3].item else { panic!("a module") };
    let each = module.body.each.as_ref().unwrap();
    assert_eq!(each.index.as_ref().map(|i| &**i), Some("i"));
    assert!(module.body.condition.is_some());
    assert_eq!(module.body.object.properties().count(), 2);
}

#[test]
fn a_broken_default_leaves_the_parameter() {
    let file = template("param a string = (1 +\nvar b = {\n  x: ]\n  y: 2\n}\nvar c = 1\n");
    assert_eq!(file.problems.len(), 2, "{:?}", file.problems);
    let Item::Param(param) = &file.declarations[0].item else { panic!("a parameter") };
    assert!(matches!(param.default.as_ref().unwrap().kind, ExprKind::Broken));
    let Item::Var(var) = &file.declarations[1].item else { panic!("a variable") };
    let ExprKind::Object(object) = &var.value.kind else { panic!("an object") };
    assert_eq!(object.members.len(), 2);
    assert!(matches!(&object.members[0], Member::Property(p) if matches!(p.value.kind, ExprKind::Broken)));
    assert_eq!(file.declarations.len(), 3);
}

#[test]
fn a_parameter_file_is_read() {
    let file = parameters("using './main.bicep'\n\nparam a = 1\nvar b = [\n  'x'\n]\n");
    assert_eq!(file.problems, []);
    assert_eq!(file.declarations.len(), 3);
}
