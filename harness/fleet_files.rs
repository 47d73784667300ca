//! Writes the fleet that the benchmarks check, to run the program on it.
//!
//! ```text
//! cargo run --release --example fleet-files -- DIR [STAMPS] [WORKLOADS] [shared]
//! ```
//!
//! With `shared` all stamps take the same manifests and one parameter differs; else each has its own.
#![allow(clippy::print_stdout, reason = "a program for developers")]

#[path = "../benches/fleet/mod.rs"]
mod fleet;

use std::path::Path;

use fleet::Shape;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first() else {
        println!("usage: fleet-files DIR [STAMPS] [WORKLOADS] [shared]");
        return;
    };
    let number = |at: usize, otherwise| arguments.get(at).and_then(|n| n.parse().ok()).unwrap_or(otherwise);
    let shape = if arguments.iter().any(|a| a == "shared") { Shape::Shared } else { Shape::Own };
    let files = fleet::files(shape, number(1, 10), number(2, 200));
    match fleet::write(Path::new(folder), &files) {
        Ok(()) => println!("{} files", files.len()),
        Err(error) => println!("{folder}: {error}"),
    }
}
