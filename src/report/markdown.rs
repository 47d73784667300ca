//! Markdown for a job summary: stamps against families, then the findings by rule.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::place::chars;
use super::prose::{advice, also};
use super::stamps::Stamps;
use super::summary::count;
use super::{Counts, Level, Run};
use crate::source::Span;
use crate::triage::Reported;

/// Findings of one rule beyond this are counted.
const MOST_OF_A_RULE: usize = 50;

/// Rows of the table beyond this are counted.
const MOST_STAMPS: usize = 100;

/// A job summary may be 1 MiB; what does not fit is said.
const LONGEST: usize = 900_000;

/// Renders the summary.
pub(super) fn render(run: &Run<'_>) -> String {
    let counts = Counts::of(run);
    let mut text = format!("## stamplint: {}\n\n", verdict(run, &counts));
    for notification in run.notifications {
        let word = match notification.level {
            Level::Error => "CAUTION",
            Level::Warning => "WARNING",
            Level::Note => "NOTE",
        };
        let _ = writeln!(text, "> [!{word}]\n> {}\n", inline(&notification.message));
    }
    table(run, &mut text);
    let rules = by_rule(run);
    let mut left = 0;
    for findings in rules.values() {
        let part = rule(run, findings);
        if text.len() + part.len() > LONGEST {
            left += findings.len();
        } else {
            text.push_str(&part);
        }
    }
    if left > 0 {
        let _ = writeln!(text, "{} not shown here: a job summary holds no more.\n", count(left, "further finding"));
    }
    if !could_not_run(run) {
        footer(run, &counts, &mut text);
    }
    text
}

fn verdict(run: &Run<'_>, counts: &Counts) -> String {
    if could_not_run(run) { "could not run".to_owned() } else { counts.verdict(run) }
}

fn could_not_run(run: &Run<'_>) -> bool {
    run.notifications.iter().any(|n| n.level == Level::Error)
}

/// Findings that fail the gate, and others.
#[derive(Clone, Copy, Default)]
struct Cell {
    fails: usize,
    others: usize,
}

impl Cell {
    fn add(&mut self, fails: bool) {
        if fails {
            self.fails += 1;
        } else {
            self.others += 1;
        }
    }

    fn text(self) -> String {
        match (self.fails, self.others) {
            (0, 0) => String::new(),
            (0, n) => n.to_string(),
            (n, 0) => format!("**{n}**"),
            (n, m) => format!("**{n}** + {m}"),
        }
    }
}

/// One row a stamp, one column a family that has findings; what concerns no stamp has a row of its own.
fn table(run: &Run<'_>, text: &mut String) {
    let mut families: BTreeMap<&str, Vec<Cell>> = BTreeMap::new();
    let stamps = run.fleet.stamps.len();
    let mut none = false;
    for finding in run.triaged.findings.iter().filter(|f| f.counts()) {
        let cells = families.entry(&*finding.rule.family).or_insert_with(|| vec![Cell::default(); stamps + 1]);
        let rows: Vec<usize> = if finding.stamps.is_empty() { vec![stamps] } else { finding.stamps.iter().collect() };
        none |= finding.stamps.is_empty();
        for row in rows {
            if let Some(cell) = cells.get_mut(row) {
                cell.add(run.fails(finding));
            }
        }
    }
    if families.is_empty() {
        return;
    }
    let names: Vec<&str> = families.keys().copied().collect();
    let _ = writeln!(text, "| stamp | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}", "--:|".repeat(names.len()));
    let rows = run.fleet.stamps.iter().map(|s| (s.index, inline(&s.name)));
    for (row, name) in rows.take(MOST_STAMPS).chain(none.then(|| (stamps, "*none*".to_owned()))) {
        let cells: Vec<String> =
            families.values().map(|cells| cells.get(row).copied().unwrap_or_default().text()).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    if stamps > MOST_STAMPS {
        let _ = writeln!(text, "\n{} not shown.", count(stamps - MOST_STAMPS, "further stamp"));
    }
    text.push_str("\nBold: fails the gate. A finding in a shared file counts in each of its stamps.\n\n");
}

/// Findings by rule; the rules that fail the gate first, then by id.
fn by_rule<'a>(run: &Run<'a>) -> BTreeMap<(bool, &'a str), Vec<&'a Reported>> {
    let mut rules: BTreeMap<&str, Vec<&Reported>> = BTreeMap::new();
    for finding in run.findings() {
        rules.entry(&*finding.rule.id).or_default().push(finding);
    }
    rules.into_iter().map(|(id, findings)| ((!findings.iter().any(|f| run.fails(f)), id), findings)).collect()
}

fn rule(run: &Run<'_>, findings: &[&Reported]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let stamps = Stamps::new_for(run, &first.rule.id);
    let mut text = format!(
        "<details open><summary><code>{}</code> {} ({}, {})</summary>\n\n",
        escaped(&first.rule.id),
        escaped(&first.rule.title),
        first.severity.word(),
        count(findings.len(), "finding"),
    );
    // One help for all is said once, above them.
    let help = advice(first);
    let same = findings.iter().all(|f| advice(f) == help);
    if let (true, Some(help)) = (same, &help) {
        let _ = writeln!(text, "{}\n", inline(help));
    }
    for finding in findings.iter().take(MOST_OF_A_RULE) {
        let mark = if run.fails(finding) { "**" } else { "" };
        let _ = write!(text, "- {mark}{}{mark} {}", finding.effect.word(), inline(&finding.message));
        if let Some(line) = stamps.line(finding) {
            let _ = write!(text, "; {}", inline(&line));
        }
        text.push('\n');
        for said in also(finding) {
            let _ = writeln!(text, "  - also: {}", inline(&said));
        }
        for label in &finding.places {
            if let Some(place) = place(run, label.span) {
                let _ = writeln!(text, "{}", format!("  - {place} {}", inline(&label.text)).trim_end());
            }
        }
        if let (false, Some(help)) = (same, advice(finding)) {
            let _ = writeln!(text, "  - {}", inline(&help));
        }
    }
    if findings.len() > MOST_OF_A_RULE {
        let _ = writeln!(text, "- {}", count(findings.len() - MOST_OF_A_RULE, "further finding"));
    }
    text.push_str("\n</details>\n\n");
    text
}

fn place(run: &Run<'_>, span: Span) -> Option<String> {
    let source = run.sources.get(span.source)?;
    let (start, _) = chars(&source, span);
    let path = run.file(source.path());
    let name = code(&format!("{path}:{}:{}", start.line, start.column));
    Some(match run.links {
        Some(base) => {
            format!("[{name}]({}/{}#L{})", base.trim_end_matches('/'), super::place::uri(&path), start.line)
        }
        None => name,
    })
}

fn footer(run: &Run<'_>, counts: &Counts, text: &mut String) {
    let mut words = vec![count(run.summary.resources, "resource"), count(run.summary.rules, "rule")];
    for (n, word) in [
        (counts.possible + counts.undetermined, "undetermined"),
        (counts.suppressed, "suppressed"),
        (counts.baseline, "held by the baseline"),
        (counts.exempt, "in exempt namespaces"),
        (counts.not_analysed, "not analysed"),
    ] {
        if n > 0 {
            words.push(format!("{n} {word}"));
        }
    }
    let _ = writeln!(text, "Checked {}: {}.", count(run.fleet.stamps.len(), "stamp"), words.join(", "));
    let inferred = run.summary.inferred.iter().map(|s| format!("inferred: {s}"));
    for (i, note) in inferred.chain(run.notes()).enumerate() {
        let _ = writeln!(text, "{}- {}", if i == 0 { "\n" } else { "" }, inline(&note));
    }
}

/// Text as Markdown shows it: what stands in backticks is code, nothing else has a meaning.
pub(super) fn inline(text: &str) -> String {
    let flat = text.replace(['\n', '\r'], " ");
    let parts: Vec<&str> = flat.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(&flat);
    }
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        if i % 2 == 0 {
            out.push_str(&escaped(part));
        } else {
            out.push_str(&code(part));
        }
    }
    out
}

fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // A bar would end the cell of a table, a backtick the code.
    let plain = !text.contains(['`', '|', '\n', '\r']);
    if plain { format!("`{text}`") } else { format!("<code>{}</code>", escaped(text)) }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("&#124;"),
            '`' => out.push_str("&#96;"),
            '\n' | '\r' => out.push(' '),
            // A mention or a reference would notify somebody.
            '@' => out.push_str("&#64;"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Notification;
    use crate::report::testing::{Stage, label};
    use crate::triage::Role;

    #[test]
    fn a_table_of_stamps_against_families_then_the_findings() {
        let mut stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        stage.find("mutable-image-tag", "tag `latest` can move", &[0, 1]);
        let text = render(&stage.run());
        for part in [
            "## stamplint: 1 finding that fails the gate, and 1 of effect audit\n",
            "| stamp | cluster | images |\n|---|--:|--:|\n| centralus | **1** | 1 |\n| eastus2 |  | 1 |\n",
            "<details open><summary><code>local-accounts-enabled</code> Local accounts are enabled (high, 1 finding)</summary>",
            "- **deny** local accounts are not disabled on cluster `aks`; stamp: centralus (1 of 2; eastus2 holds)\n",
            "  - `params/azuredeploy.parameters.centralus.json:3:40` `disableLocalAccounts` is set to false here\n",
            "- audit tag `latest` can move; stamps: centralus, eastus2 (all 2)\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(text.find("local-accounts-enabled").unwrap() < text.find("mutable-image-tag").unwrap());
        insta::assert_snapshot!(text);
    }

    #[test]
    fn places_are_links_where_there_is_something_to_link_to() {
        let stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        let text =
            render(&Run { links: Some("https://example.org/o/r/blob/abc/"), prefix: "deploy (x)", ..stage.run() });
        let link = "[`deploy (x)/cluster-stamp.bicep:3:27`](https://example.org/o/r/blob/abc/deploy%20%28x%29/cluster-stamp.bicep#L3)";
        assert!(text.contains(link), "{text}");
    }

    #[test]
    fn nothing_in_the_input_has_a_meaning() {
        assert_eq!(
            inline("a `b|c` <img> @team #1 [x](y) *z*"),
            "a <code>b&#124;c</code> &lt;img&gt; &#64;team \\#1 \\[x\\](y) \\*z\\*"
        );
        assert_eq!(inline("odd ` tick\nnext"), "odd &#96; tick next");
        let mut stage = Stage::new(&["a"]);
        let source = stage.sources.add("x`|<script>.yaml", "x: 1\n");
        stage.find("mutable-image-tag", "m", &[0]).places = vec![label(&source, "x", Role::Fix, "")];
        let text = render(&stage.run());
        assert!(!text.contains("<script>"), "{text}");
    }

    #[test]
    fn what_is_left_out_is_said() {
        let mut stage = Stage::new(&["a"]);
        for i in 0..53 {
            stage.find("mutable-image-tag", &format!("tag {i}"), &[0]);
        }
        stage.notifications.push(Notification::error("bad config"));
        let text = render(&stage.run());
        assert!(text.contains("- 3 further findings\n"), "{text}");
        assert!(text.starts_with("## stamplint: could not run\n\n> [!CAUTION]\n> bad config\n"), "{text}");
    }
}
