//! The layers of `docs/architecture.md` hold: imports point down only.

use std::fs;
use std::path::{Path, PathBuf};

/// Layer by folder, read from the document's table.
fn layers() -> Vec<(String, usize)> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let rows = page.lines().filter(|l| l.starts_with("| ") && l.contains('`'));
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let layer = cells.next()?.parse().ok()?;
        Some((cells.next()?.trim_matches('`').to_owned(), layer))
    })
    .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The folders that a file imports from, with the line.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        // Tests may reach wherever they have to.
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        let Some(rest) = line.strip_prefix("use crate::").or_else(|| line.split("pub use crate::").nth(1)) else {
            continue;
        };
        if let Some(several) = rest.strip_prefix('{') {
            found.extend(several.split(',').map(|s| (i + 1, head(s.trim()))));
        } else {
            found.push((i + 1, head(rest)));
        }
    }
    found
}

fn head(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn imports_point_down() {
    let layers = layers();
    assert_eq!(layers.len(), 10, "the table has ten layers");
    let layer_of = |folder: &str| layers.iter().find(|(name, _)| name == folder).map(|(_, layer)| *layer);
    let mut wrong = Vec::new();
    for (folder, layer) in &layers {
        let mut files = Vec::new();
        sources(&root().join("src").join(folder), &mut files);
        assert!(!files.is_empty(), "src/{folder} holds nothing");
        for file in files {
            for (line, target) in imports(&fs::read_to_string(&file).unwrap()) {
                if layer_of(&target).is_some_and(|t| t > *layer) {
                    wrong.push(format!("{}:{line} imports `{target}`", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_short() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let long: Vec<String> = files
        .iter()
        .map(|f| (f, fs::read_to_string(f).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .map(|(f, lines)| format!("{}: {lines}", f.display()))
        .collect();
    assert!(long.is_empty(), "over 500 lines: {}", long.join(", "));
}
