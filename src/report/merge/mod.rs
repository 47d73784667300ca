//! The reports of shards put together again: the same text that one run would have written, in JSON and in SARIF.

mod ordered;

use ordered::Json;

/// One report of a shard.
#[derive(Clone, Copy, Debug)]
pub struct Shard<'t> {
    /// Its file, for messages.
    pub name: &'t str,
    /// Its text.
    pub text: &'t str,
}

/// Why reports cannot be put together.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MergeError {
    /// It is none of ours.
    #[error("`{0}` is no report of stamplint in JSON or SARIF{1}")]
    Foreign(String, String),
    /// It is a whole report already.
    #[error("`{0}` is not the report of a shard: it was written without `--shard`")]
    Whole(String),
    /// The run did not come to an end.
    #[error("`{0}` is the report of a run that could not be made: {1}")]
    Failed(String, String),
    /// Two forms at once.
    #[error("`{0}` is JSON and `{1}` is SARIF: merge each form by itself")]
    Mixed(String, String),
    /// They are not parts of one whole.
    #[error("`{0}` and `{1}` are not of one run: they differ in {2}")]
    Different(String, String, String),
    /// One part twice.
    #[error("`{0}` and `{1}` are both part {2}")]
    Twice(String, String, usize),
    /// Parts that are not there.
    #[error("of {of} parts {} missing: {}", if missing.len() == 1 { "one is" } else { "some are" }, listed(missing))]
    Missing {
        /// Their numbers.
        missing: Vec<usize>,
        /// How many there are.
        of: usize,
    },
}

fn listed(numbers: &[usize]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

struct Part<'t> {
    name: &'t str,
    root: Json,
    number: usize,
    of: usize,
}

/// Puts the reports of all shards together.
///
/// # Errors
/// When they are not all parts of one run.
pub fn merge(shards: &[Shard<'_>]) -> Result<String, MergeError> {
    let mut parts = Vec::new();
    let mut forms: Vec<(bool, &str)> = Vec::new();
    for shard in shards {
        let foreign = |why: String| MergeError::Foreign(shard.name.to_owned(), why);
        let root: Json = serde_json::from_str(shard.text).map_err(|_| foreign(": it is no JSON".to_owned()))?;
        let sarif = root.get("runs").is_some();
        let part = part(shard.name, root, sarif)?;
        parts.push(part);
        forms.push((sarif, shard.name));
    }
    let json = forms.iter().find(|(sarif, _)| !sarif);
    let sarif = forms.iter().find(|(sarif, _)| *sarif);
    if let (Some((_, json)), Some((_, sarif))) = (json, sarif) {
        return Err(MergeError::Mixed((*json).to_owned(), (*sarif).to_owned()));
    }
    parts.sort_by_key(|p| p.number);
    complete(&parts)?;
    if sarif.is_some() { sarif_log(parts) } else { report(parts) }
}

fn part<'t>(name: &'t str, root: Json, sarif: bool) -> Result<Part<'t>, MergeError> {
    let foreign = |why: &str| Err(MergeError::Foreign(name.to_owned(), why.to_owned()));
    let failed = |why: String| Err(MergeError::Failed(name.to_owned(), why));
    let category = if sarif {
        let [run] = root.get("runs").map(Json::items).unwrap_or_default() else {
            return foreign(": it holds several runs");
        };
        if run.at(&["tool", "driver", "name"]).and_then(Json::text) != Some("stamplint") {
            return foreign(": another tool wrote it");
        }
        for invocation in run.get("invocations").map(Json::items).unwrap_or_default() {
            if invocation.get("executionSuccessful") == Some(&Json::Bool(false)) {
                let told = invocation.get("toolExecutionNotifications").map(Json::items).unwrap_or_default();
                let why = told.iter().find_map(|n| n.at(&["message", "text"])?.text());
                return failed(why.unwrap_or("no reason is given").to_owned());
            }
        }
        run.at(&["automationDetails", "id"])
            .and_then(Json::text)
            .and_then(|id| id.strip_prefix("stamplint/")?.strip_suffix('/'))
    } else {
        if root.at(&["tool", "name"]).and_then(Json::text) != Some("stamplint") || root.get("findings").is_none() {
            return foreign("");
        }
        let errors = root.at(&["summary", "errors"]).map(Json::items).unwrap_or_default();
        if let Some(why) = errors.iter().find_map(Json::text) {
            return failed(why.to_owned());
        }
        root.get("category").and_then(Json::text)
    };
    let numbers = category.and_then(|c| {
        let (number, of) = c.strip_prefix("shard-")?.split_once("-of-")?;
        Some((number.parse().ok()?, of.parse().ok()?))
    });
    match numbers {
        Some((number, of)) if number >= 1 && number <= of => Ok(Part { name, root, number, of }),
        _ => Err(MergeError::Whole(name.to_owned())),
    }
}

/// Whether the parts are all parts of one whole, each once.
fn complete(parts: &[Part<'_>]) -> Result<(), MergeError> {
    let Some(first) = parts.first() else {
        return Err(MergeError::Missing { missing: vec![1], of: 1 });
    };
    for pair in parts.windows(2) {
        let [a, b] = pair else { continue };
        if a.of != b.of {
            let what = format!("the number of parts, {} and {}", a.of, b.of);
            return Err(MergeError::Different(a.name.to_owned(), b.name.to_owned(), what));
        }
        if a.number == b.number {
            return Err(MergeError::Twice(a.name.to_owned(), b.name.to_owned(), a.number));
        }
    }
    let held = |n: &usize| parts.iter().any(|p| p.number == *n);
    if parts.len() < first.of {
        let missing = (1..=first.of).filter(|n| !held(n)).take(MOST_MISSING).collect();
        return Err(MergeError::Missing { missing, of: first.of });
    }
    Ok(())
}

/// Numbers beyond this are left out of a message.
const MOST_MISSING: usize = 20;

fn same(a: &Part<'_>, b: &Part<'_>, what: &str, left: Option<&Json>, right: Option<&Json>) -> Result<(), MergeError> {
    if left == right {
        return Ok(());
    }
    Err(MergeError::Different(a.name.to_owned(), b.name.to_owned(), format!("`{what}`")))
}

/// Sorts what all parts found as one run would have, and writes it one a line.
fn lines(mut found: Vec<(Key, Json)>) -> String {
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text = String::new();
    for (i, (_, finding)) in found.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        text.push_str(&finding.to_string());
    }
    text
}

/// File, begin and end, rule, verdict, message, whether somebody accepts it: the order of a run.
type Key = (String, [u64; 4], String, usize, String, bool);

/// Counts of the summary, which are added up.
const COUNTS: [&str; 8] =
    ["failing", "possible", "undetermined", "suppressed", "baseline", "exempt", "elsewhere", "notAnalysed"];

fn report(parts: Vec<Part<'_>>) -> Result<String, MergeError> {
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else { return Ok(String::new()) };
    let mut found = found(whole.root.remove("findings"), finding_key);
    whole.root.remove("category");
    for mut part in parts {
        for what in ["version", "tool"] {
            same(&whole, &part, what, whole.root.get(what), part.root.get(what))?;
        }
        found.extend(self::found(part.root.remove("findings"), finding_key));
        let Some(Json::Map(summary)) = part.root.get("summary").cloned() else { continue };
        for (key, value) in summary {
            let own = whole.root.get("summary").and_then(|s| s.get(&key)).cloned();
            match (key.as_str(), own) {
                (key, Some(Json::Number(n))) if COUNTS.contains(&key) => {
                    let sum = n.as_u64().unwrap_or(0) + value.count().unwrap_or(0);
                    set(&mut whole.root, &["summary", key], Json::Number(sum.into()));
                }
                ("findings", Some(effects)) => {
                    for effect in ["deny", "audit"] {
                        let of = |json: &Json| json.get(effect).and_then(Json::count).unwrap_or(0);
                        let sum = of(&effects) + of(&value);
                        set(&mut whole.root, &["summary", "findings", effect], Json::Number(sum.into()));
                    }
                }
                // Reports of other shards may lie beside what was checked.
                ("leftAlone", _) => {}
                (key, own) => same(&whole, &part, key, own.as_ref(), Some(&value))?,
            }
        }
    }
    let mut text = String::from("{");
    if let Json::Map(entries) = &whole.root {
        for (key, value) in entries {
            text.push_str(&format!("\"{key}\":{value},\n"));
        }
    }
    text.push_str(&format!("\"findings\":[{}\n]}}\n", lines(found)));
    Ok(text)
}

fn sarif_log(parts: Vec<Part<'_>>) -> Result<String, MergeError> {
    let mut whole: Option<(Part<'_>, Json)> = None;
    let mut all = Vec::new();
    for mut part in parts {
        let Some(Json::List(mut runs)) = part.root.remove("runs") else { continue };
        let Some(mut run) = runs.pop() else { continue };
        all.extend(found(run.remove("results"), result_key));
        run.remove("automationDetails");
        match &whole {
            Some((first, head)) => {
                for what in ["tool", "properties", "invocations"] {
                    same(first, &part, what, head.get(what), run.get(what))?;
                }
            }
            None => whole = Some((part, run)),
        }
    }
    let Some((part, run)) = whole else { return Ok(String::new()) };
    let mut text = String::from("{");
    if let Json::Map(entries) = &part.root {
        for (key, value) in entries {
            text.push_str(&format!("\"{key}\":{value},"));
        }
    }
    let head = run.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    text.push_str(&format!("\"runs\":[{head},\n\"results\":[{}\n]}}]}}\n", lines(all)));
    Ok(text)
}

fn set(root: &mut Json, path: &[&str], value: Json) {
    let mut at = Some(root);
    for key in path {
        at = at.and_then(|json| json.get_mut(key));
    }
    if let Some(at) = at {
        *at = value;
    }
}

fn found(list: Option<Json>, key: fn(&Json) -> Key) -> Vec<(Key, Json)> {
    match list {
        Some(Json::List(items)) => items.into_iter().map(|item| (key(&item), item)).collect(),
        _ => Vec::new(),
    }
}

fn text_of(json: &Json, path: &[&str]) -> String {
    json.at(path).and_then(Json::text).unwrap_or_default().to_owned()
}

fn verdict(word: Option<&str>) -> usize {
    match word {
        Some("possible") => 1,
        Some("undetermined") => 2,
        _ => 0,
    }
}

fn finding_key(finding: &Json) -> Key {
    let place = finding.get("places").and_then(|p| p.items().first());
    let number = |path: &[&str]| place.and_then(|p| p.at(path)).and_then(Json::count).unwrap_or(0);
    let place_of = [
        number(&["start", "line"]),
        number(&["start", "column"]),
        number(&["end", "line"]),
        number(&["end", "column"]),
    ];
    (
        place.map(|p| text_of(p, &["file"])).unwrap_or_default(),
        place_of,
        text_of(finding, &["rule"]),
        verdict(finding.get("verdict").and_then(Json::text)),
        text_of(finding, &["message"]),
        finding.get("suppressed").is_some(),
    )
}

fn result_key(result: &Json) -> Key {
    let place = result.get("locations").and_then(|l| l.items().first()?.get("physicalLocation"));
    let region = place.and_then(|p| p.get("region"));
    let number = |key: &str| region.and_then(|r| r.get(key)).and_then(Json::count);
    let (line, column) = (number("startLine").unwrap_or(0), number("startColumn").unwrap_or(1));
    let end = [number("endLine").unwrap_or(line), number("endColumn").unwrap_or(0)];
    // What lies nowhere stands first, whatever file it is put on.
    let uri = place.filter(|_| region.is_some()).map(|p| text_of(p, &["artifactLocation", "uri"])).unwrap_or_default();
    let [end_line, end_column] = end;
    (
        decoded(&uri),
        [line, column, end_line, end_column],
        text_of(result, &["ruleId"]),
        verdict(result.at(&["properties", "verdict"]).and_then(Json::text)),
        text_of(result, &["message", "text"]),
        result.get("suppressions").is_some(),
    )
}

/// A URI as the path that it was made from: files sort by that.
fn decoded(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(byte) = bytes.get(i) {
        let hex = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
        match hex.filter(|_| *byte == b'%').and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                i += 3;
            }
            None => {
                out.push(*byte);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
