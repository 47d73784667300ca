//! `stamplint rule new`: the files of a new rule, ready to be filled. What it writes passes its own examples.

use std::path::Path;

use super::{FINE, Terminal};
use crate::app::disk::write_atomically;
use crate::app::failure::Failure;

/// Writes the document and the code of a rule below the working folder.
///
/// # Errors
/// When the name is none, a file is there already, or one cannot be written.
pub fn run(name: &str, native: bool, terminal: &Terminal) -> Result<u8, Failure> {
    let (family, rule) = name.split_once('/').filter(|(f, r)| is_kebab(f) && is_kebab(r)).ok_or_else(|| {
        let help = "write FAMILY/RULE in lower case with hyphens, such as `cluster/local-accounts-enabled`";
        Failure::new(format!("`{name}` is no name of a rule")).help(Some(help.to_owned()))
    })?;
    let (engine, code) =
        if native { ("native", native_path(family, rule)) } else { ("rego", format!("policies/{family}/{rule}.rego")) };
    let document = format!("rules/{family}/{rule}.md");
    for path in [&document, &code] {
        if Path::new(path).exists() {
            return Err(Failure::new(format!("`{path}` is there already")));
        }
    }
    let mut written = vec![(document, filled(DOCUMENT, family, rule).replace("ENGINE", engine))];
    if native {
        written.push((code, filled(NATIVE, family, rule)));
        written.extend(listed(family, rule)?);
    } else {
        written.push((code, filled(REGO, family, rule)));
    }
    for (path, text) in written {
        write(Path::new(&path), &text)?;
        terminal.print(&format!("{path}\n"))?;
    }
    Ok(FINE)
}

fn is_kebab(word: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(inner)
        && !word.ends_with('-')
        && !word.contains("--")
}

fn module(name: &str) -> String {
    name.replace('-', "_")
}

fn native_path(family: &str, rule: &str) -> String {
    format!("src/checks/{}/{}.rs", module(family), module(rule))
}

fn filled(template: &str, family: &str, rule: &str) -> String {
    template.replace("FAMILY", family).replace("RULE", rule)
}

/// The lines that name a native rule: its module, its family's, and its row in the table.
#[allow(clippy::disallowed_methods, reason = "app does the IO")]
fn listed(family: &str, rule: &str) -> Result<Vec<(String, String)>, Failure> {
    let table = "src/checks/mod.rs".to_owned();
    let text = std::fs::read_to_string(&table).map_err(|_| {
        let help = "a native rule is part of stamplint's own source tree; leave `--native` out for a rule of your own";
        Failure::new(format!("`{table}` is not here")).help(Some(help.to_owned()))
    })?;
    let (f, r) = (module(family), module(rule));
    let row = format!("    resource(\"{rule}\", {f}::{r}::check),\n];");
    let at = text.rfind("\n];").ok_or_else(|| Failure::new(format!("`{table}` has no table of rules")))?;
    let mut text = format!("{}\n{row}{}", text.get(..at).unwrap_or_default(), text.get(at + 3..).unwrap_or_default());
    let folder = format!("src/checks/{f}/mod.rs");
    let of_family = match std::fs::read_to_string(&folder) {
        Ok(held) => format!("{}\npub mod {r};\n", held.trim_end()),
        Err(_) => {
            text = text.replacen("\nmod ", &format!("\nmod {f};\nmod "), 1);
            format!("//! The family {family}.\n\npub mod {r};\n")
        }
    };
    Ok(vec![(table, text), (folder, of_family)])
}

#[allow(clippy::disallowed_methods, reason = "app does the IO")]
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| write_atomically(path, text.as_bytes()))
        .map_err(|error| Failure::new(format!("`{}` cannot be written: {error}", path.display())))
}

const DOCUMENT: &str = r"---
title: An object is marked as forbidden
severity: medium
effect: audit
scope: resource
engine: ENGINE
applies-to: [kubernetes]
reads: [metadata.annotations]
since: 0.1.0
---
Say why it matters: what goes wrong, for whom, and when.

## How to fix

Say what to change, in one sentence that can be followed.

## Fails

```yaml file=app.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  annotations:
    example.dev/forbidden: yes please #! RULE
```

## Passes

```yaml file=app.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
```
";

const REGO: &str = r#"package rules["RULE"]

deny contains {"path": ["metadata", "annotations", "example.dev/forbidden"], "msg": "the object is marked as forbidden"} if {
	input.metadata.annotations["example.dev/forbidden"]
}
"#;

const NATIVE: &str = r#"//! `RULE`: say in one line what holds.

use crate::path;
use crate::rule::{Finding, Findings, ResourceCx};

/// Judges one object.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let path = path!["metadata", "annotations", "example.dev/forbidden"];
    if cx.resource.body.at(&path).is_some() {
        let message = format!("{} is marked as forbidden", cx.resource.noun());
        out.push(Finding::at(cx.resource, path, message).label("marked here"));
    }
}
"#;
