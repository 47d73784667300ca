//! What a policy says of an input, as far as it says it in the agreed shape.

use regorus::Value;

use crate::rule::{Edit, EditKind, Effect, Finding, Fix, Place, Verdict};
use crate::tree::{Path, Segment};

/// One offence.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Said {
    pub path: Path,
    pub message: String,
    pub label: Option<String>,
    pub help: Option<String>,
    pub weaker: Option<Effect>,
    pub verdict: Verdict,
    pub related: Vec<(Path, String)>,
    pub fixes: Vec<SaidFix>,
}

/// A way to mend it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct SaidFix {
    title: String,
    edits: Vec<(Path, SaidEdit)>,
}

#[derive(Clone, PartialEq, Debug)]
enum SaidEdit {
    Set(String),
    Insert(String, String),
    Remove,
}

impl Said {
    /// Reads the results of a `deny` rule.
    ///
    /// # Errors
    /// The first result that has not the agreed shape, in words.
    pub fn read(results: &Value) -> Result<Vec<Self>, String> {
        match results {
            Value::Undefined => Ok(Vec::new()),
            Value::Set(set) => set.iter_sorted().map(Self::one).collect(),
            _ => Err("`deny` is no set: write `deny contains {...} if {...}`".to_owned()),
        }
    }

    fn one(result: &Value) -> Result<Self, String> {
        const KEYS: [&str; 8] = ["path", "msg", "label", "help", "effect", "verdict", "related", "fix"];
        let Ok(fields) = result.as_object() else {
            return Err(format!("a result is no object but {result}"));
        };
        if let Some((key, _)) = fields.iter_sorted().find(|(k, _)| !KEYS.iter().any(|known| **k == Value::from(*known)))
        {
            return Err(format!("a result has the field {key}, which is none of `{}`", KEYS.join("`, `")));
        }
        let text = |name: &str| field(result, name).and_then(as_text);
        let effect = match text("effect") {
            None => None,
            Some(word) => Some(Effect::from_word(&word).ok_or_else(|| format!("`{word}` is no effect"))?),
        };
        let verdict = match text("verdict").as_deref() {
            None | Some("fail") => Verdict::Fail,
            Some("possible") => Verdict::Possible,
            Some("undetermined") => Verdict::Undetermined,
            Some(word) => return Err(format!("`{word}` is no verdict")),
        };
        let mut related = Vec::new();
        for item in items(field(result, "related")) {
            related.push((path(&item)?, field(&item, "msg").and_then(as_text).unwrap_or_default()));
        }
        Ok(Self {
            path: path(result)?,
            message: text("msg").ok_or("a result has no string `msg`")?,
            label: text("label"),
            help: text("help"),
            weaker: effect,
            verdict,
            related,
            fixes: match field(result, "fix") {
                None => Vec::new(),
                Some(fix) => vec![SaidFix::read(&fix)?],
            },
        })
    }

    /// The finding, at a place that the caller makes of each path.
    pub fn finding(&self, place: impl Fn(&Path) -> Place) -> Finding {
        let mut finding = Finding::new(place(&self.path), self.message.clone());
        finding.label.clone_from(&self.label);
        finding.help.clone_from(&self.help);
        finding.weaker = self.weaker;
        finding.verdict = self.verdict;
        for (path, word) in &self.related {
            finding = finding.related(place(path), word.clone());
        }
        for fix in &self.fixes {
            let edits = fix.edits.iter().map(|(path, edit)| Edit {
                place: place(path),
                kind: match edit {
                    SaidEdit::Set(text) => EditKind::Set(text.clone()),
                    SaidEdit::Insert(key, text) => EditKind::Insert(key.clone(), text.clone()),
                    SaidEdit::Remove => EditKind::Remove,
                },
            });
            finding = finding.fix(Fix { title: fix.title.clone(), edits: edits.collect(), text: None });
        }
        finding
    }
}

impl SaidFix {
    fn read(fix: &Value) -> Result<Self, String> {
        let title = field(fix, "title").and_then(as_text).ok_or("a fix has no string `title`")?;
        let mut edits = Vec::new();
        for edit in items(field(fix, "edits")) {
            let value = || field(&edit, "value").map(|v| v.to_string());
            let key = field(&edit, "key").and_then(as_text);
            let kind = match (field(&edit, "op").and_then(as_text).as_deref(), key, value()) {
                (Some("set"), _, Some(value)) => SaidEdit::Set(value),
                (Some("insert"), Some(key), Some(value)) => SaidEdit::Insert(key, value),
                (Some("remove"), _, _) => SaidEdit::Remove,
                _ => return Err(format!("{edit} is no edit: `op` is set, insert or remove")),
            };
            edits.push((path(&edit)?, kind));
        }
        Ok(Self { title, edits })
    }
}

fn field(value: &Value, name: &str) -> Option<Value> {
    value.as_object().ok()?.get(&Value::from(name)).cloned()
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn items(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.iter().cloned().collect(),
        Some(Value::Set(items)) => items.iter_sorted().cloned().collect(),
        _ => Vec::new(),
    }
}

fn path(holder: &Value) -> Result<Path, String> {
    let Some(Value::Array(segments)) = field(holder, "path") else {
        return Err("a result has no list `path`".to_owned());
    };
    let segments = segments.iter().map(|segment| match segment {
        Value::String(key) => Ok(Segment::from(&**key)),
        other => match other.as_u64() {
            Ok(index) => Ok(Segment::Index(usize::try_from(index).unwrap_or(usize::MAX))),
            Err(_) => Err(format!("{other} is neither a key nor an index of a path")),
        },
    });
    Ok(Path(segments.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<Said>, String> {
        let results = Value::from_json_str(json).unwrap();
        let set = results.as_array().unwrap().iter().cloned().collect::<std::collections::BTreeSet<_>>();
        Said::read(&Value::from(set))
    }

    #[test]
    fn the_agreed_shape_is_read() {
        let said = read(
            r#"[{"path": ["spec", "containers", 0], "msg": "m", "effect": "audit",
                 "related": [{"path": ["kind"], "msg": "r"}],
                 "fix": {"title": "t", "edits": [{"op": "set", "path": ["a"], "value": true}]}}]"#,
        )
        .unwrap();
        assert_eq!(said[0].path.to_string(), "spec.containers[0]");
        assert_eq!(said[0].weaker, Some(Effect::Audit));
        assert_eq!(said[0].related[0].1, "r");
        assert_eq!(said[0].fixes[0].edits[0].1, SaidEdit::Set("true".into()));
    }

    #[test]
    fn other_shapes_are_told() {
        for (json, words) in [
            (r#"["text"]"#, "no object"),
            (r#"[{"msg": "m"}]"#, "no list `path`"),
            (r#"[{"path": []}]"#, "no string `msg`"),
            (r#"[{"path": [true], "msg": "m"}]"#, "neither"),
            (r#"[{"path": [], "msg": "m", "pth": 1}]"#, "pth"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        assert!(Said::read(&Value::Bool(true)).is_err());
    }
}
