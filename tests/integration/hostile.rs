//! What nobody sane hands in: the binary says what is wrong and where, checks the rest, and neither hangs nor panics.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::{Ran, Tree};

const GOOD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n";
const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
const SELECT: [&str; 4] = ["--select", "input,mutable-image-tag", "--format", "json"];

/// Runs over a folder with one good file: what is wrong with the rest must not cost it.
fn run(tree: &Tree) -> Ran {
    tree.write("good.yaml", GOOD);
    let ran = tree.run(&SELECT);
    assert!(matches!(ran.code, 0 | 1), "{}{}", ran.out, ran.err);
    assert!(ran.findings().contains(&"mutable-image-tag good.yaml:4 [default]".to_owned()), "{}", ran.out);
    ran
}

/// The findings about one file, with what is said.
fn said(ran: &Ran, file: &str) -> Vec<String> {
    let report = ran.json();
    let of_file = report["findings"].as_array().unwrap().iter().filter(|f| f["places"][0]["file"] == file);
    of_file.map(|f| format!("{}: {}", f["rule"].as_str().unwrap(), f["message"].as_str().unwrap())).collect()
}

#[test]
fn what_is_too_deep_or_expands_too_far_is_a_limit() {
    let bomb: String = (1..30).map(|i| format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1)).collect();
    let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
    let template = |body: &str| {
        format!(
            "{{\"$schema\": \"{schema}\", \"contentVersion\": \"1.0.0.0\", \"resources\": [{{\"type\": \"a/b\", \"apiVersion\": \"1\", \"name\": \"x\", {body}}}]}}"
        )
    };
    let deep = |open: &str, close: &str| [open.repeat(100_000), close.repeat(100_000)].concat();
    let cases = [
        ("flow.yaml", format!("{HEAD}data: {}\n", deep("{a: ", "}"))),
        ("open.yaml", format!("{HEAD}data: {}\n", "[".repeat(100_000))),
        ("block.yaml", (0..2_000).fold(format!("{HEAD}data:\n"), |text, i| format!("{text}{}a:\n", " ".repeat(i + 1)))),
        ("bomb.yaml", format!("{HEAD}a0: &a0 [x, x, x]\n{bomb}")),
        ("deep.json", format!("{{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"data\": {}}}", deep("[", "]"))),
        ("call.json", template(&format!("\"properties\": {{\"a\": \"[{}]\"}}", deep("not(", ")")))),
        ("loop.json", template("\"copy\": {\"name\": \"c\", \"count\": 100000000}")),
        ("pad.json", template("\"properties\": {\"a\": \"[padLeft('x', 2000000000)]\"}")),
        ("range.json", template("\"properties\": {\"a\": \"[range(0, 1000000000)]\"}")),
    ];
    let tree = Tree::new(&[]);
    for (file, text) in &cases {
        tree.write(file, text);
    }
    let ran = run(&tree);
    for (file, _) in &cases {
        let said = said(&ran, file);
        assert!(said.iter().any(|s| s.starts_with("limit-exceeded: ")), "{file}: {said:?}");
    }
    assert_eq!(ran.code, 1);
}

/// A file that is too large is not read at all; one scalar of many megabytes is.
#[test]
fn large_files_take_bounded_memory() {
    let tree = Tree::new(&[]);
    let mut file = File::create(tree.path().join("large.yaml")).unwrap();
    file.write_all(format!("{HEAD}data: {{x: '").as_bytes()).unwrap();
    file.set_len(200_000_000).unwrap();
    let scalar = "a".repeat(4_000_000);
    tree.write("scalar.yaml", format!("{HEAD}data: {{x: '{scalar}'}}\n---\n{GOOD}"));
    let ran = run(&tree);
    assert_eq!(said(&ran, "large.yaml"), ["limit-exceeded: `large.yaml` is larger than the limit of 64 MiB"]);
    assert!(ran.findings().contains(&"mutable-image-tag scalar.yaml:9 [default]".to_owned()), "{}", ran.out);
}

#[test]
fn bytes_that_are_no_text_are_said_where_they_look_like_ours() {
    let tree = Tree::new(&[]);
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let random: Vec<u8> = (0..50_000)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        })
        .collect();
    for (file, bytes) in [
        ("random.yaml", random.clone()),
        ("random.json", random.clone()),
        ("random.bicep", random.clone()),
        ("named.yaml", random),
        ("latin1.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: caf\xe9}\n".to_vec()),
        ("nul.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\0b\"}\n".to_vec()),
    ] {
        tree.write(file, bytes);
    }
    let ran = run(&tree);
    let no_text = |file: &str| vec![format!("not-analysed: `{file}` is not text (neither UTF-8 nor UTF-16)")];
    for file in ["latin1.yaml", "nul.yaml"] {
        assert_eq!(said(&ran, file), no_text(file));
    }
    // What does not look like ours is none of ours, unless the command line names it.
    assert_eq!(said(&ran, "named.yaml"), Vec::<String>::new());
    let named = tree.run(&[&SELECT[..], &["named.yaml"]].concat());
    assert_eq!((named.code, said(&named, "named.yaml")), (1, no_text("named.yaml")));
}

/// A file that is cut anywhere is read or said to be broken.
#[test]
fn every_prefix_is_survived() {
    let manifest =
        format!("{GOOD}---\n{HEAD}data:\n  a: |\n    text\n  b: \"q\\u00e9\"\n  c: &x {{d: [1, 2]}}\n  e: *x\n");
    let template = concat!(
        "{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n",
        " \"parameters\": {\"a\": {\"type\": \"string\", \"defaultValue\": \"[concat('x', 'y')]\"}},\n",
        " \"resources\": [{\"type\": \"a/b\", \"apiVersion\": \"1\", \"name\": \"[parameters('a')]\"}]}\n",
    );
    let bicep = "param a string = 'x${1 + 2}'\n@secure()\nparam b object = {\n  c: [for i in range(0, 3): i]\n}\nresource r 'a/b@1' = if (a == 'x') { name: '''\nq''' }\n";
    let tree = Tree::new(&[]);
    for (name, text) in [("p.yaml", manifest.as_str()), ("p.json", template), ("p.bicep", bicep)] {
        let (stem, extension) = name.split_once('.').unwrap();
        for end in (0..text.len()).filter(|e| text.is_char_boundary(*e)) {
            tree.write(&format!("{stem}{end:04}.{extension}"), &text[..end]);
        }
    }
    assert_eq!(run(&tree).code, 1);
}

#[test]
fn links_folders_and_pipes_in_the_way_are_walked_past() {
    let tree = Tree::new(&[("loop/inner/pod.yaml", HEAD)]);
    symlink("..", tree.path().join("loop/inner/up")).unwrap();
    symlink("self.yaml", tree.path().join("self.yaml")).unwrap();
    symlink("/nowhere/at/all", tree.path().join("dangling.yaml")).unwrap();
    fs::create_dir(tree.path().join("folder.yaml")).unwrap();
    let pipe = Command::new("mkfifo").arg(tree.path().join("pipe.yaml")).status().is_ok_and(|s| s.success());
    let ran = run(&tree);
    assert_eq!(said(&ran, "dangling.yaml"), ["not-analysed: `dangling.yaml` cannot be read: the link leads nowhere"]);
    assert_eq!(ran.code, 1);
    assert_eq!(tree.run(&["dangling.yaml"]).code, 2);
    let folder = tree.run(&["folder.yaml"]);
    assert_eq!((folder.code, folder.out.as_str()), (2, ""));
    if pipe {
        let named = tree.run(&[&SELECT[..], &["pipe.yaml"]].concat());
        assert_eq!(said(&named, "pipe.yaml"), ["not-analysed: `pipe.yaml` cannot be read: it is no regular file"]);
    }
}

/// What is secret is printed in no format, not even where it does not parse.
#[test]
fn secrets_are_never_printed() {
    let tree = Tree::new(&[
        (
            "a.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: {n: 5}}\nstringData: {k: hunter2, k: hunter3}\n",
        ),
        ("b.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: b, labels: {n: 5}}, data: {x: aHVudGVyMg==}}\n"),
        (
            "c.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\nstringData:\n  x: \"hunter4\n  y: hunter5: hunter6\n",
        ),
        ("d.json", "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"x\": \"aHVudGVyNw==\" \"y\"}}\n"),
        (
            "e.yaml",
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: e, labels: {n: 5}}, stringData: {x: hunter8}}\n",
        ),
    ]);
    for format in ["terminal", "json", "sarif", "github", "gitlab", "junit", "markdown"] {
        let ran = tree.run(&["--format", format, "--all", "-v"]);
        assert_eq!(ran.code, 1, "{format}");
        for secret in ["hunter", "aHVudGV"] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{format}\n{}{}", ran.out, ran.err);
        }
    }
    let shown = tree.run(&["--select", "input"]).out;
    assert!(shown.contains("stringData: {k***k: ***}"), "{shown}");
    assert!(shown.contains("data: {x: ***}"), "{shown}");
}
