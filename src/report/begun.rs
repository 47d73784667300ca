//! What `stamplint init` says once the config is there: what it read, how the gate stands today, and how to begin with
//! a fleet that has findings already.

use super::closing::{Parts, read};
use super::{Counts, Run};

/// Where the proposed baseline goes.
const BASELINE: &str = "stamplint-baseline.json";

/// The words for the terminal, ending with a line feed. `config` is the path of the config that was written.
#[must_use]
pub fn begun(run: &Run<'_>, config: &str) -> String {
    let counts = Counts::of(run);
    let mut parts = Parts::new(run.color);
    parts.say("wrote", &[config.to_owned()]);
    parts.say("read", &read(run));
    parts.sentences("inferred", &run.summary.inferred);
    parts.say("found", &[counts.verdict(run)]);
    let mut next = vec![
        "correct the config where it guesses: each guess has its reason beside it, and `stamplint stamps` shows what it comes to"
            .to_owned(),
    ];
    if counts.deny + counts.audit > 0 {
        next.push("`stamplint` shows the findings".to_owned());
        next.push(format!(
            "`stamplint check --baseline {BASELINE} --update-baseline` accepts those of today, and with `--baseline {BASELINE}` only new ones fail"
        ));
    }
    parts.say("next", &next);
    parts.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Stage;

    #[test]
    fn a_baseline_is_proposed_where_there_is_something_to_accept() {
        let stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
        let said = begun(&stage.run(), "stamplint.yaml");
        assert!(said.starts_with("wrote     stamplint.yaml\nread "), "{said}");
        assert!(said.contains("\nfound     1 finding, which fails the gate\n"), "{said}");
        assert!(said.contains("--baseline stamplint-baseline.json --update-baseline"), "{said}");
        let clean = begun(&Stage::new(&["a"]).run(), "stamplint.yaml");
        assert!(clean.contains("no findings") && !clean.contains("baseline"), "{clean}");
    }
}
