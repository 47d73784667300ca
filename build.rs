#![allow(clippy::disallowed_methods, reason = "a build script reads files")]
//! Embeds the rule documents (`rules/`) and Rego policies (`policies/`), found by their place: nothing registers a rule.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=policies");
    let mut code = String::new();
    table(&mut code, "rules", "md", "DOCUMENTS", "Every built-in rule document.")?;
    table(&mut code, "policies", "rego", "POLICIES", "Every built-in policy and library.")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("embedded.rs"), code)
}

/// One constant: family, stem, path and text of each file `folder/<family>/<stem>.<extension>`.
fn table(code: &mut String, folder: &str, extension: &str, name: &str, doc: &str) -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut rows = Vec::new();
    let families = if root.join(folder).is_dir() { sorted(&root.join(folder))? } else { Vec::new() };
    for family in families.into_iter().filter(|f| f.is_dir()) {
        for file in sorted(&family)?.into_iter().filter(|f| f.extension().is_some_and(|e| e == extension)) {
            rows.push((text(family.file_name()), text(file.file_stem()), file));
        }
    }
    let _ = writeln!(code, "/// {doc}\npub const {name}: &[DocumentSource<'static>] = &[");
    for (family, stem, file) in rows {
        let path = format!("{folder}/{family}/{stem}.{extension}");
        let file = file.display().to_string();
        let _ = writeln!(
            code,
            "    DocumentSource {{ family: {family:?}, id: {stem:?}, path: {path:?}, text: include_str!({file:?}) }},"
        );
    }
    let _ = writeln!(code, "];");
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn text(name: Option<&std::ffi::OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
