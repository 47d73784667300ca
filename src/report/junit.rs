//! `JUnit` XML: a suite for each family, a case for each finding, and one for each rule that found nothing.

use std::collections::{BTreeMap, HashMap};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::place::chars;
use super::prose::{advice, also};
use super::stamps::Stamps;
use super::{Level, Run};
use crate::triage::Reported;

/// Renders the report. What does not fail the gate is *skipped*, so that a red case means a red gate.
pub(super) fn render(run: &Run<'_>) -> String {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    let stamps = Stamps::new(run);
    let mut names: HashMap<(String, String), usize> = HashMap::new();
    let mut found: BTreeMap<&str, Vec<&Reported>> = BTreeMap::new();
    for finding in run.findings() {
        found.entry(&finding.rule.id).or_default().push(finding);
    }
    for rule in run.catalogue.documents() {
        let findings = found.remove(&*rule.id).unwrap_or_default();
        if findings.is_empty() && !run.settings.is_on(&rule.id) {
            continue;
        }
        let suite = suites.entry(&*rule.family).or_insert_with(|| TestSuite::new(format!("stamplint.{}", rule.family)));
        if findings.is_empty() {
            let mut case = TestCase::new(rule.title.as_str(), TestCaseStatus::success());
            case.set_classname(format!("stamplint.{}.{}", rule.family, rule.id));
            suite.add_test_case(case);
        }
        for finding in findings {
            let mut case = case(run, &stamps, finding);
            // Cases of one name are taken for one case.
            let class = case.classname.as_ref().map(|c| c.as_str().to_owned()).unwrap_or_default();
            let times = names.entry((class, case.name.as_str().to_owned())).or_default();
            *times += 1;
            if *times > 1 {
                case.name = format!("{} #{times}", case.name.as_str()).into();
            }
            suite.add_test_case(case);
        }
    }
    let mut report = Report::new("stamplint");
    if let Some(suite) = errors(run) {
        report.add_test_suite(suite);
    }
    report.add_test_suites(suites.into_values());
    // Writing to memory cannot fail.
    report.to_string().unwrap_or_default()
}

fn case(run: &Run<'_>, stamps: &Stamps<'_>, finding: &Reported) -> TestCase {
    let mut status = if run.fails(finding) {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::skipped()
    };
    let mut lines = Vec::new();
    let mut file = None;
    for label in &finding.places {
        if let Some(source) = run.sources.get(label.span.source) {
            let path = run.file(source.path());
            let (start, _) = chars(&source, label.span);
            lines.push(format!("{path}:{}:{} {}", start.line, start.column, label.text).trim_end().to_owned());
            file.get_or_insert(path);
        }
    }
    lines.extend(also(finding).into_iter().map(|said| format!("also: {said}")));
    lines.extend(stamps.line(finding));
    lines.extend(advice(finding).map(|help| format!("help: {help}")));
    let message = format!("{}: {}", finding.effect.word(), finding.message);
    status.set_message(message).set_type(&*finding.rule.id).set_description(lines.join("\n"));
    let name = match &file {
        Some(file) => format!("{} ({file})", finding.message),
        None => finding.message.clone(),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("stamplint.{}.{}", finding.rule.family, finding.rule.id));
    if let Some(file) = file {
        case.extra.insert("file".into(), file.into());
    }
    case
}

fn errors(run: &Run<'_>) -> Option<TestSuite> {
    let mut suite = TestSuite::new("stamplint");
    for notification in run.notifications.iter().filter(|n| n.level == Level::Error) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(notification.message.as_str());
        let mut case = TestCase::new("run", status);
        case.set_classname("stamplint.run");
        suite.add_test_case(case);
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Notification;
    use crate::report::testing::Stage;

    fn parsed(run: &Run<'_>) -> Report {
        Report::deserialize_from_str(&render(run)).unwrap()
    }

    #[test]
    fn each_rule_is_a_case_and_each_finding_one() {
        let mut stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        stage.find("mutable-image-tag", "<b> & \"c\" \u{1b}", &[0]);
        let report = parsed(&stage.run());
        assert_eq!((report.tests, report.failures, report.errors), (3, 1, 0));
        let names: Vec<_> = report.test_suites.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["stamplint.cluster", "stamplint.images", "stamplint.input"]);
        let case = &report.test_suites[0].test_cases[0];
        assert_eq!(case.classname.as_ref().unwrap().as_str(), "stamplint.cluster.local-accounts-enabled");
        let TestCaseStatus::NonSuccess { message, description, kind, .. } = &case.status else { panic!("{case:?}") };
        assert_eq!(*kind, NonSuccessKind::Failure);
        assert_eq!(message.as_ref().unwrap().as_str(), "deny: local accounts are not disabled on cluster `aks`");
        let text = description.as_ref().unwrap().as_str();
        assert!(
            text.starts_with("params/azuredeploy.parameters.centralus.json:3:40 `disableLocalAccounts` is set"),
            "{text}"
        );
        assert!(text.contains("stamp: centralus (1 of 2; eastus2 holds)"), "{text}");
        let audit = &report.test_suites[1].test_cases[0];
        assert!(matches!(audit.status, TestCaseStatus::Skipped { .. }), "{audit:?}");
        assert_eq!(audit.name.as_str(), "<b> & \"c\" ");
        assert!(matches!(report.test_suites[2].test_cases[0].status, TestCaseStatus::Success { .. }));
    }

    #[test]
    fn cases_have_names_of_their_own() {
        let mut stage = Stage::new(&["a"]);
        for _ in 0..3 {
            stage.find("mutable-image-tag", "same", &[0]);
        }
        let names = |run: &Run<'_>| {
            let cases = parsed(run).test_suites.into_iter().flat_map(|s| s.test_cases);
            cases.map(|c| c.name.as_str().to_owned()).filter(|n| n.starts_with("same")).collect::<Vec<_>>()
        };
        assert_eq!(names(&stage.run()), ["same", "same #2", "same #3"]);
    }

    #[test]
    fn a_run_that_could_not_be_made_is_an_error() {
        let mut stage = Stage::new(&["a"]);
        stage.notifications.push(Notification::error("bad config"));
        let report = parsed(&stage.run());
        assert_eq!(report.errors, 1);
    }
}
