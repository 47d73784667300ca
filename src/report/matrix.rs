//! Stamps against families or rules: how much each found in each stamp. What a person looks at first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markdown::inline;
use super::summary::count;
use crate::model::Fleet;
use crate::rule::{Catalogue, Effect, Settings};
use crate::triage::Triaged;

/// What the columns are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Families of rules.
    Family,
    /// Rules.
    Rule,
}

/// What a table is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The stamps.
    pub fleet: &'a Fleet,
    /// The findings.
    pub triaged: &'a Triaged,
    /// Which rules are on, and where.
    pub settings: &'a Settings,
    /// All rules.
    pub catalogue: &'a Catalogue,
}

/// How a table is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// As Markdown.
    pub markdown: bool,
    /// With colours.
    pub color: bool,
    /// With more than ASCII.
    pub unicode: bool,
}

/// One stamp and one family or rule.
#[derive(Clone, Copy, Default)]
struct Cell {
    fails: usize,
    others: usize,
    /// Whether a rule of the family ran in the stamp.
    ran: bool,
}

/// A wider table is turned, so that stamps are the columns, where that is narrower.
const WIDEST: usize = 100;

/// Draws the table of the families or rules that found something; what found nothing is counted below it.
#[must_use]
pub fn render(input: Input<'_>, by: By, look: Look) -> String {
    let columns = columns(input, by);
    let found = |cells: &Vec<Cell>| cells.iter().any(|c| c.fails + c.others > 0);
    let (shown, clean): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(_, cells)| found(cells));
    let what = if by == By::Family { "family" } else { "rule" };
    let mut text = String::new();
    if shown.is_empty() {
        let _ = writeln!(text, "nothing was found in {}", count(input.fleet.stamps.len(), "stamp"));
        return text;
    }
    let mut stamps: Vec<String> = input.fleet.stamps.iter().map(|s| s.name.to_string()).collect();
    let extra = shown.iter().any(|(_, cells)| cells.last().is_some_and(|c| c.fails + c.others > 0));
    if extra {
        stamps.push("(the fleet)".to_owned());
    }
    let cell = |column: usize, row: usize| {
        shown.get(column).and_then(|(_, cells)| cells.get(row)).copied().unwrap_or_default()
    };
    let names: Vec<String> = shown.iter().map(|(name, _)| (*name).to_owned()).collect();
    let turned = !look.markdown && wide(&stamps, &names) > WIDEST && wide(&names, &stamps) < wide(&stamps, &names);
    if turned {
        draw(&names, &stamps, &|row, column| cell(row, column), what, look, &mut text);
    } else {
        draw(&stamps, &names, &|row, column| cell(column, row), "stamp", look, &mut text);
    }
    let (fails, holds) = if look.unicode || look.markdown { ("✗", "✓") } else { ("x", ".") };
    let _ = write!(text, "\n{fails} fails the gate, ! does not, {holds} holds, - did not run");
    if !clean.is_empty() {
        let kinds = if by == By::Family { ("family", "families") } else { ("rule", "rules") };
        let noun = if clean.len() == 1 { kinds.0 } else { kinds.1 };
        let _ = write!(text, "; {} {noun} more found nothing", clean.len());
    }
    text.push('\n');
    text
}

fn columns<'a>(input: Input<'a>, by: By) -> BTreeMap<&'a str, Vec<Cell>> {
    let stamps = input.fleet.stamps.len();
    let mut columns: BTreeMap<&str, Vec<Cell>> = BTreeMap::new();
    for rule in input.catalogue.documents() {
        let name = if by == By::Family { &*rule.family } else { &*rule.id };
        let on = |stamp: usize| input.settings.get(&rule.id, stamp).is_some_and(|s| s.effect != Effect::Off);
        let ran: Vec<usize> = (0..stamps).filter(|s| on(*s)).collect();
        if ran.is_empty() {
            continue;
        }
        let cells = columns.entry(name).or_insert_with(|| vec![Cell::default(); stamps + 1]);
        for stamp in ran {
            if let Some(cell) = cells.get_mut(stamp) {
                cell.ran = true;
            }
        }
    }
    for finding in input.triaged.findings.iter().filter(|f| f.counts()) {
        let name = if by == By::Family { &*finding.rule.family } else { &*finding.rule.id };
        let cells = columns.entry(name).or_insert_with(|| vec![Cell::default(); stamps + 1]);
        let rows: Vec<usize> = if finding.stamps.is_empty() { vec![stamps] } else { finding.stamps.iter().collect() };
        for row in rows {
            if let Some(cell) = cells.get_mut(row) {
                if finding.fails(Effect::Deny) { cell.fails += 1 } else { cell.others += 1 }
            }
        }
    }
    columns
}

/// How wide a table with these rows and columns gets.
fn wide(rows: &[String], columns: &[String]) -> usize {
    let len = |s: &String| s.chars().count();
    rows.iter().map(len).max().unwrap_or(0) + columns.iter().map(|c| len(c).max(5) + 2).sum::<usize>()
}

fn draw(
    rows: &[String],
    columns: &[String],
    cell: &dyn Fn(usize, usize) -> Cell,
    head: &str,
    look: Look,
    text: &mut String,
) {
    if look.markdown {
        let names: Vec<String> = columns.iter().map(|c| inline(c)).collect();
        let _ = writeln!(text, "| {head} | {} |\n|---|{}", names.join(" | "), "--:|".repeat(columns.len()));
        for (row, name) in rows.iter().enumerate() {
            let cells: Vec<String> = (0..columns.len()).map(|column| mark(cell(row, column), look).0).collect();
            let _ = writeln!(text, "| {} | {} |", inline(name), cells.join(" | "));
        }
        return;
    }
    let clean = |s: &String| s.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>();
    let first = rows.iter().map(|r| r.chars().count()).max().unwrap_or(0).max(head.len());
    let marks: Vec<Vec<(String, &str)>> =
        (0..rows.len()).map(|r| (0..columns.len()).map(|c| mark(cell(r, c), look)).collect()).collect();
    let width = |column: usize| {
        let cells = marks.iter().filter_map(|row| row.get(column)).map(|(t, _)| t.chars().count());
        cells.chain(columns.get(column).map(|c| c.chars().count())).max().unwrap_or(0)
    };
    let _ = write!(text, "{head:first$}");
    for (i, column) in columns.iter().enumerate() {
        let _ = write!(text, "  {:>1$}", clean(column), width(i));
    }
    text.push('\n');
    for (row, cells) in rows.iter().zip(&marks) {
        let _ = write!(text, "{:first$}", clean(row));
        for (i, (shown, color)) in cells.iter().enumerate() {
            let space = " ".repeat(width(i).saturating_sub(shown.chars().count()));
            let painted = if look.color { format!("\u{1b}[{color}m{shown}\u{1b}[0m") } else { shown.clone() };
            let _ = write!(text, "  {space}{painted}");
        }
        text.push('\n');
    }
}

/// A cell in signs, and its colour.
fn mark(cell: Cell, look: Look) -> (String, &'static str) {
    let (fails, holds) = if look.unicode || look.markdown { ("✗", "✓") } else { ("x", ".") };
    match (cell.fails, cell.others) {
        (0, 0) if cell.ran => (holds.to_owned(), "32"),
        (0, 0) => ("-".to_owned(), "2"),
        (0, n) => (format!("!{n}"), "33"),
        (n, 0) => (format!("{fails}{n}"), "31"),
        (n, m) => (format!("{fails}{n} !{m}"), "31"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let look = Look { markdown: false, color: false, unicode: true };
        let cells = |row: usize, column: usize| match (row, column) {
            (0, 0) => Cell { fails: 2, others: 1, ran: true },
            (1, 1) => Cell::default(),
            _ => Cell { ran: true, ..Cell::default() },
        };
        let (rows, columns) = (["east".to_owned(), "b\u{1b}".to_owned()], ["cluster".to_owned(), "zones".to_owned()]);
        let mut text = String::new();
        draw(&rows, &columns, &cells, "stamp", look, &mut text);
        assert_eq!(text, "stamp  cluster  zones\neast     ✗2 !1      ✓\nb\u{fffd}           ✓      -\n");
        let mut text = String::new();
        draw(&rows, &columns, &cells, "stamp", Look { markdown: true, ..look }, &mut text);
        assert!(text.starts_with("| stamp | cluster | zones |\n|---|--:|--:|\n| east | ✗2 !1 | ✓ |\n"), "{text}");
    }
}
