//! How fast a whole check is: from a folder of files to findings in order, by the number of stamps.
#![allow(clippy::expect_used, reason = "a benchmark")]

mod fleet;

use divan::Bencher;
use fleet::Shape;
use stamplint::app::session::{Request, Session};
use stamplint::rule::Selection;

fn main() {
    divan::main();
}

const WORKLOADS: usize = 200;

/// The rules in Rego that every run has.
const REGO: &str = "pod-security";

fn bench(bencher: Bencher, shape: Shape, stamps: usize, ignore: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fleet::write(folder.path(), &fleet::files(shape, stamps, WORKLOADS)).expect("its files");
    let selection = Selection { ignore: ignore.iter().map(|i| (*i).to_owned()).collect(), ..Selection::default() };
    let request = Request { working: folder.path().to_path_buf(), selection, ..Request::default() };
    // A session remembers what policies said: each run has its own, as the command line has.
    bencher
        .counter(divan::counter::ItemsCount::new(stamps * WORKLOADS))
        .with_inputs(|| Session::new().expect("rules"))
        .bench_values(|session| {
            let outcome = session.check(&request).expect("a check");
            assert!(!outcome.triaged.findings.is_empty());
            outcome.triaged.findings.len()
        });
}

#[divan::bench(args = [1, 10, 100], sample_count = 5, sample_size = 1)]
fn one_parameter_differs(bencher: Bencher, stamps: usize) {
    bench(bencher, Shape::Shared, stamps, &[]);
}

#[divan::bench(args = [1, 10, 30, 100], sample_count = 5, sample_size = 1)]
fn every_manifest_differs(bencher: Bencher, stamps: usize) {
    bench(bencher, Shape::Own, stamps, &[]);
}

#[divan::bench(args = [1, 10, 30, 100], sample_count = 5, sample_size = 1)]
fn every_manifest_differs_native_rules(bencher: Bencher, stamps: usize) {
    bench(bencher, Shape::Own, stamps, &[REGO]);
}
