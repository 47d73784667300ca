//! Expressions of Bicep, each with its value. Those of the library's functions are in `testdata/functions`.

use serde_json::json;

use super::outputs;

#[test]
fn expressions() {
    let head = "
param text string = 'abc'
param none string?
param list array = ['a', 'b', 'c']
param map object = { one: 1, two: { three: 3 } }
var numbers = [1, 2, 3]
func twice(n int) int => n * 2
func greet(who string) string => 'hello ${who}, ${twice(2)} times'
";
    for (expression, value) in [
        ("1 + 2 * 3", json!(7)),
        ("-(2)", json!(-2)),
        ("7 / 2 + 7 % 2", json!(4)),
        ("!true || 1 < 2 && 2 <= 2", json!(true)),
        ("'a' == 'A'", json!(false)),
        ("'a' =~ 'A'", json!(true)),
        ("'a' !~ 'B'", json!(true)),
        ("1 != 2", json!(true)),
        ("none ?? text", json!("abc")),
        ("none ?? null ?? 'x'", json!("x")),
        ("empty(none) ? 'no' : 'yes'", json!("no")),
        ("'${text}-${1}-${true}'", json!("abc-1-True")),
        ("list[1]", json!("b")),
        ("list[^1]", json!("c")),
        ("list[?9]", json!(null)),
        ("list[?^9]", json!(null)),
        ("map.two.three", json!(3)),
        ("map['one']", json!(1)),
        ("map[?'nothing']", json!(null)),
        ("map.?nothing.deeper.still", json!(null)),
        ("map.?two.three", json!(3)),
        ("map.two!.three", json!(3)),
        ("(map.?nothing).?deeper", json!(null)),
        ("[0, ...numbers, 4]", json!([0, 1, 2, 3, 4])),
        ("{ ...map, one: 2 }", json!({"one": 2, "two": {"three": 3}})),
        ("{ '${text}': 1 }", json!({"abc": 1})),
        ("[for n in numbers: n * n]", json!([1, 4, 9])),
        ("[for (n, i) in numbers: '${i}:${n}']", json!(["0:1", "1:2", "2:3"])),
        ("[for n in range(0, 2): [for m in range(0, 2): n + m]]", json!([[0, 1], [1, 2]])),
        ("map(numbers, n => n + 1)", json!([2, 3, 4])),
        ("map(numbers, (n, i) => n * i)", json!([0, 2, 6])),
        ("filter(numbers, n => n > 1)", json!([2, 3])),
        ("reduce(numbers, 0, (sum, n) => sum + n)", json!(6)),
        ("sort(numbers, (a, b) => a > b)", json!([3, 2, 1])),
        ("toObject(list, l => l, l => toUpper(l))", json!({"a": "A", "b": "B", "c": "C"})),
        ("map(numbers, a => map(numbers, b => a * b)[0])", json!([1, 2, 3])),
        ("twice(21)", json!(42)),
        ("greet('you')", json!("hello you, 4 times")),
        ("nameof(map.two.three)", json!("three")),
        ("any(1)", json!(1)),
        ("sys.length(list)", json!(3)),
        ("az.resourceGroup().name", json!("rg")),
        ("resourceGroup().location", json!("eastus2")),
        ("'''\nline ${text}\n'''", json!("line ${text}\n")),
        ("$'''\nline ${text}\n'''", json!("line abc\n")),
        ("'it\\'s \\${text}'", json!("it's ${text}")),
        ("true ? 1 : fail('not taken')", json!(1)),
        ("false && fail('not taken')", json!(false)),
        ("true || fail('not taken')", json!(true)),
        ("'x' ?? fail('not taken')", json!("x")),
    ] {
        let (found, problems) = outputs(&format!("{head}output x object = {expression}\n"));
        assert_eq!(problems, Vec::<String>::new(), "{expression}");
        assert_eq!(found["x"], value, "{expression}");
    }
}

#[test]
fn unknowns_stay_as_small_as_they_can() {
    let head = "
param p string
param b bool
param l array
resource other 'Microsoft.Storage/storageAccounts@2023-01-01' existing = { name: 'other' }
";
    let unknown = |from: &str| json!({"$unknown": {"reason": "missing-parameter", "from": from}});
    for (expression, value) in [
        ("p", unknown("p")),
        ("'a-${p}.b'", json!({"$parts": ["a-", unknown("p"), ".b"]})),
        ("endsWith('${p}.azurecr.io', '.azurecr.io')", json!(true)),
        ("b && false", json!(false)),
        ("false && b", json!(false)),
        ("b || true", json!(true)),
        ("b ? 1 : 2", unknown("b")),
        ("[p, 'x'][1]", json!("x")),
        ("{ a: p, b: 1 }.b", json!(1)),
        ("[for x in l: x]", unknown("l")),
        ("length([p, p])", json!(2)),
        ("p ?? 'x'", unknown("p")),
        (
            "other.properties.primaryEndpoints.blob",
            json!({"$unknown": {"reason": "runtime", "from": format!("{ID}.properties.primaryEndpoints.blob")}}),
        ),
        (
            "other.listKeys().keys[0].value",
            json!({"$unknown": {"reason": "runtime", "from": format!("{ID}.listKeys().keys[0].value")}}),
        ),
        ("other.id", json!(ID)),
        ("other.name", json!("other")),
        ("other.type", json!("Microsoft.Storage/storageAccounts")),
        ("other.apiVersion", json!("2023-01-01")),
    ] {
        let (found, _) = outputs(&format!("{head}output x object = {expression}\n"));
        assert_eq!(found["x"], value, "{expression}");
    }
}

const ID: &str = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/other";

/// The forms are those of which the Bicep repository asserts what Microsoft's engine gives.
#[test]
fn ids_over_all_scopes() {
    let group = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups";
    let there = "/providers/A.B/outer/o/inner/i";
    let id = "12345678-0000-0000-0000-000000000000";
    for (scope, expected) in [
        ("", format!("{group}/rg{there}")),
        ("scope: resourceGroup('other')", format!("{group}/other{there}")),
        (&format!("scope: resourceGroup('{id}', 'other')"), format!("/subscriptions/{id}/resourceGroups/other{there}")),
        ("scope: tenant()", there.to_owned()),
        ("scope: subscription()", format!("/subscriptions/00000000-1111-2222-3333-444444444444{there}")),
        (&format!("scope: subscription('{id}')"), format!("/subscriptions/{id}{there}")),
        ("scope: managementGroup('m')", format!("/providers/Microsoft.Management/managementGroups/m{there}")),
        ("scope: base", format!("/providers/C.D/e/f{there}")),
    ] {
        let (found, problems) = outputs(&format!(
            "
resource base 'C.D/e@1' existing = {{
  name: 'f'
  scope: tenant()
}}
resource r 'A.B/outer/inner@1' existing = {{
  name: 'o/i'
  {scope}
}}
output x string = r.id
"
        ));
        assert_eq!(problems, Vec::<String>::new(), "{scope}");
        assert_eq!(found["x"], json!(expected), "{scope}");
    }
}
