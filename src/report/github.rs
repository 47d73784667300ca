//! Workflow commands of GitHub Actions: each finding becomes an annotation of its line.

use std::fmt::Write as _;

use super::place::utf16;
use super::prose::{advice, also};
use super::stamps::Stamps;
use super::{Level, Run};
use crate::rule::{Effect, Verdict};
use crate::triage::Reported;

/// So many annotations of a level are shown for a step; the others are in the log only.
const MOST_SHOWN: usize = 10;

/// Renders one command a finding. What fails the gate comes first, since only the first ones of each level are shown.
pub(super) fn render(run: &Run<'_>) -> String {
    let stamps = Stamps::new(run);
    let mut text = String::new();
    for notification in run.notifications {
        let level = match notification.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let _ = writeln!(text, "::{level} title=stamplint::{}", data(&notification.message));
    }
    let mut findings: Vec<&Reported> = run.findings().collect();
    findings.sort_by_key(|f| !run.fails(f));
    let mut shown = [0usize; 3];
    for finding in &findings {
        let level = level(finding);
        if let Some(n) = ["error", "warning", "notice"].iter().position(|l| *l == level).and_then(|i| shown.get_mut(i))
        {
            *n += 1;
        }
        let mut properties = place(run, finding);
        properties.push(format!("title={}", property(&format!("stamplint: {}", finding.rule.id))));
        let _ = writeln!(text, "::{level} {}::{}", properties.join(","), data(&message(&stamps, finding)));
    }
    if shown.iter().any(|n| *n > MOST_SHOWN) {
        let _ = writeln!(
            text,
            "{} findings; of each level the first {MOST_SHOWN} are shown as annotations, this log has them all",
            findings.len()
        );
    }
    text
}

fn level(finding: &Reported) -> &'static str {
    match (finding.verdict, finding.effect) {
        _ if finding.exempt || finding.set_aside.is_some() => "notice",
        (Verdict::Fail, Effect::Deny) => "error",
        (Verdict::Fail, _) => "warning",
        _ => "notice",
    }
}

fn place(run: &Run<'_>, finding: &Reported) -> Vec<String> {
    let first = finding.places.first();
    let Some((label, source)) = first.and_then(|l| Some((l, run.sources.get(l.span.source)?))) else {
        return Vec::new();
    };
    let (start, end) = utf16(&source, label.span);
    let mut properties = vec![
        format!("file={}", property(&run.file(source.path()))),
        format!("line={}", start.line),
        format!("endLine={}", end.line),
    ];
    // Columns of several lines are refused.
    if start.line == end.line {
        properties.push(format!("col={}", start.column));
        properties.push(format!("endColumn={}", end.column));
    }
    properties
}

fn message(stamps: &Stamps<'_>, finding: &Reported) -> String {
    let mut lines = vec![finding.message.clone()];
    lines.extend(also(finding).into_iter().map(|said| format!("also: {said}")));
    lines.extend(stamps.line(finding));
    lines.extend(advice(finding).map(|help| format!("help: {help}")));
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Notification;
    use crate::report::testing::{Stage, label};
    use crate::triage::Role;

    #[test]
    fn a_finding_is_an_annotation_of_its_line() {
        let stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        assert_eq!(
            render(&stage.run()),
            "::error file=params/azuredeploy.parameters.centralus.json,line=3,endLine=3,col=40,endColumn=45,\
             title=stamplint%3A local-accounts-enabled::local accounts are not disabled on cluster `aks`%0A\
             stamp: centralus (1 of 2; eastus2 holds)%0A\
             help: Entra ID is then the only way in: set `disableLocalAccounts` to true\n"
        );
    }

    #[test]
    fn nothing_in_the_input_can_write_a_command_of_its_own() {
        let mut stage = Stage::new(&["a"]);
        let source = stage.sources.add("a,b:c%\n::stop.yaml", "x: 1\n");
        stage.find("mutable-image-tag", "50% \r\n::set-output name=x::y", &[0]).places =
            vec![label(&source, "x", Role::Fix, "")];
        let text = render(&stage.run());
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("::warning file=a%2Cb%3Ac%25%0A%3A%3Astop.yaml,line=1,"), "{text}");
        assert!(text.contains("::50%25 %0D%0A::set-output name=x::y"), "{text}");
    }

    /// Reads a command as the runner does: properties up to the next `::`, the rest is data, each with its escapes.
    fn read(line: &str) -> (String, Vec<(String, String)>, String) {
        let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        let unescaped = |t: &str| {
            t.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
        };
        let properties = properties.split(',').map(|p| p.split_once('=').unwrap());
        (command.into(), properties.map(|(k, v)| (k.into(), unescaped(v))).collect(), unescaped(data))
    }

    #[test]
    fn the_runner_reads_back_what_was_said() {
        for hostile in ["a,b", "x::y", "100%", "%0A", "line\r\nline", "=,=", "ü 𝒳"] {
            let mut stage = Stage::new(&["default"]);
            stage.fleet.declared = false;
            let source = stage.sources.add(format!("dir/{hostile}.yaml"), "x: 1\n");
            stage.find("mutable-image-tag", hostile, &[0]).places = vec![label(&source, "x", Role::Fix, "")];
            let (command, properties, data) = read(render(&stage.run()).trim_end_matches('\n'));
            assert_eq!((command.as_str(), data.as_str()), ("warning", hostile));
            assert!(properties.contains(&("file".into(), format!("dir/{hostile}.yaml"))), "{properties:?}");
            assert!(properties.contains(&("title".into(), "stamplint: mutable-image-tag".into())), "{properties:?}");
        }
    }

    #[test]
    fn what_fails_comes_first_and_what_is_not_annotated_is_said() {
        let mut stage = Stage::new(&["a"]);
        for i in 0..11 {
            stage.find("mutable-image-tag", &format!("tag {i}"), &[0]);
        }
        stage.find("local-accounts-enabled", "worst", &[0]);
        stage.notifications.push(Notification::error("bad config"));
        let text = render(&stage.run());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "::error title=stamplint::bad config");
        assert!(lines[1].starts_with("::error title=stamplint%3A local-accounts-enabled::worst"));
        assert!(lines[13].starts_with("12 findings; of each level the first 10"));
    }
}
