use super::shape;
use crate::read::bicep::ast::{DirectiveKind, File, Item};
use crate::read::bicep::{parse, parse_params};
use crate::source::{Source, Sources};
use std::sync::Arc;

pub(super) fn template(text: &str) -> File {
    parse(&Sources::new().add("main.bicep", text))
}

pub(super) fn parameters(text: &str) -> File {
    parse_params(&Sources::new().add("main.bicepparam", text))
}

pub(super) fn source(text: &str) -> Arc<Source> {
    Sources::new().add("main.bicep", text)
}

pub(super) fn shapes(file: &File) -> Vec<String> {
    file.declarations.iter().map(shape::declaration).collect()
}

#[test]
fn expressions() {
    for (text, expected) in [
        ("1", "1"),
        ("true", "true"),
        ("null", "null"),
        ("18446744073709551615", "18446744073709551615"),
        ("a", "a"),
        // Rank: ?? || && equality, relation, sum, product, unary, access; equal ranks group to the left.
        ("1 + 2 * 3 - 4 / 5 % 6", "(- (+ 1 (* 2 3)) (% (/ 4 5) 6))"),
        ("a || b && c == d < e + f", "(|| a (&& b (== c (< d (+ e f)))))"),
        ("a ?? b || c", "(?? a (|| b c))"),
        ("a ?? b ?? c", "(?? (?? a b) c)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a =~ b != c !~ d", "(!~ (!= (=~ a b) c) d)"),
        ("a <= b >= c", "(>= (<= a b) c)"),
        ("!a.b && -c[0] < +1", "(&& (! a.b) (< (- c[0]) (+ 1)))"),
        ("!!a", "(! (! a))"),
        ("(a + b) * c", "(* (paren (+ a b)) c)"),
        ("a ? b : c", "(? a b c)"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ? b ? c : d : e", "(? a (? b c d) e)"),
        ("a ?? b ? c : d", "(? (?? a b) c d)"),
        ("a\n  ? b\n  : c", "(? a b c)"),
        ("a // why\n\n  // so\n  ? b\n  // or\n  : c", "(? a b c)"),
        // Access.
        ("a.b.c", "a.b.c"),
        ("a.?b.c", "a.?b.c"),
        ("(a.?b).c", "(paren a.?b).c"),
        ("a[0]['b'][?c][^1][?^2]", "a[0][\"b\"][?c][^1][?^2]"),
        ("a[ ? 0 ]", "a[?0]"),
        ("a::b::c.d", "a::b::c.d"),
        ("a!.b!", "a!.b!"),
        ("f(a!, b)", "f(a! b)"),
        ("a != b", "(!= a b)"),
        ("f()", "f()"),
        ("f(1, 'a', g())", "f(1 \"a\" g())"),
        ("f(\n  1,\n  2\n)", "f(1 2)"),
        ("f( // one\n  1, /* two */\n\n  2 // end\n  // end\n)", "f(1 2)"),
        ("az.resourceGroup('x').location", "az.resourceGroup(\"x\").location"),
        ("kv.getSecret('x')", "kv.getSecret(\"x\")"),
        // Words that are keywords elsewhere are names here.
        ("if", "if"),
        ("param.var.resource.for.in.existing.if", "param.var.resource.for.in.existing.if"),
        ("using(extends, none)", "using(extends none)"),
        // Lambdas.
        ("map(a, x => x.y)", "map(a (=> (x) x.y))"),
        ("reduce(a, 0, (x, y) => x + y)", "reduce(a 0 (=> (x y) (+ x y)))"),
        ("f(() => 1)", "f((=> () 1))"),
        ("f((\n  x,\n  y\n) =>\n  x)", "f((=> (x y) x))"),
        ("x => y => z", "(=> (x) (=> (y) z))"),
        // Collections.
        ("[]", "[]"),
        ("[ ]", "[]"),
        ("[\n]", "[]"),
        ("[1, 2]", "[1 2]"),
        ("[\n  1\n\n  // two\n  2, 3\n]", "[1 2 3]"),
        ("[...a, ...[1]]", "[...a ...[1]]"),
        ("{}", "{}"),
        ("{ a: 1, 'b c': 2 }", "{a:1 b c:2}"),
        ("{\n  a: 1\n\n  b: 2, c: 3\n}", "{a:1 b:2 c:3}"),
        ("{ ...a, '${b}-c': 1 }", "{...a (str b \"-c\"):1}"),
        ("{ resource: 1, param: 2, if: 3, for: 4 }", "{resource:1 param:2 if:3 for:4}"),
        ("[for x in a: x]", "(for x a x)"),
        ("[for (x, i) in a: { b: i }]", "(for x,i a {b:i})"),
        ("[\n  for x in [1\n 2]: {\n  }\n]", "(for x [1 2] {})"),
        ("[for x in a: [for y in x: y]]", "(for x a (for y x y))"),
        ("[ for]", "<broken>"),
    ] {
        let file = template(&format!("var v = {text}\nvar w = 1\n"));
        let Item::Var(var) = &file.declarations[0].item else { panic!("{text}") };
        assert_eq!(shape::expr(&var.value), expected, "{text}");
        assert_eq!(file.problems.is_empty(), !expected.contains("<broken>"), "{text}: {:?}", file.problems);
        assert_eq!(file.declarations.len(), 2, "{text}");
    }
}

#[test]
fn strings() {
    for (text, expected) in [
        (r"''", r#""""#),
        (r"'a'", r#""a""#),
        (r"'a\n\r\t\\\'\$\${b}'", r#""a\n\r\t\\'$${b}""#),
        (r"'\u{41}\u{1F600}'", r#""A😀""#),
        (r"'$a $ {b} $$'", r#""$a $ {b} $$""#),
        (r"'// no comment /* */'", r#""// no comment /* */""#),
        (r"'${a}'", "(str a)"),
        (r"'x${a}y${b}z'", r#"(str "x" a "y" b "z")"#),
        (r"'${a}${b}'", "(str a b)"),
        (r"'a${'b${c}'}d'", r#"(str "a" (str "b" c) "d")"#),
        (r"'${ {a: {}}.a }'", "(str {a:{}}.a)"),
        (r"'$${a}'", r#"(str "$" a)"#),
        (r"'\\${a}\\'", r#"(str "\\" a "\\")"#),
        ("'''a'''", r#""a""#),
        ("'''\na\n'''", r#""a\n""#),
        ("'''\r\na\r\n'''", r#""a\r\n""#),
        ("'''\n\na'''", r#""\na""#),
        (r"'''\n ${a} ' '' '''", r#""\\n ${a} ' '' ""#),
        ("''''a''''", r#""'a'""#),
        ("''''''", r#""""#),
        ("$'''a ${b} $ {c}'''", r#"(str "a " b " $ {c}")"#),
        ("$'''\n${b}\n'''", r#"(str b "\n")"#),
        ("$$'''${a} $${b} $$${c}'''", r#"(str "${a} " b " $" c)"#),
        ("$'''a'''", r#""a""#),
        ("$'''${'a'}${'''b'''}'''", r#"(str "a" "b")"#),
        // Not strings.
        ("'a", "<broken>"),
        ("'a${b", "<broken>"),
        ("'a${b}", "<broken>"),
        ("'a${}'", "<broken>"),
        ("'a${b c}'", "<broken>"),
        (r"'\x'", "<broken>"),
        (r"'\u{}'", "<broken>"),
        (r"'\u{110000}'", "<broken>"),
        (r"'\u41'", "<broken>"),
        ("\"a\"", "<broken>"),
    ] {
        let file = template(&format!("var v = {text}\nvar w = 1\n"));
        let Item::Var(var) = &file.declarations[0].item else { panic!("{text}") };
        assert_eq!(shape::expr(&var.value), expected, "{text}");
        assert_eq!(file.problems.is_empty(), !expected.contains("<broken>"), "{text}: {:?}", file.problems);
        assert_eq!(file.declarations.len(), 2, "{text}");
    }
}

#[test]
fn types() {
    for (text, expected) in [
        ("string", "string"),
        ("string?", "string?"),
        ("string[]", "string[]"),
        ("string[][]?", "string[][]?"),
        ("'a' | 'b'", r#"(| "a" "b")"#),
        ("'a' | 1 | -1 | true | null", r#"(| "a" 1 (Minus 1) true null)"#),
        ("| 'a'", r#"(| "a")"#),
        ("\n  | 'a'\n  | 'b'", r#"(| "a" "b")"#),
        ("('a' | 'b')[]", r#"(paren (| "a" "b"))[]"#),
        ("(\n  'a'\n)", r#"(paren "a")"#),
        ("{}", "{}"),
        ("{ a: string, 'b c': int? }", "{a:string b c:int?}"),
        (
            "{\n  @description('x')\n  @sys.minLength(1)\n  a: string\n\n  *: int\n}",
            "{@description(\"x\") @sys.minLength(1) a:string *:int}",
        ),
        ("[string, int]", "[string int]"),
        ("[\n  @description('x')\n  string\n  int\n]", "[@description(\"x\") string int]"),
        ("{ kind: 'a' } | { kind: 'b' }", r#"(| {kind:"a"} {kind:"b"})"#),
        ("a.b.c", "a.b.c"),
        ("a.*", "a.*"),
        ("a[*]", "a[*]"),
        ("a[0].b[]", "a[0].b[]"),
        ("a!", "a!"),
        ("resourceInput<'x@1'>", r#"resourceInput<"x@1">"#),
        ("resourceInput<'x@1'>.properties.sku[*]?", r#"resourceInput<"x@1">.properties.sku[*]?"#),
        ("az.resourceOutput<'x@1'>.id", r#"az.resourceOutput<"x@1">.id"#),
        ("sys.string", "sys.string"),
        ("typeof", "typeof"),
        ("object", "object"),
        ("<", "<broken>"),
        ("{ a }", "<broken>"),
        ("string |", "<broken>"),
    ] {
        let file = template(&format!("type t = {text}\nvar w = 1\n"));
        let Item::Type(declared) = &file.declarations[0].item else { panic!("{text}") };
        assert_eq!(shape::ty(&declared.ty), expected, "{text}");
        assert_eq!(file.problems.is_empty(), !expected.contains("<broken>"), "{text}: {:?}", file.problems);
        assert_eq!(file.declarations.len(), 2, "{text}");
    }
}

#[test]
fn declarations_of_templates() {
    for (text, expected) in [
        ("targetScope = 'tenant'", "targetScope \"tenant\""),
        ("metadata a = { b: 'c' }", "metadata a {b:\"c\"}"),
        ("param a string", "param a string"),
        ("param a int = 1", "param a int 1"),
        ("param a 'x' | 'y' = 'x'", "param a (| \"x\" \"y\") \"x\""),
        ("param a resource 'x@1'", "param a (resource x@1)"),
        ("@secure()\nparam a string", "@secure() param a string"),
        (
            "@sys.allowed([\n  1\n])\n\n// why\n@description('x')\nparam a int",
            "@sys.allowed([1]) @description(\"x\") param a int",
        ),
        ("var a = 1", "var a 1"),
        ("var a string[] = []", "var a string[] []"),
        ("type a = string", "type a string"),
        ("func f() int => 1", "func f() int 1"),
        ("func f(a int, b string?) a.b => a", "func f(a:int b:string?) a.b a"),
        ("func f(\n  a int\n  ,\n  b int\n) int =>\n  a", "func f(a:int b:int) int a"),
        ("resource a 'x@1' = {}", "resource a x@1 {}"),
        ("resource a 'x@1' existing = {\n  name: 'b'\n}", "resource a x@1 existing {name:\"b\"}"),
        ("resource a 'x@1' = if (b) {}", "resource a x@1 if b {}"),
        ("resource a 'x@1' =\n\n  if (\n  b\n) {}", "resource a x@1 if b {}"),
        ("resource a 'x@1' = [for b in c: {}]", "resource a x@1 for b c {}"),
        ("resource a 'x@1' = [for (b, i) in c: if (i > 0) {\n}\n]", "resource a x@1 for b,i c if (> i 0) {}"),
        (
            "resource a 'x@1' = {\n  resource b 'y' = {}\n  @batchSize(1)\n  resource c 'z' existing = [for d in e: {}]\n  resource: 1\n}",
            "resource a x@1 {resource b y {} @batchSize(1) resource c z existing for d e {} resource:1}",
        ),
        ("resource a 'x@1' = if (b) {\n  resource c 'y' = {}\n}", "resource a x@1 if b {resource c y {}}"),
        ("module a './b.bicep' = {\n  name: 'c'\n}", "module a ./b.bicep {name:\"c\"}"),
        ("module a 'br/public:x/y:1.0' = [for b in c: if (d) {}]", "module a br/public:x/y:1.0 for b c if d {}"),
        ("module a 'ts:x' = if (b) {}", "module a ts:x if b {}"),
        ("output a string = b.c", "output a string b.c"),
        ("output a resource = b", "output a (resource -) b"),
        ("output a resource 'x@1' = b", "output a (resource x@1) b"),
        ("import { a } from 'b'", "import a b"),
        ("import {\n  a as b\n  'c' as d, e\n} from 'f.json'", "import b=a d=c e f.json"),
        ("import * as a from 'b'", "import *=a b"),
        ("import { as, as as as } from 'b'", "import as as=as b"),
        ("import 'az@1.0' as az", "extension az@1.0 az"),
        ("provider 'az@1.0'", "extension az@1.0 -"),
        ("extension kubernetes with {\n  a: 1\n} as k8s", "extension kubernetes {a:1} k8s"),
        ("extension 'br:x' as y", "extension br:x y"),
        ("extension graph", "extension graph -"),
        ("assert a = b > 1", "assert a (> b 1)"),
        ("test a 'b.bicep' = {}", "test a b.bicep {}"),
        // Keywords as names.
        ("var var = param", "var var param"),
        ("param param string", "param param string"),
        ("resource resource 'x@1' = {}", "resource resource x@1 {}"),
        ("output output string = output", "output output string output"),
        ("type type = type", "type type type"),
    ] {
        let file = template(text);
        assert_eq!(shapes(&file), [expected], "{text}");
        assert_eq!(file.problems, [], "{text}");
    }
}

#[test]
fn declarations_of_parameter_files() {
    for (text, expected) in [
        ("using './main.bicep'", "using ./main.bicep"),
        ("using none", "using none"),
        ("using 'br/public:x:1.0'", "using br/public:x:1.0"),
        ("using './main.bicep' with {\n  mode: 'stack'\n}", "using ./main.bicep {mode:\"stack\"}"),
        ("extends 'base.bicepparam'", "extends base.bicepparam"),
        ("param a = 1", "assign a 1"),
        ("param a = readEnvironmentVariable('X', 'y')", "assign a readEnvironmentVariable(\"X\" \"y\")"),
        ("@description('x')\nparam a = b", "@description(\"x\") assign a b"),
        ("var a = map([1], x => x)", "var a map([1] (=> (x) x))"),
        ("var a int = 1", "var a int 1"),
        ("type a = string", "type a string"),
        ("import { a } from 'b.bicep'", "import a b.bicep"),
        ("import * as a from 'b.bicep'", "import *=a b.bicep"),
        ("extension a", "extension a -"),
        ("extensionConfig a with {\n  b: 'c'\n}", "extensionConfig a {b:\"c\"}"),
    ] {
        let file = parameters(text);
        assert_eq!(shapes(&file), [expected], "{text}");
        assert_eq!(file.problems, [], "{text}");
    }
}

#[test]
fn spans_are_exact() {
    let text = "@d('é')\nparam a string[] = [ 'x${ y }z', -1 ]\r\nresource r 'T@1' = [for (x, i) in l: if (c) {\r\n  'k': v.w(1)[2] // no\r\n}]\r\n";
    let source = source(text);
    let file = parse(&source);
    assert_eq!(file.problems, []);
    let slice = |span| source.slice(span).to_owned();
    let param = &file.declarations[0];
    assert_eq!(slice(param.span), text.lines().take(2).collect::<Vec<_>>().join("\n"));
    assert_eq!(slice(param.keyword), "param");
    assert_eq!(slice(param.decorators[0].span), "@d('é')");
    let Item::Param(p) = &param.item else { panic!("a parameter") };
    assert_eq!((slice(p.name.span), slice(p.ty.span)), ("a".to_owned(), "string[]".to_owned()));
    let Some(default) = &p.default else { panic!("a default") };
    let crate::read::bicep::ast::ExprKind::Array(items) = &default.kind else { panic!("an array") };
    assert_eq!(slice(default.span), "[ 'x${ y }z', -1 ]");
    assert_eq!(slice(items[0].value.span), "'x${ y }z'");
    assert_eq!(slice(items[1].value.span), "-1");
    let Item::Resource(r) = &file.declarations[1].item else { panic!("a resource") };
    assert_eq!(slice(r.ty.as_ref().unwrap().span), "'T@1'");
    assert_eq!(slice(r.body.span), "[for (x, i) in l: if (c) {\r\n  'k': v.w(1)[2] // no\r\n}]");
    assert_eq!(slice(r.body.each.as_ref().unwrap().span), "for (x, i) in l");
    assert_eq!(slice(r.body.condition.as_ref().unwrap().span), "c");
    let property = r.body.object.get("k").unwrap();
    assert_eq!(slice(property.key.span()), "'k'");
    assert_eq!(slice(property.span()), "'k': v.w(1)[2]");
    assert_eq!(slice(file.comments[0].span), "// no");
}

#[test]
fn comments_and_directives_are_kept() {
    let text = concat!(
        "// one\n/* two\n */ // three\n  #disable-next-line BCP037 no-unused-params // why\n",
        "var a = 'x // no'\n#disable-diagnostics\tA-b\n#restore-diagnostics A-b",
    );
    let source = source(text);
    let file = parse(&source);
    assert_eq!(file.problems, []);
    let comments: Vec<&str> = file.comments.iter().map(|c| source.slice(c.span)).collect();
    assert_eq!(comments, ["// one", "/* two\n */", "// three", "// why"]);
    let directives: Vec<_> = file.directives.iter().map(|d| (d.kind, source.slice(d.span), d.codes.len())).collect();
    assert_eq!(
        directives,
        [
            (DirectiveKind::DisableNextLine, "#disable-next-line BCP037 no-unused-params", 2),
            (DirectiveKind::Disable, "#disable-diagnostics\tA-b", 1),
            (DirectiveKind::Restore, "#restore-diagnostics A-b", 1),
        ]
    );
}

#[test]
fn line_ends_of_all_kinds_part_declarations() {
    for text in [
        "var a = 1\nvar b = 2",
        "var a = 1\r\nvar b = 2\r\n",
        "var a = 1\rvar b = 2\r",
        "\n\nvar a = 1\n\n\nvar b = 2\n\n",
    ] {
        let file = template(text);
        assert_eq!(shapes(&file), ["var a 1", "var b 2"], "{text:?}");
        assert_eq!(file.problems, []);
    }
}
