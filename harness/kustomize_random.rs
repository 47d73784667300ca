//! Builds random overlays with stamplint and with `kustomize build`, and compares the objects.
//!
//! `cargo run --release --example kustomize-random -- COUNT [--seed N] [--gentle] [--keep DIR]`
//!
//! Prints each difference with the folder that it left, and agreed of total. Where kustomize itself crashes counts as a
//! failure.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a program for developers"
)]

#[path = "kustomize_compare.rs"]
mod compare;
#[path = "disk.rs"]
mod disk;
#[path = "kustomize_generate.rs"]
mod generate;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use stamplint::resolve::kustomize::{Kustomizer, Options};

use compare::Outcome;
use generate::lay_out;

fn main() {
    let (mut count, mut seed, mut keep, mut gentle) = (200u64, 1u64, None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seed" => seed = arguments.next().unwrap().parse().unwrap(),
            "--gentle" => gentle = true,
            "--keep" => keep = arguments.next().map(PathBuf::from),
            other => count = other.parse().expect("a count"),
        }
    }
    let scratch = tempfile::tempdir().unwrap();
    let root = keep.unwrap_or_else(|| scratch.path().to_path_buf());
    let (agreed, failing) = (AtomicUsize::new(0), AtomicUsize::new(0));
    (seed..seed + count).into_par_iter().for_each(|seed| {
        let folder = root.join(seed.to_string());
        lay_out(seed, gentle, &folder);
        let disk = disk::Disk::new(&folder);
        let kustomizer = Kustomizer::new(&disk, Options { root_only: true, ..Options::default() });
        let theirs = compare::ask("kustomize", &folder, "overlay", None);
        match compare::compare(&kustomizer, &disk, "overlay", &theirs) {
            Outcome::Agreed => {
                agreed.fetch_add(1, Ordering::Relaxed);
                let _ = std::fs::remove_dir_all(&folder);
            }
            Outcome::BothFail => {
                failing.fetch_add(1, Ordering::Relaxed);
                let _ = std::fs::remove_dir_all(&folder);
            }
            Outcome::Offline(why) | Outcome::Differs(why) => println!("DIFFERS {seed}: {why}"),
        }
    });
    let (agreed, failing) = (agreed.into_inner(), failing.into_inner());
    println!(
        "{} of {count} random overlays agree ({agreed} in their objects, {failing} fail in both)",
        agreed + failing
    );
}
