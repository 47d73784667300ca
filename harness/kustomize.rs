//! Builds every overlay of a checkout with stamplint and with `kustomize build`, and compares the objects.
//!
//! `cargo run --release --example kustomize -- CHECKOUT [--cache DIR] [--only PART] [--verbose] [--print] [--kustomize PROGRAM]`
//!
//! Prints agreed of total, and each difference with its reason. Both failing agrees; an overlay that needs what is not
//! there offline (a remote base, a plugin, helm) is counted apart. `--cache` keeps kustomize's answers.
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

use std::path::PathBuf;

use rayon::prelude::*;
use stamplint::resolve::emit;
use stamplint::resolve::kustomize::{FILE_NAMES, Kustomizer, Options};

use compare::{Outcome, ask, compare, last};
use disk::Disk;

fn main() {
    let mut root = None;
    let mut print = false;
    let (mut cache, mut only, mut verbose, mut program) = (None, None, false, "kustomize".to_owned());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--cache" => cache = arguments.next().map(PathBuf::from),
            "--only" => only = arguments.next(),
            "--verbose" => verbose = true,
            "--print" => print = true,
            "--kustomize" => program = arguments.next().expect("a program"),
            other => root = Some(PathBuf::from(other)),
        }
    }
    let root = root.expect("a checkout's path").canonicalize().expect("a checkout's path");
    let disk = Disk::new(&root);
    let mut folders: Vec<String> = disk
        .find(&FILE_NAMES)
        .into_iter()
        .filter(|path| FILE_NAMES.contains(&path.rsplit('/').next().unwrap_or(path)))
        .map(|path| path.rsplit_once('/').map_or(String::new(), |(dir, _)| dir.to_owned()))
        .filter(|dir| only.as_ref().is_none_or(|part| dir.contains(part.as_str())))
        .collect();
    folders.dedup();
    if print {
        let kustomizer = Kustomizer::new(&disk, Options::default());
        for dir in &folders {
            let built = kustomizer.build(dir);
            for problem in &built.problems {
                println!("# {dir}: {:?} {}", problem.code, problem.detail);
            }
            let documents: Vec<String> = built.resources.iter().map(|r| emit::yaml(&r.value)).collect();
            print!("{}", documents.join("---\n"));
        }
        return;
    }
    let oracle: Vec<Result<String, String>> =
        folders.par_iter().map(|dir| ask(&program, &root, dir, cache.as_deref())).collect();
    let kustomizer = Kustomizer::new(&disk, Options { root_only: true, ..Options::default() });
    let (mut agreed, mut failing, mut offline, mut differing) = (0, 0, 0, 0);
    for (dir, theirs) in folders.iter().zip(&oracle) {
        match compare(&kustomizer, &disk, dir, theirs) {
            Outcome::Agreed => agreed += 1,
            Outcome::BothFail => {
                failing += 1;
                if verbose {
                    println!("BOTH FAIL {dir}: {}", theirs.as_ref().err().map_or("", |e| last(e)));
                }
            }
            Outcome::Offline(why) => {
                offline += 1;
                if verbose {
                    println!("OFFLINE {dir}: {why}");
                }
            }
            Outcome::Differs(why) => {
                differing += 1;
                println!("DIFFERS {dir}: {why}");
            }
        }
    }
    let total = folders.len() - offline;
    println!(
        "{} of {total} overlays agree ({agreed} in their objects, {failing} fail in both), {differing} differ; {offline} need what is not there offline",
        agreed + failing
    );
}
