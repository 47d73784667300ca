//! Compares the lines on which we see a syntax error with those on which the compiler does, by its own
//! `main.diagnostics.bicep` beside each sample.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

/// The codes that the compiler's lexer and parser give. What only needs types or names is left out.
const SYNTAX: &[u16] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 64, 68, 87, 96, 97, 103, 117,
    118, 123, 133, 136, 140, 162, 167, 201, 202, 226, 236, 237, 238, 243, 249, 257, 266, 279, 300, 305, 317, 325, 337,
    344, 346, 347, 354, 355, 356, 404, 436,
];

pub fn compare(checkout: &Path) -> ExitCode {
    let root = checkout.join("src/Bicep.Core.Samples/Files");
    let accept = |p: &str| p.ends_with(".diagnostics.bicep") || p.ends_with(".diagnostics.bicepparam");
    let (mut theirs, mut both, mut ours) = (0, 0, 0);
    for path in crate::files_below(&root, &accept) {
        let original = path.to_string_lossy().replace(".diagnostics.", ".");
        let (Some(source), Some(dump)) = (crate::read(original.as_ref()), crate::read(&path)) else { continue };
        let seen: BTreeSet<usize> =
            crate::parse(&source).problems.iter().map(|p| source.line_index(p.span.start) + 1).collect();
        let expected = lines(dump.text());
        theirs += expected.len();
        ours += seen.len();
        both += expected.intersection(&seen).count();
        for line in expected.difference(&seen) {
            println!("{original}:{line}: only the compiler: {}", source.line_text(line - 1));
        }
        for line in seen.difference(&expected) {
            println!("{original}:{line}: only here: {}", source.line_text(line - 1));
        }
    }
    println!("{both} of {theirs} lines with syntax errors are found, {} further lines", ours - both);
    ExitCode::SUCCESS
}

/// The lines of the sample that have a syntax error, counted from 1.
fn lines(dump: &str) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut line = 0;
    for text in dump.lines() {
        if !text.starts_with("//@[") {
            line += 1;
            continue;
        }
        let code = text.split_once("[BCP").and_then(|(_, rest)| rest.split_once(" (Error)"));
        if code.and_then(|(code, _)| code.parse().ok()).is_some_and(|code| SYNTAX.contains(&code)) {
            found.insert(line);
        }
    }
    found
}
