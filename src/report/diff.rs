//! Two stamps side by side, for a terminal, as JSON and as Markdown.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::markdown::inline;
use super::summary::count;

/// What was compared.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The first stamp: its name, region and environment.
    pub first: (String, Option<String>, Option<String>),
    /// The second.
    pub second: (String, Option<String>, Option<String>),
    /// The differences, those of one group together.
    pub rows: Vec<Row>,
}

/// A difference.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is a difference of.
    pub kind: Kind,
    /// The deployment or resource.
    pub group: String,
    /// The parameter or the property.
    pub path: String,
    /// What the first stamp has; none for nothing.
    pub first: Option<Shown>,
    /// What the second stamp has.
    pub second: Option<Shown>,
    /// Why.
    pub cause: Cause,
}

/// What differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A parameter of this name.
    Parameter(String),
    /// A property of a resource.
    Property,
    /// A resource that one stamp lacks.
    Missing,
}

/// Why it differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Nothing says.
    None,
    /// By its nature.
    Nature,
    /// It follows from this parameter.
    Parameter(String),
}

/// A side of a difference.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The value; none for a whole resource.
    pub value: Option<Json>,
    /// Where it stands: file, line and column.
    pub place: Option<(String, usize, usize)>,
}

/// Values beyond this are cut on a terminal and in Markdown.
const LONGEST: usize = 120;

/// Renders a comparison. Without `all`, what differs by its nature or follows from a parameter is counted only.
#[must_use]
pub fn render(compared: &Compared, format: &str, all: bool, color: bool) -> String {
    match format {
        "json" => as_json(compared, all),
        "markdown" => as_markdown(compared, all),
        _ => as_text(compared, all, color),
    }
}

impl Compared {
    fn rows(&self, all: bool) -> impl Iterator<Item = &Row> + Clone {
        self.rows.iter().filter(move |r| all || r.cause == Cause::None)
    }

    fn counts(&self) -> (usize, usize, usize) {
        let of = |wanted: fn(&Cause) -> bool| self.rows.iter().filter(|r| wanted(&r.cause)).count();
        (of(|c| *c == Cause::None), of(|c| *c == Cause::Nature), of(|c| matches!(c, Cause::Parameter(_))))
    }

    /// `3 differences; 12 by their nature and 4 that follow from a parameter are not shown`.
    fn sentence(&self, all: bool) -> String {
        let (own, nature, following) = self.counts();
        let mut text = if own == 0 { "no difference".to_owned() } else { count(own, "difference") };
        let rest: Vec<String> = [
            (nature > 0).then(|| format!("{nature} by nature")),
            (following > 0).then(|| {
                format!("{following} that {} from a parameter", if following == 1 { "follows" } else { "follow" })
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !rest.is_empty() {
            let _ = write!(text, "; {} more: {}", nature + following, rest.join(", "));
            if !all {
                text.push_str(" (`--all` shows them)");
            }
        }
        text
    }
}

fn title((name, region, environment): &(String, Option<String>, Option<String>)) -> String {
    let facts: Vec<&str> =
        [environment, region].into_iter().flatten().map(String::as_str).filter(|f| f != name).collect();
    if facts.is_empty() { name.clone() } else { format!("{name} ({})", facts.join(", ")) }
}

fn as_text(compared: &Compared, all: bool, color: bool) -> String {
    let paint = |code: &str, text: &str| if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut text = format!(
        "{} {}\n{} {}\n",
        paint("31", "-"),
        paint("1", &title(&compared.first)),
        paint("32", "+"),
        paint("1", &title(&compared.second))
    );
    let mut group = "";
    for row in compared.rows(all) {
        if row.group != group {
            group = &row.group;
            let _ = writeln!(text, "\n{}", paint("1", &clean(group)));
        }
        let note = match &row.cause {
            Cause::None => String::new(),
            Cause::Nature => paint("2", "  by nature"),
            Cause::Parameter(name) => paint("2", &format!("  follows from `{}`", clean(name))),
        };
        if row.kind == Kind::Missing {
            let (code, sign, side) = match (&row.first, &row.second) {
                (Some(side), _) => ("31", "-", side),
                (None, Some(side)) => ("32", "+", side),
                (None, None) => continue,
            };
            let of = if sign == "-" { &compared.first.0 } else { &compared.second.0 };
            let _ = writeln!(text, "  {}{}", paint(code, &format!("{sign} only in {of}")), place(side, &paint));
            continue;
        }
        let _ = writeln!(text, "  {}{note}", clean(&row.path));
        for (code, sign, side) in [("31", "-", &row.first), ("32", "+", &row.second)] {
            let line = match side {
                Some(side) => format!("{}{}", paint(code, &format!("{sign} {}", value(side))), place(side, &paint)),
                None => paint(code, &format!("{sign} nothing")),
            };
            let _ = writeln!(text, "    {line}");
        }
    }
    let _ = writeln!(text, "\n{}", compared.sentence(all));
    text
}

fn place(side: &Shown, paint: &dyn Fn(&str, &str) -> String) -> String {
    match &side.place {
        Some((file, line, column)) => paint("2", &format!("  {}:{line}:{column}", clean(file))),
        None => String::new(),
    }
}

fn value(side: &Shown) -> String {
    let text = side.value.as_ref().map(Json::to_string).unwrap_or_default();
    let text = clean(&text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Text without what a terminal would obey.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn as_json(compared: &Compared, all: bool) -> String {
    let stamp = |(name, region, environment): &(String, Option<String>, Option<String>)| json!({"name": name, "region": region, "environment": environment});
    let side = |side: &Option<Shown>| match side {
        None => Json::Null,
        Some(shown) => {
            let mut object = serde_json::Map::new();
            if let Some(value) = &shown.value {
                object.insert("value".into(), value.clone());
            }
            if let Some((file, line, column)) = &shown.place {
                object.insert("place".into(), json!({"file": file, "line": line, "column": column}));
            }
            Json::Object(object)
        }
    };
    let rows: Vec<Json> = compared
        .rows(all)
        .map(|row| {
            json!({
                "kind": match row.kind { Kind::Parameter(_) => "parameter", Kind::Property => "property", Kind::Missing => "missing" },
                "of": row.group,
                "path": row.path,
                "first": side(&row.first),
                "second": side(&row.second),
                "cause": match &row.cause { Cause::None => Json::Null, Cause::Nature => "nature".into(), Cause::Parameter(name) => json!({"parameter": name}) },
            })
        })
        .collect();
    let (own, nature, following) = compared.counts();
    let whole = json!({
        "version": 1,
        "first": stamp(&compared.first),
        "second": stamp(&compared.second),
        "summary": {"differences": own, "byNature": nature, "following": following},
        "differences": rows,
    });
    // Maps with string keys: serialising cannot fail.
    serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
}

fn as_markdown(compared: &Compared, all: bool) -> String {
    let (first, second) = (title(&compared.first), title(&compared.second));
    let mut text = format!("## {} and {}\n\n{}\n", inline(&first), inline(&second), compared.sentence(all));
    let mut group = None;
    for row in compared.rows(all) {
        if group != Some(&row.group) {
            group = Some(&row.group);
            let (a, b) = (inline(&compared.first.0), inline(&compared.second.0));
            let _ = write!(text, "\n### {}\n\n| | {a} | {b} | |\n|---|---|---|---|\n", inline(&row.group));
        }
        let what = if row.kind == Kind::Missing { "the whole of it".to_owned() } else { code(&row.path) };
        let why = match &row.cause {
            Cause::None => String::new(),
            Cause::Nature => "by nature".to_owned(),
            Cause::Parameter(name) => format!("follows from {}", code(name)),
        };
        let _ = writeln!(text, "| {what} | {} | {} | {why} |", cell(&row.first), cell(&row.second));
    }
    text
}

fn cell(side: &Option<Shown>) -> String {
    let Some(side) = side else { return "—".to_owned() };
    let shown = if side.value.is_some() { code(&value(side)) } else { "there".to_owned() };
    match &side.place {
        Some((file, line, _)) => format!("{shown}<br>{}:{line}", inline(file)),
        None => shown,
    }
}

/// Code in a cell of a table: with as many backticks as it needs, and bars that end no cell.
fn code(text: &str) -> String {
    let text = clean(text).replace('|', "\\|");
    let mut run = 0;
    let mut longest = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let ticks = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared() -> Compared {
        let shown = |value: Json, line| Some(Shown { value: Some(value), place: Some(("p.json".to_owned(), line, 9)) });
        let row = |kind, path: &str, first, second, cause| Row {
            kind,
            group: "apps/Deployment `web|x`".to_owned(),
            path: path.to_owned(),
            first,
            second,
            cause,
        };
        Compared {
            first: ("dev".to_owned(), Some("eastus2".to_owned()), Some("dev".to_owned())),
            second: ("prod".to_owned(), Some("eastus2".to_owned()), None),
            rows: vec![
                row(Kind::Property, "spec.replicas", shown(2.into(), 3), None, Cause::None),
                row(
                    Kind::Property,
                    "spec.ip",
                    shown("10.1.0.1".into(), 4),
                    shown("10.2.0.1\u{1b}[2J".into(), 4),
                    Cause::Nature,
                ),
                row(Kind::Missing, "", None, Some(Shown { value: None, place: None }), Cause::None),
            ],
        }
    }

    #[test]
    fn natural_differences_are_counted_unless_asked_for() {
        let text = render(&compared(), "terminal", false, false);
        assert_eq!(
            text,
            "- dev (eastus2)\n+ prod (eastus2)\n\napps/Deployment `web|x`\n  spec.replicas\n    - 2  p.json:3:9\n    + nothing\n  \
             + only in prod\n\n2 differences; 1 more: 1 by nature (`--all` shows them)\n"
        );
        let text = render(&compared(), "terminal", true, false);
        assert!(text.contains("  spec.ip  by nature\n    - \"10.1.0.1\"  p.json:4:9\n"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("(`--all`"), "{text}");
    }

    #[test]
    fn markdown_cells_hold() {
        let text = render(&compared(), "markdown", true, false);
        let row = text.lines().find(|l| l.contains("spec.replicas")).unwrap();
        assert_eq!(row, "| `spec.replicas` | `2`<br>p.json:3 | — |  |");
        assert_eq!(code("a`b|c"), "`` a`b\\|c ``");
    }

    #[test]
    fn json_has_both_sides() {
        let json: Json = serde_json::from_str(&render(&compared(), "json", false, false)).unwrap();
        assert_eq!(json["summary"], json!({"differences": 2, "byNature": 1, "following": 0}));
        assert_eq!(
            json["differences"][0]["first"],
            json!({"value": 2, "place": {"file": "p.json", "line": 3, "column": 9}})
        );
        assert_eq!(json["differences"][0]["second"], Json::Null);
    }
}
