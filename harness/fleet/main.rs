//! Writes a generated fleet into a folder, checks it, and prints what was found of what was planted, with the time taken.
//!
//!     cargo run --release --example fleet -- FOLDER 500
//!
//! Measure time and memory of the program itself with `time -v stamplint check --select fleet,image-drift FOLDER`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a program for developers")]

mod generate;

use std::path::PathBuf;
use std::time::Instant;

use stamplint::app::session::{Request, Session};
use stamplint::rule::Selection;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "target/generated-fleet".to_owned()));
    let count: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(50);
    let planted = generate::generate(&folder, count).unwrap();
    let select = ["fleet", "image-drift", "address-space-overlap", "registry-not-replicated"];
    let selection = Selection { select: select.iter().map(|s| (*s).to_owned()).collect(), ignore: Vec::new() };
    let request = Request { working: folder, selection, ..Request::default() };
    let start = Instant::now();
    let outcome = Session::new().unwrap().check(&request).unwrap();
    let elapsed = start.elapsed();
    let mut left = planted.clone();
    for finding in &outcome.triaged.findings {
        let names = finding.stamp_names(&outcome.fleet);
        let at = left.iter().position(|p| *p.rule == *finding.rule.id && names == [p.stamp.as_str()]);
        match at {
            Some(at) => drop(left.remove(at)),
            None => println!("not planted: {} in {}: {}", finding.rule.id, names.join(", "), finding.message),
        }
    }
    left.iter().for_each(|p| println!("not found: {} in {}", p.rule, p.stamp));
    println!(
        "{count} stamps: {} of {} found, {} findings, {elapsed:.2?}",
        planted.len() - left.len(),
        planted.len(),
        outcome.triaged.findings.len()
    );
}
