//! What evaluation is held to.

use super::*;

fn compiled(text: &str) -> (Policies, Vec<Problem>) {
    Policies::compile(&[(Script::text("p.rego", text), None)], Limits::default())
}

fn value(text: &str, rule: &str, input: &str) -> String {
    let (policies, problems) = compiled(text);
    assert!(problems.is_empty(), "{problems:?}");
    let prepared = policies.prepare(&[]).unwrap();
    let outcome = prepared.evaluate(rule, &Value::from_json_str(input).unwrap()).unwrap();
    outcome.value.to_string()
}

#[test]
fn negated_arguments_mean_what_opa_takes_them_to_mean() {
    // The rules that hold were printed by OPA 1.22.
    let text = r#"package t
f(x, y) if { x == y }
g(x) := x
a1 if not f(1, input.absent)
a2 if not input.absent == 1
a3 if not startswith(input.absent, "a")
a4 if not g(input.absent)
a5 if not f(1, g(input.absent))
a6 if not g(input.absent) == 1
a7 if not count(input.absent) > 0
a8 if not input.arr[input.absent]
b1 if not f(1, [input.absent])
b2 if not f(1, {"a": input.absent})
b3 if not [input.absent] == [1]
b4 if not input.absent.foo
b5 if not data.t.nope
b6 if not f(1, data.t.undef)
b7 if not input.absent in [1]
b8 if not 1 in input.absent
b9 if not f(1, undef)
undef if input.nope
c2 if { x := 1; not f(x, input.list[x]) }
c3 if { x := 1; not f(x, [y | y := input.absent]) }
c4 if { x := 1; not f(x, input.absent + 1) }
c5 if { x := 1; not x == input.absent + 1 }
c6 if { not input.absent != 1 }
c7 if { not input.absent = 1 }
c8 if {
  # a comment
  not f(
    1, # another
    lower(input.absent),
  )
}
c9 if { not is_string(input.absent) }
d1 if not f(1, input.one) with input.one as 2
d2 if not f(1, input.absent) with input.one as 2
d3 if not f(1, 2)
d4 if { not f("(", "a") }
"#;
    let (policies, problems) = compiled(text);
    assert!(problems.is_empty(), "{problems:?}");
    let prepared = policies.prepare(&[]).unwrap();
    let input = Value::from_json_str(r#"{"foo": ["a"], "one": 1}"#).unwrap();
    let mut held = Vec::new();
    for rule in &policies.packages()[0].rules {
        let outcome = prepared.evaluate(&format!("data.t.{rule}"), &input).unwrap();
        if outcome.value == Value::Bool(true) {
            held.push(rule.as_str());
        }
    }
    assert_eq!(held, ["a2", "b4", "b5", "c3", "c7", "d1", "d3", "d4"]);
}

#[test]
fn both_versions_run_side_by_side() {
    let scripts = [
        (Script::text("a.rego", "package a\ndeny[m] { m := data.b.word }"), None),
        (Script::text("b.rego", "package b\nword := \"hi\" if { true }"), None),
    ];
    let (policies, problems) = Policies::compile(&scripts, Limits::default());
    assert!(problems.is_empty(), "{problems:?}");
    let prepared = policies.prepare(&[]).unwrap();
    let outcome = prepared.evaluate("data.a.deny", &Value::Null).unwrap();
    assert_eq!(outcome.value.to_string(), r#"["hi"]"#);
}

#[test]
fn builtins_that_are_supplied_or_replaced() {
    let text = "package a\nx := [re_match(\"a+\", \"caat\"), sprintf(\"%s %d\", [\"a\"]), any([false, true])]";
    assert_eq!(value(text, "data.a.x", "null"), r#"[true,"a %!d(MISSING)",true]"#);
    let out = "package a\nx := m { sprintf(\"%s\", [\"a\"], m) }";
    assert_eq!(value(out, "data.a.x", "null"), r#""a""#);
}

#[test]
fn faults_are_found_before_they_are_met() {
    let cases = [
        ("package a\nx if { input.never\n  startwith(\"a\", \"b\") }", "`startwith` is no function"),
        ("package a\nx := http.send({})", "`http.send` is refused"),
        ("package a\nf(x) := f(x)", "`f` calls itself"),
        ("package a\nf(x) := data.a.g(x)\ng(x) := f(x)", "`f` calls itself"),
        ("package a\nx := }", ""),
        ("no policy", ""),
    ];
    for (text, expected) in cases {
        let (_, problems) = compiled(text);
        let found = problems.first().unwrap_or_else(|| panic!("no problem in {text}"));
        assert!(found.detail.contains(expected), "{found:?}");
        assert_eq!(found.code, Code::Policy);
    }
}

#[test]
fn long_chains_are_refused_and_shorter_ones_run() {
    // Unoptimised code takes ten times the stack.
    let thread = std::thread::Builder::new().stack_size(STACK * 8);
    thread.spawn(chains).unwrap().join().unwrap();
}

fn chains() {
    let chain = |links: usize| {
        let mut text = "package a\nr0 := 1\n".to_owned();
        for i in 1..=links {
            text.push_str(&format!("r{i} := r{}\n", i - 1));
        }
        text
    };
    assert!(compiled(&chain(20_000)).1.iter().any(|p| p.detail.contains("chain")));
    assert_eq!(value(&chain(90), "data.a.r90", "null"), "1");
    let calls = |links: usize| {
        let mut text = "package a\nf0(x) := x\n".to_owned();
        for i in 1..=links {
            text.push_str(&format!("f{i}(x) := [y | y := f{}(x)][0]\n", i - 1));
        }
        text.push_str(&format!("r := f{links}(1)\n"));
        text
    };
    assert_eq!(value(&calls(90), "data.a.r", "null"), "1");
}

#[test]
fn runaway_evaluations_stop() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let text = "package a\nx := count([1 | some i in input; some j in input; some k in input; some l in input; i + j + k + l < 0])\ny := 0";
    let scripts = [(Script::text("p.rego", text), None)];
    let (policies, _) = Policies::compile(&scripts, limits);
    let prepared = policies.prepare(&[]).unwrap();
    let numbers: Vec<Value> = (0..1000).map(Value::from).collect();
    let error = prepared.evaluate("data.a.x", &Value::from(numbers)).unwrap_err();
    assert!(error.detail.contains("longer than 0.2 s"), "{error:?}");
    let start = std::time::Instant::now();
    assert_eq!(prepared.evaluate("data.a.x", &Value::from(vec![])).unwrap_err(), error, "it is not asked again");
    assert!(start.elapsed() < Duration::from_millis(100));
    assert_eq!(prepared.evaluate("data.a.y", &Value::Null).unwrap().value, Value::from(0), "its fellows are");
}

#[test]
fn data_is_seen_and_reads_are_told() {
    let (policies, _) = compiled("package a\nx := data.inventory.cluster\ny := data.stamp.name");
    let reads = policies.reads();
    assert!(reads.inventory && reads.stamp && !reads.stamps && reads.kinds.is_none());
    let data = Value::from_json_str(r#"{"inventory": {"cluster": 1}}"#).unwrap();
    let prepared = policies.prepare(&[data]).unwrap();
    assert_eq!(prepared.evaluate("data.a.x", &Value::Null).unwrap().value, Value::from(1));
    assert_eq!(prepared.query("data.a.y", &Value::Null).unwrap().value, Value::Undefined);
}

#[test]
fn only_what_is_looked_up_is_read() {
    let kinds = |text: &str| {
        let (policies, _) = compiled(text);
        let reads = policies.reads().clone();
        (reads.inventory, reads.kinds.map(|k| k.into_iter().collect::<Vec<_>>().join(",")))
    };
    let all = None;
    let some = |kinds: &str| Some(kinds.to_owned());
    for (text, expected) in [
        ("package a\nimport data.lib.pods\nx := pods.all", (false, some(""))),
        ("package a\nx := data.inventory.namespace[_][_].Service[n]", (true, some("Service"))),
        ("package a\nx := data.inventory.cluster[\"v1\"][\"Node\"][n].spec[\"x\"]", (true, some("Node"))),
        ("package a\nx := data.inventory.kubernetes.v1[k][_][_]", (true, all.clone())),
        ("package a\nx := data.inventory.namespace", (true, all.clone())),
        ("package a\nimport data.inventory as i\nx := i.cluster", (true, all.clone())),
        ("package a\nx := count(data)", (true, all)),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
}

#[test]
fn what_does_not_depend_on_the_input_is_the_same_when_worked_out_once() {
    let inputs = ["null", r#"{"a": 1, "b": "x"}"#, r#"{"a": 2, "b": "y"}"#];
    let data = Value::from_json_str(r#"{"inventory": {"v1": {"x": {"n": 1}}}, "options": {"p": "q"}}"#).unwrap();
    let texts = [
        (
            true,
            "names contains n if { some n in ['x', 'y']; data.inventory.v1[n] }\ndeny contains input.b if input.b in names",
        ),
        (true, "default strict := false\nstrict if data.options.p == 'q'\ndeny contains input.a if strict"),
        (true, "strict := true if { data.options.p == 'r' } else := data.options.p\ndeny contains [strict, input.a]"),
        (true, "lost := data.nothing\ndeny contains 'lost' if { not lost; input.a }"),
        (true, "by[k] := v if { some k, v in data.inventory.v1 }\ndeny contains by[input.b].n"),
        (true, "import data.t as own\nx := 1\ndeny contains own.x + input.a"),
        (true, "x := 1\nf(y) := x + y\ntwice := f(1)\ndeny contains f(twice) + input.a"),
        (true, "x := 1 / 0\ndeny contains input.a if not x"),
        (
            true,
            "allowed = {'x'}\nname[n] { n := data.inventory.v1[k].n }\ndeny[m] { allowed[input.b]; name[n]; m := [n, input.a] }",
        ),
        (false, "x := 1\ndeny contains v if { some k in ['x']; v := data.t[k] + input.a }"),
        (false, "x := input.a\ny := x + 1\ndeny contains y + 1"),
        (false, "x := 1\ndeny contains x + input.a with x as 2"),
        (false, "a.b := 1\na.c := 2\ndeny contains a[k] + input.a if { some k in ['b', 'c'] }"),
    ];
    for (expected, text) in texts {
        let text = format!("package t\n{}", text.replace('\'', "\""));
        let scripts = [(Script::text("p.rego", text.as_str()), None)];
        let value = |limits: Limits| {
            let (policies, problems) = Policies::compile(&scripts, limits);
            let prepared = policies.prepare(std::slice::from_ref(&data));
            let prepared = prepared.unwrap_or_else(|e| panic!("{text}: {problems:?} {e:?}"));
            let judge = |input: &&str| {
                let outcome = prepared.evaluate("data.t.deny", &Value::from_json_str(input).unwrap());
                outcome.map(|o| o.value.to_string()).map_err(|p| p.detail)
            };
            (policies.once.is_some(), inputs.iter().map(judge).collect::<Vec<_>>())
        };
        let (once, shared) = value(Limits::default());
        let (_, each) = value(Limits { observe: true, ..Limits::default() });
        assert_eq!((once, shared), (expected, each), "{text}");
    }
}

#[test]
fn who_looks_at_pods_only_is_told_from_who_looks_at_more() {
    for (text, expected) in [
        ("package t\nx := stamplint.pods(input)", false),
        ("package t\nx := stamplint.containers(input)\ny := stamplint.pods(input)", false),
        ("package t\nx := [stamplint.pods(input), input]", true),
        ("package t\nx := stamplint.pods(input.spec)", true),
        ("package t\nimport input as i\nx := stamplint.pods(i)", true),
        ("package t\nx := input.kind", true),
    ] {
        assert_eq!(compiled(text).0.reads().input, expected, "{text}");
    }
}

#[test]
fn paths_of_rules() {
    assert_eq!(rule_path(&["a", "b-c"], "deny"), r#"data.a["b-c"].deny"#);
}

#[test]
fn built_in_policies_gather_once() {
    let text = |id: &str| crate::rule::builtin::POLICIES.iter().find(|p| p.id == id).map(|p| p.text).unwrap();
    let scripts =
        ["service-account-token-mounted", "pods"].map(|id| (Script::text(format!("{id}.rego"), text(id)), None));
    let (policies, problems) = Policies::compile(&scripts, Limits::default());
    assert!(problems.is_empty(), "{problems:?}");
    let data = [Value::from_json_str(r#"{"inventory": {"kubernetes": {}}, "options": {}}"#).unwrap()];
    let mut engine = policies.engine.clone();
    ready(&mut engine, &data).unwrap();
    let once = policies.once.as_ref().unwrap();
    let texts: Vec<Script> = once.scripts();
    assert!(texts[0].text.contains("bound := data") && !texts[0].text.contains("some subject in"));
    once.engine(&mut engine, &data).unwrap();
}
