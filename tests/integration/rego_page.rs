//! `docs/rego.md` does what it says: the files of each section are written, its commands run, and each line that it shows
//! is among what they say.

use std::fs;
use std::path::PathBuf;

use crate::support::Tree;

/// A section: its title, and its blocks with their info strings.
type Section = (String, Vec<(String, String)>);

fn sections(page: &str) -> Vec<Section> {
    let mut found: Vec<Section> = vec![(String::new(), Vec::new())];
    let mut open: Option<(String, String, String)> = None;
    for line in page.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &mut open {
            Some((fence, info, text)) if line == fence => {
                let block = (std::mem::take(info), std::mem::take(text));
                found.last_mut().unwrap().1.push(block);
                open = None;
            }
            Some((_, _, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None if ticks.len() >= 3 => open = Some((ticks.clone(), line[ticks.len()..].to_owned(), String::new())),
            None => {
                if let Some(title) = line.strip_prefix("## ") {
                    found.push((title.to_owned(), Vec::new()));
                }
            }
        }
    }
    assert!(open.is_none(), "a block has no end");
    found
}

#[test]
fn the_page_about_rego_does_what_it_says() {
    let page = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/rego.md")).unwrap();
    let mut ran = 0;
    for (title, blocks) in sections(&page) {
        let tree = Tree::new(&[]);
        for (info, text) in &blocks {
            if let Some((_, path)) = info.split_once("file=") {
                tree.write(path, text);
            }
        }
        for (_, text) in blocks.iter().filter(|(info, _)| info == "console") {
            let mut said = String::new();
            for line in text.lines() {
                if let Some(command) = line.strip_prefix("$ stamplint") {
                    let arguments: Vec<&str> = command.split_whitespace().collect();
                    let done = tree.run(&arguments);
                    said = format!("{}{}", done.out, done.err);
                    ran += 1;
                } else {
                    assert!(said.lines().any(|l| l == line), "{title}: {line}\n{said}");
                }
            }
        }
    }
    assert!(ran >= 7, "{ran} commands");
}
