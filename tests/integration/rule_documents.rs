//! The examples of every rule document hold, and every document says what a user needs.

use stamplint::app::examples;
use stamplint::app::session::Session;
use stamplint::rule::Section;

#[test]
fn examples_hold() {
    let session = Session::new().unwrap();
    let mut failures = Vec::new();
    let mut run = 0;
    for rule in session.catalogue().documents() {
        for example in rule.examples() {
            run += 1;
            for difference in examples::run(&session, rule, &example) {
                failures.push(format!(
                    "{}/{} {:?} `{}`: {difference}",
                    rule.family, rule.id, example.section, example.title
                ));
            }
        }
    }
    assert!(run > 20, "only {run} examples were run");
    assert!(failures.is_empty(), "{} of {run} examples:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn documents_show_both_sides() {
    let session = Session::new().unwrap();
    for rule in session.catalogue().documents() {
        let examples = rule.examples();
        for section in [Section::Fails, Section::Passes] {
            assert!(examples.iter().any(|e| e.section == section), "{} has no example below {section:?}", rule.id);
        }
        assert!(rule.body.contains("## How to fix"), "{} does not say how to fix it", rule.id);
        let marked = examples.iter().filter(|e| e.section == Section::Fails).all(|e| !e.expected.is_empty());
        assert!(marked, "{} has a failing example without a marker", rule.id);
        let clean = examples.iter().filter(|e| e.section == Section::Passes).all(|e| e.expected.is_empty());
        assert!(clean, "{} has a marker in a passing example", rule.id);
    }
}
