//! Runs the `suite.yaml` files below a folder, such as a checkout of a library of Gatekeeper templates:
//!
//! ```text
//! cargo run --release --example gatekeeper -- DIR
//! ```
//!
//! It prints each case that does not go as its suite says, and the count of those that do.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program for developers")]

mod disk;

use disk::Disk;
use stamplint::read::yaml;
use stamplint::rule::rego::Limits;
use stamplint::rule::rego::gatekeeper::suite::{self, Outcome};
use stamplint::source::Files;

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let disk = Disk::new(&folder);
    let started = std::time::Instant::now();
    let (mut passed, mut skipped, mut total, mut suites) = (0, 0, 0, 0);
    for path in disk.find(&[".yaml", ".yml"]) {
        let Ok(source) = disk.load(&path) else { continue };
        if !source.text().contains("test.gatekeeper.sh") {
            continue;
        }
        for document in yaml::parse(&source).documents {
            if !suite::is_suite(&document.root) {
                continue;
            }
            suites += 1;
            for result in suite::run(&document.root, &path, &disk, Limits::default()) {
                total += 1;
                match result.outcome {
                    Outcome::Passed => passed += 1,
                    Outcome::Skipped => skipped += 1,
                    Outcome::Failed(why) => println!("{path} {}/{}: {why}", result.test, result.case),
                }
            }
        }
    }
    println!("{passed} of {total} cases pass ({skipped} skipped) in {suites} suites, {:.2?}", started.elapsed());
}
