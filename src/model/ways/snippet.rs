//! What `ModSecurity` rules of a snippet do with a request whose header is absent or another's.

use super::header::{all_but, exact, is_fdid};
use crate::read::modsecurity::{Chain, Directive, Link, chains, parse};

/// What a snippet does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Whether a request without the header is denied.
    pub absent_denied: bool,
    /// Whether a request with another's id is denied.
    pub other_denied: bool,
    /// Whether any rule looks at the header.
    pub mentions: bool,
    /// The zero-based line on which the engine is set not to block.
    pub detection_only: Option<usize>,
    /// The line of the first rule that looks at the header.
    pub line: usize,
    /// Texts that are compared with the header, each with its line.
    pub compared: Vec<(String, usize)>,
}

/// Reads and runs a snippet.
///
/// # Errors
/// The line and what is wrong there.
pub fn run(text: &str) -> Result<Rules, (usize, String)> {
    let directives = parse(text).map_err(|e| (e.line, e.message))?;
    let chains = chains(&directives).map_err(|e| (e.line, e.message))?;
    let removed = removed(&directives);
    let mut rules = Rules {
        absent_denied: false,
        other_denied: false,
        mentions: false,
        detection_only: None,
        line: 0,
        compared: Vec::new(),
    };
    for directive in directives.iter().filter(|d| d.name == "SecRuleEngine") {
        let on = directive.arguments.first().is_some_and(|a| a.eq_ignore_ascii_case("On"));
        rules.detection_only = (!on).then_some(directive.line);
    }
    let blocks = default_denies(&directives);
    for chain in &chains {
        for link in chain.links.iter().filter(|l| l.variables.iter().any(|v| names_header(v))) {
            if !rules.mentions {
                rules.line = link.line;
            }
            rules.mentions = true;
            let (name, argument) = (&link.operator.0, &link.operator.1);
            let ids = match name.as_str() {
                "streq" | "within" | "pm" | "strmatch" | "contains" => {
                    argument.split([' ', ',']).filter(|t| !t.is_empty()).map(str::to_owned).collect()
                }
                "rx" => exact(argument).or_else(|| all_but(argument)).unwrap_or_default(),
                _ => Vec::new(),
            };
            rules.compared.extend(ids.into_iter().map(|id| (id, link.line)));
        }
    }
    rules.absent_denied = denied(&chains, false, blocks, &removed);
    rules.other_denied = denied(&chains, true, blocks, &removed);
    Ok(rules)
}

fn names_header(variable: &str) -> bool {
    let plain = variable.trim_start_matches(['&', '!']);
    plain.split_once(':').is_some_and(|(collection, name)| {
        collection.eq_ignore_ascii_case("REQUEST_HEADERS") && is_fdid(name.trim_matches(['\'', '/']))
    })
}

fn removed(directives: &[Directive]) -> Vec<String> {
    directives
        .iter()
        .filter(|d| d.name == "SecRuleRemoveById")
        .flat_map(|d| d.arguments.iter().flat_map(|a| a.split([' ', ','])).map(str::to_owned))
        .collect()
}

/// Whether `block` denies: only where a default action says so.
fn default_denies(directives: &[Directive]) -> bool {
    directives
        .iter()
        .filter(|d| d.name == "SecDefaultAction")
        .any(|d| d.arguments.iter().any(|a| a.split(',').any(|w| matches!(w.trim(), "deny" | "drop"))))
}

/// Whether a request is denied by the first rule that decides. `present` says whether it has the header.
fn denied(chains: &[Chain], present: bool, block_denies: bool, removed: &[String]) -> bool {
    for chain in chains {
        let Some(first) = chain.links.first() else { continue };
        if first.action("id").is_some_and(|id| removed.iter().any(|r| r == id)) {
            continue;
        }
        let holds = chain.links.iter().map(|l| link_holds(l, present)).try_fold(Some(true), |all, one| match one {
            Some(false) => Err(()),
            Some(true) => Ok(all),
            None => Ok(None),
        });
        let Ok(holds) = holds else { continue };
        let off = |l: &Link| {
            l.actions.iter().any(|(n, v)| {
                n == "ctl"
                    && v.to_ascii_lowercase().starts_with("ruleengine=")
                    && !v.to_ascii_lowercase().ends_with("=on")
            })
        };
        // Whoever may be let off is.
        if first.action("allow").is_some() || chain.links.iter().any(off) {
            return false;
        }
        let late = matches!(first.action("phase"), Some("5" | "logging"));
        let denies = (first.action("deny").is_some()
            || first.action("drop").is_some()
            || (first.action("block").is_some() && block_denies))
            && !late
            && first.action("status").is_none_or(|s| s.starts_with('4') || s.starts_with('5'));
        if denies && holds == Some(true) {
            return true;
        }
    }
    false
}

fn link_holds(link: &Link, present: bool) -> Option<bool> {
    if link.operator.0 == "unconditionalmatch" || link.operator.0 == "nomatch" {
        return Some((link.operator.0 == "unconditionalmatch") != link.negated);
    }
    let mut any = Some(false);
    for variable in &link.variables {
        let one = variable_holds(link, variable, present);
        any = match (any, one) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (None, _) | (_, None) => None,
            _ => Some(false),
        };
    }
    any
}

fn variable_holds(link: &Link, variable: &str, present: bool) -> Option<bool> {
    if !names_header(variable) || variable.starts_with('!') {
        return None;
    }
    let (name, argument) = (link.operator.0.as_str(), link.operator.1.as_str());
    let result = if variable.starts_with('&') {
        let count = i64::from(present);
        let wanted: i64 = argument.parse().ok()?;
        match name {
            "eq" => Some(count == wanted),
            "lt" => Some(count < wanted),
            "le" => Some(count <= wanted),
            "gt" => Some(count > wanted),
            "ge" => Some(count >= wanted),
            "rx" | "streq" => Some(count.to_string() == argument),
            _ => None,
        }
    } else if !present {
        // A rule on a variable that is not there does not run, negated or not.
        return Some(false);
    } else {
        match name {
            // `@within` looks for the value in the argument, so an id, but also a piece of one, is within.
            "streq" => Some(false),
            "within" if !argument.contains([' ', ',']) => Some(false),
            "within" | "pm" => Some(false),
            "rx" if exact(argument).is_some() => Some(false),
            "rx" if all_but(argument).is_some() => Some(true),
            _ => None,
        }
    };
    result.map(|holds| holds != link.negated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_other() {
        let id = "421a1e5d-ee82-4dd6-b8ed-6cb67285f846";
        let absent = "SecRule &REQUEST_HEADERS:X-Azure-FDID \"@eq 0\" \"id:1,phase:1,deny,status:403\"\n";
        let cases = [
            (
                format!(
                    "{absent}SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq {id}\" \"id:2,phase:1,deny,status:403\""
                ),
                [true, true],
            ),
            (
                format!("{absent}SecRule REQUEST_HEADERS:X-Azure-FDID \"@rx ^(?!{id}).*$\" \"id:2,deny,status:403\""),
                [true, true],
            ),
            (format!("{absent}SecRule REQUEST_HEADERS:X-Azure-FDID \"!@rx ^{id}$\" \"id:2,deny\""), [true, true]),
            (format!("{absent}SecRule REQUEST_HEADERS:X-Azure-FDID \"!@contains a\" \"id:2,deny\""), [true, false]),
            (format!("{absent}SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq {id}\" \"id:2,pass,log\""), [true, false]),
            (format!("SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq {id}\" \"id:2,deny\""), [false, true]),
            (format!("SecRule REQUEST_URI \"@beginsWith /health\" \"id:9,allow\"\n{absent}"), [false, false]),
            (
                format!(
                    "{absent}SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq {id}\" \"id:2,chain,deny\"\nSecRule ARGS \"x\""
                ),
                [true, false],
            ),
        ];
        for (text, wanted) in cases {
            let rules = run(&text).unwrap();
            assert_eq!([rules.absent_denied, rules.other_denied], wanted, "{text}");
        }
        assert_eq!(run("SecRuleEngine DetectionOnly").unwrap().detection_only, Some(0));
    }
}
