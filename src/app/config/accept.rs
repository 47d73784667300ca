//! The config's `suppressions`.

use globset::GlobSet;

use super::check::Fault;
use super::{Config, glob, one_or_more};
use crate::source::join;
use crate::tree::Value;
use crate::triage::suppress::{ConfigEntry, Grounds, Until, Word, day};

impl Config {
    /// The findings that it accepts.
    ///
    /// # Errors
    /// What is no pattern.
    pub fn suppressions(&self) -> Result<Vec<ConfigEntry>, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut entries = Vec::new();
        for item in self.root.get("suppressions").map(Value::items).unwrap_or_default() {
            let path = item.get("path").filter(|v| !v.is_null()).and_then(|path| match self.files(path) {
                Ok(matcher) => Some(matcher),
                Err(message) => {
                    faults.push(Fault::new(path.span, message, "no pattern of files"));
                    None
                }
            });
            entries.push(entry(item, path));
        }
        if faults.is_empty() { Ok(entries) } else { Err(faults) }
    }

    /// Files by a pattern, seen from the config's folder; a folder stands for all that lies below it.
    fn files(&self, path: &Value) -> Result<GlobSet, String> {
        let written = path.as_str().unwrap_or_default();
        let pattern = join(&self.dir, written).ok_or_else(|| format!("`{written}` leads out of the repository"))?;
        let mut set = globset::GlobSetBuilder::new();
        for pattern in [pattern.clone(), format!("{pattern}/**")] {
            set.add(glob(&pattern)?.glob().clone());
        }
        set.build().map_err(|error| error.to_string())
    }
}

fn entry(item: &Value, path: Option<GlobSet>) -> ConfigEntry {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let rule = item.get("rule");
    let stamps = one_or_more(item.get("stamps")).filter_map(Value::as_str);
    ConfigEntry {
        rule: text("rule"),
        span: rule.map_or(item.span, |r| r.span),
        path,
        resource: Some(text("resource")).filter(|r| !r.is_empty()),
        grounds: Grounds {
            stamps: stamps.map(|s| Word { text: s.to_owned(), range: 0..0 }).collect(),
            reason: text("reason"),
            // What is no day was a fault of the config before.
            until: day(&text("until")).map_or(Until::Always, Until::Day),
        },
    }
}
