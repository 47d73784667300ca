//! `docs/rules/` is written from the rule documents. `STAMPLINT_WRITE_DOCS=1 cargo test rule_pages` writes it again.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use stamplint::app::session::Session;

fn pages() -> Vec<(String, String)> {
    let session = Session::new().unwrap();
    let catalogue = session.catalogue();
    let mut pages = Vec::new();
    let mut index =
        String::from("# Rules\n\nWritten from the rule documents in `rules/`; `stamplint explain RULE` shows one.\n");
    for family in catalogue.families() {
        let _ = write!(index, "\n## {family}\n\n| rule | what it finds | severity | effect |\n|---|---|---|---|\n");
        let mut page = format!("# {family}\n");
        for rule in catalogue.documents().iter().filter(|d| d.family == family) {
            let (severity, effect) = (rule.severity.word(), rule.effect.word());
            let _ = writeln!(
                index,
                "| [`{id}`]({family}.md#{id}) | {} | {severity} | {effect} |",
                rule.title,
                id = rule.id
            );
            let _ = write!(page, "\n## {}\n\n{}. Severity {severity}, effect {effect}.\n\n", rule.id, rule.title);
            if !rule.options.is_empty() {
                page.push_str("| option | type | what it does |\n|---|---|---|\n");
                for option in &rule.options {
                    let _ =
                        writeln!(page, "| `{}` | {} | {} |", option.name, option.ty.replace('|', "\\|"), option.doc);
                }
                page.push('\n');
            }
            // Why and how to fix; the examples stay in the document.
            let prose =
                rule.body.split("\n## Fails").next().unwrap_or_default().replace("## How to fix", "### How to fix");
            page.push_str(prose.trim());
            page.push('\n');
            for reference in &rule.references {
                let _ = write!(page, "\n<{reference}>\n");
            }
        }
        pages.push((format!("{family}.md"), page));
    }
    pages.push(("README.md".to_owned(), index));
    pages
}

#[test]
fn pages_say_what_the_documents_say() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let write = std::env::var_os("STAMPLINT_WRITE_DOCS").is_some();
    let mut stale = Vec::new();
    for (name, text) in pages() {
        let path = folder.join(&name);
        if write {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &text).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "write docs/rules again with STAMPLINT_WRITE_DOCS=1: {}", stale.join(", "));
}
