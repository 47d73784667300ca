//! Templates that would never end, or need all memory. They run on the stack of a worker thread; in builds that are not
//! optimised the parser needs more than that.

use super::{Memory, resolve};
use crate::source::Code;

/// Problems of a template, resolved on such a stack.
fn problems(files: Vec<(&'static str, String)>) -> Vec<(Code, String)> {
    let run = move || {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let deployment = resolve(&Memory::new(&files), &[]);
        deployment.problems.into_iter().map(|p| (p.code, p.detail)).collect()
    };
    std::thread::Builder::new()
        .stack_size(if cfg!(debug_assertions) { 16 << 20 } else { 2 << 20 })
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("no overflow")
}

fn limited(text: String) {
    let found = problems(vec![("main.bicep", text.clone())]);
    let start: String = text.chars().take(80).collect();
    assert!(found.iter().any(|(code, _)| *code == Code::Limit), "{start}: {found:?}");
    assert!(found.len() < 5, "{start}: {found:?}");
}

#[test]
fn recursion_and_size_have_limits() {
    limited("func f(n int) int => f(n + 1)\noutput x int = f(0)\n".to_owned());
    limited("func f(n int) int => f(n + 1) + f(n + 1)\noutput x int = f(0)\n".to_owned());
    limited("output x array = range(0, 1000000000)\n".to_owned());
    limited("resource r 'A.B/c@1' = [for i in range(0, 20000): { name: 'r${i}' }]\n".to_owned());
    let mut text = String::from("var v0 = ['x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x']\n");
    for i in 1..12 {
        let before = i - 1;
        text.push_str(&format!("var v{i} = flatten(map(range(0, 10), n => v{before}))\n"));
    }
    limited(format!("{text}output x int = length(v11)\n"));
    let mut chain = String::from("var v0 = 1\n");
    for i in 1..3000 {
        chain.push_str(&format!("var v{i} = v{} + 1\n", i - 1));
    }
    limited(format!("{chain}output x int = v2999\n"));
}

#[test]
fn deep_nesting_fits_the_stack() {
    let deep = |open: &str, close: &str| format!("output x object = {}1{}\n", open.repeat(400), close.repeat(400));
    for text in
        [deep("[", "]"), deep("{ a: ", " }"), deep("(", ")"), deep("!", ""), deep("'${", "}'"), deep("any(", ")")]
    {
        problems(vec![("main.bicep", text)]);
    }
    let arm = |open: &str, close: &str| {
        format!(
            "{{\"resources\": [], \"outputs\": {{\"x\": {{\"type\": \"object\", \"value\": {}1{}}}}}}}",
            open.repeat(400),
            close.repeat(400)
        )
    };
    problems(vec![("main.json", arm("[", "]"))]);
    problems(vec![("main.json", arm("{\"a\": ", "}"))]);
    let call = format!(
        "{{\"resources\": [], \"outputs\": {{\"x\": {{\"value\": \"[{}1{}]\"}}}}}}",
        "string(".repeat(400),
        ")".repeat(400)
    );
    problems(vec![("main.json", call)]);
}

#[test]
fn modules_that_call_modules_end() {
    let files = vec![
        ("main.bicep", "module m 'a.bicep' = { name: 'm' }\n".to_owned()),
        ("a.bicep", "module m 'b.bicep' = { name: 'm' }\n".to_owned()),
        ("b.bicep", "module m 'a.bicep' = { name: 'm' }\n".to_owned()),
    ];
    let found = problems(files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("circle"), "{found:?}");
}

#[test]
fn properties_that_wait_for_one_another_end() {
    let text = "
resource a 'A.B/c@1' = { name: 'a', properties: { x: b.properties.x } }
resource b 'A.B/c@1' = { name: 'b', properties: { x: a.properties.x } }
";
    let found = problems(vec![("main.bicep", text.to_owned())]);
    assert!(!found.is_empty() && found.len() <= 2, "{found:?}");
}
