//! The custom rules of an Application Gateway's WAF policy, evaluated as the gateway does, for a request from anywhere
//! but the trusted addresses whose header is absent or another Front Door's.
//!
//! Rules run by priority; the first that matches and allows or blocks decides; a rule that only logs does not. A
//! negated condition holds when none of its variables matches, and so it does for a header that is absent.

use std::sync::Arc;

use ipnet::IpNet;

use super::header::{exact, is_fdid};
use super::ranges;
use super::{Compared, Guard, Layer, Near, Spot, is, text};
use crate::model::Resource;
use crate::path;
use crate::tree::{Lookup, Path, Value};

/// Whether something holds for such requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holds {
    Never,
    /// The sender chooses, or it depends on the request.
    Maybe,
    Always,
    /// A value that decides is not known.
    Unknown,
}

impl Holds {
    fn not(self) -> Self {
        match self {
            Self::Never => Self::Always,
            Self::Always => Self::Never,
            other => other,
        }
    }
}

/// A custom rule.
struct Rule<'p> {
    value: &'p Value,
    path: Path,
    priority: Option<i64>,
}

impl Rule<'_> {
    fn name(&self) -> String {
        text(self.value, "name").map_or_else(|| "a rule".to_owned(), |n| format!("rule `{n}`"))
    }

    fn conditions(&self) -> &[Value] {
        self.value.look("matchConditions").known().map(Value::items).unwrap_or_default()
    }

    /// The condition on the header, with its index.
    fn on_header(&self) -> Option<(usize, &Value)> {
        self.conditions().iter().enumerate().find(|(_, c)| names_header(c))
    }

    fn is_disabled(&self) -> bool {
        is(self.value, "state", "Disabled")
    }
}

fn names_header(condition: &Value) -> bool {
    variables(condition).iter().any(is_header)
}

fn variables(condition: &Value) -> &[Value] {
    condition.look("matchVariables").known().map(Value::items).unwrap_or_default()
}

fn is_header(variable: &Value) -> bool {
    is(variable, "variableName", "RequestHeaders") && text(variable, "selector").is_some_and(is_fdid)
}

fn rules(policy: &Resource) -> Vec<Rule<'_>> {
    let listed = policy.body.look("properties.customRules").known().map(Value::items).unwrap_or_default();
    let mut rules: Vec<Rule<'_>> = listed
        .iter()
        .enumerate()
        .map(|(i, value)| Rule {
            value,
            path: path!["properties", "customRules", i],
            priority: value.look("priority").known().and_then(Value::as_i64),
        })
        .collect();
    rules.sort_by_key(|r| r.priority.unwrap_or(i64::MAX));
    rules
}

/// The values that a policy's rules compare with the header.
#[must_use]
pub fn compared(policy: &Arc<Resource>) -> Vec<Compared> {
    let mut found = Vec::new();
    for rule in rules(policy) {
        for (i, condition) in rule.conditions().iter().enumerate().filter(|(_, c)| names_header(c)) {
            let path = rule.path.join("matchConditions").join(i).join("matchValues");
            match condition.look("matchValues") {
                Lookup::Known(values) => {
                    for (j, value) in values.items().iter().enumerate() {
                        let texts = value.as_str().filter(|_| is(condition, "operator", "Regex")).and_then(exact);
                        for value in texts.map_or_else(
                            || vec![value.clone()],
                            |t| t.into_iter().map(|t| Value::string(t, value.span)).collect(),
                        ) {
                            found.push(Compared { spot: Spot::new(policy, path.join(j)), value });
                        }
                    }
                }
                Lookup::Absent | Lookup::Unknown(_) => {}
            }
        }
    }
    found
}

/// What a policy does with such requests.
#[must_use]
pub fn guard(policy: &Arc<Resource>, trusted: &[IpNet]) -> Guard {
    let at = |path: Path| Spot::new(policy, path);
    let spoiled = |path: Path, why: String| Guard::lets(at(path), Near::Spoiled, Layer::Waf, why);
    let noun = format!("WAF policy `{}`", policy.name());
    if policy.existing {
        return Guard::Unclear(at(Path::root()), format!("{noun} stands outside of the files"));
    }
    if let Lookup::Unknown(why) = policy.body.look("properties.customRules") {
        return Guard::Unclear(at(Path::dotted("properties.customRules")), why.to_string());
    }
    let rules = rules(policy);
    let header: Vec<&Rule<'_>> = rules.iter().filter(|r| r.on_header().is_some()).collect();
    if header.is_empty() {
        let listed = policy.body.look("properties.customRules").known();
        if let Some(i) = listed.and_then(|l| l.items().iter().position(|v| v.as_unknown().is_some())) {
            return Guard::Unclear(at(path!["properties", "customRules", i]), "a custom rule is not known".into());
        }
        let why = format!("no custom rule of {noun} looks at `X-Azure-FDID`");
        return Guard::lets(at(Path::dotted("properties.customRules")), Near::Policy, Layer::Waf, why);
    }
    // What is asked of the whole policy. A missing word is none that holds: the API's own default is to guard nothing.
    for (key, wanted) in [("state", "Enabled"), ("mode", "Prevention")] {
        let path = path!["properties", "policySettings", key];
        match policy.body.look(&format!("properties.policySettings.{key}")) {
            Lookup::Known(value) if value.as_str().is_some_and(|v| v.eq_ignore_ascii_case(wanted)) => {}
            Lookup::Known(value) if value.has_unknown() => {
                return Guard::Unclear(at(path), format!("the `{key}` of {noun} is partly unknown"));
            }
            Lookup::Known(value) => {
                let word = value.as_str().unwrap_or("no word");
                return spoiled(
                    path,
                    format!("{noun} has the check, but its `{key}` is `{word}`, so it blocks nothing"),
                );
            }
            Lookup::Absent => {
                let default = if key == "state" { "Disabled" } else { "Detection" };
                let why = format!("{noun} has the check, but no `{key}`, and the default `{default}` blocks nothing");
                return spoiled(path, why);
            }
            Lookup::Unknown(why) => return Guard::Unclear(at(path), why.to_string()),
        }
    }
    evaluate(policy, &rules, &header, trusted)
}

fn evaluate(policy: &Arc<Resource>, rules: &[Rule<'_>], header: &[&Rule<'_>], trusted: &[IpNet]) -> Guard {
    let at = |path: Path| Spot::new(policy, path);
    // Azure refuses a policy in which two rules have one priority, so its check never gets there.
    for pair in rules.windows(2) {
        if let [first, second] = pair
            && first.priority.is_some()
            && first.priority == second.priority
        {
            let why = format!("{} and {} have one priority, which Azure refuses", first.name(), second.name());
            return Guard::lets(at(second.path.join("priority")), Near::Spoiled, Layer::Waf, why);
        }
    }
    if let Some(rule) = rules.iter().find(|r| r.priority.is_none())
        && rules.len() > 1
    {
        let why = "a rule's priority is not known, so the order of the rules is not";
        return Guard::Unclear(at(rule.path.join("priority")), why.into());
    }
    let mut blocked = [false, false];
    let mut unknown = None;
    let mut may_allow = None;
    for rule in rules {
        let state = rule.value.look("state");
        if rule.is_disabled() {
            continue;
        }
        for (class, done) in [Header::Absent, Header::Other].into_iter().zip(blocked.iter_mut()) {
            if *done {
                continue;
            }
            let holds = rule_holds(rule, class, trusted);
            if holds != Holds::Never && (state.unknown().is_some() || rule.value.look("action").unknown().is_some()) {
                unknown.get_or_insert(rule.path.clone());
                continue;
            }
            if is(rule.value, "action", "Allow") && matches!(holds, Holds::Always | Holds::Maybe) {
                if rule.on_header().is_some() {
                    return almost(policy, rule);
                }
                let why = format!("{} allows requests before the header is looked at", rule.name());
                return Guard::lets(at(rule.path.clone()), Near::Spoiled, Layer::Waf, why);
            }
            if is(rule.value, "action", "Block") && !is(rule.value, "ruleType", "RateLimitRule") {
                match holds {
                    Holds::Always => *done = true,
                    Holds::Unknown => {
                        unknown.get_or_insert(rule.path.clone());
                    }
                    Holds::Never | Holds::Maybe => {}
                }
            } else if holds == Holds::Unknown && is(rule.value, "action", "Allow") {
                may_allow.get_or_insert(rule.path.clone());
            }
        }
    }
    let spoil = header.iter().filter(|r| !r.is_disabled()).find_map(|r| transform(policy, r));
    if let Some(guard) = spoil {
        return guard;
    }
    if blocked == [true, true] && may_allow.is_none() {
        return Guard::Refuses;
    }
    if let Some(path) = may_allow.or(unknown) {
        return Guard::Unclear(at(path), "a value that decides is not known".into());
    }
    header
        .iter()
        .find(|r| !r.is_disabled())
        .or(header.first())
        .map_or_else(|| Guard::Unclear(at(Path::root()), "no rule".into()), |rule| almost(policy, rule))
}

/// The header of the request in question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Header {
    Absent,
    Other,
}

fn rule_holds(rule: &Rule<'_>, header: Header, trusted: &[IpNet]) -> Holds {
    if rule.value.look("matchConditions").unknown().is_some() {
        return Holds::Unknown;
    }
    let mut all = Holds::Always;
    for condition in rule.conditions() {
        all = match (all, condition_holds(condition, header, trusted)) {
            (Holds::Never, _) | (_, Holds::Never) => Holds::Never,
            (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
            (Holds::Maybe, _) | (_, Holds::Maybe) => Holds::Maybe,
            (Holds::Always, Holds::Always) => Holds::Always,
        };
    }
    // A rule without conditions is refused by the API.
    if rule.conditions().is_empty() { Holds::Never } else { all }
}

fn condition_holds(condition: &Value, header: Header, trusted: &[IpNet]) -> Holds {
    let mut any = Holds::Never;
    for variable in variables(condition) {
        any = match (any, variable_holds(condition, variable, header, trusted)) {
            (Holds::Always, _) | (_, Holds::Always) => Holds::Always,
            (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
            (Holds::Maybe, _) | (_, Holds::Maybe) => Holds::Maybe,
            (Holds::Never, Holds::Never) => Holds::Never,
        };
    }
    match condition.look("negationConditon") {
        Lookup::Known(value) if value.as_bool() == Some(true) => any.not(),
        Lookup::Unknown(_) => Holds::Unknown,
        _ => any,
    }
}

fn variable_holds(condition: &Value, variable: &Value, header: Header, trusted: &[IpNet]) -> Holds {
    let (Lookup::Known(operator), Lookup::Known(name)) = (condition.look("operator"), variable.look("variableName"))
    else {
        return Holds::Unknown;
    };
    let operator = operator.as_str().unwrap_or_default().to_ascii_lowercase();
    let name = name.as_str().unwrap_or_default().to_ascii_lowercase();
    let values = condition.look("matchValues");
    let listed = values.known().map(Value::items).unwrap_or_default();
    let strings = || listed.iter().filter_map(Value::as_str);
    match name.as_str() {
        "requestheaders" if is_header(variable) => match operator.as_str() {
            "equal" => Holds::Never,
            "regex" if !listed.is_empty() && listed.iter().all(|v| v.as_str().is_none_or(|t| exact(t).is_some())) => {
                Holds::Never
            }
            "any" => {
                if header == Header::Other {
                    Holds::Always
                } else {
                    Holds::Never
                }
            }
            _ if header == Header::Absent => Holds::Never,
            _ => Holds::Maybe,
        },
        "remoteaddr" if operator == "ipmatch" => {
            if values.unknown().is_some() {
                return Holds::Unknown;
            }
            let nets: Vec<IpNet> = strings().filter_map(ranges::parse).collect();
            if ranges::is_everyone(&nets) {
                Holds::Always
            } else if nets.iter().all(|n| ranges::within(n, trusted)) {
                if listed.iter().any(Value::has_unknown) { Holds::Unknown } else { Holds::Never }
            } else {
                Holds::Maybe
            }
        }
        "requesturi" if matches!(operator.as_str(), "beginswith" | "contains") && strings().any(|s| s == "/") => {
            Holds::Always
        }
        "requesturi"
            if operator == "regex" && strings().any(|s| matches!(s, ".*" | "^/" | "^/.*" | "/" | "^/.*$" | "^.*$")) =>
        {
            Holds::Always
        }
        "requesturi" | "requestmethod" | "remoteaddr" if operator == "any" => Holds::Always,
        _ => Holds::Maybe,
    }
}

/// A transform that makes the comparison with a literal never match, and so turns everybody away.
fn transform(policy: &Arc<Resource>, rule: &Rule<'_>) -> Option<Guard> {
    let (i, condition) = rule.on_header()?;
    let transforms = condition.look("transforms").known()?;
    let values = condition.look("matchValues").known()?;
    for (j, transform) in transforms.items().iter().enumerate() {
        let word = transform.as_str()?;
        let spoils = |c: char| match word.to_ascii_lowercase().as_str() {
            "lowercase" => c.is_ascii_uppercase(),
            "uppercase" => c.is_ascii_lowercase(),
            _ => false,
        };
        if !values.items().is_empty() && values.items().iter().all(|v| v.as_str().is_some_and(|t| t.contains(spoils))) {
            let path = rule.path.join("matchConditions").join(i).join("transforms").join(j);
            let why = format!(
                "{} compares after `{word}` with an id that is written otherwise, so nothing matches",
                rule.name()
            );
            return Some(Guard::lets(Spot::new(policy, path), Near::Spoiled, Layer::Waf, why));
        }
    }
    None
}

/// Why a rule on the header does not turn such requests away: the value that spoils it, else the rule.
fn almost(policy: &Arc<Resource>, rule: &Rule<'_>) -> Guard {
    let spoiled = |path: Path, why: String| Guard::lets(Spot::new(policy, path), Near::Spoiled, Layer::Waf, why);
    let name = rule.name();
    let Some((i, condition)) = rule.on_header() else {
        return spoiled(rule.path.clone(), format!("{name} is no check of the header"));
    };
    let at = rule.path.join("matchConditions").join(i);
    let negated = condition.look("negationConditon");
    let is_negated = negated.known().and_then(Value::as_bool) == Some(true);
    let allow = is(rule.value, "action", "Allow");
    if rule.is_disabled() {
        return spoiled(rule.path.join("state"), format!("{name} is disabled"));
    }
    if is(rule.value, "ruleType", "RateLimitRule") {
        return spoiled(rule.path.join("ruleType"), format!("{name} blocks only above a rate"));
    }
    let operator = text(condition, "operator").unwrap_or_default();
    if !operator.eq_ignore_ascii_case("Equal") && !operator.eq_ignore_ascii_case("Regex") {
        let why = format!("{name} compares with `{operator}`, which other values satisfy too; `Equal` is needed");
        return spoiled(at.join("operator"), why);
    }
    if operator.eq_ignore_ascii_case("Regex") && rule_pattern_is_open(condition) {
        return spoiled(at.join("operator"), format!("{name} matches a pattern that is not this one id, anchored"));
    }
    for misspelt in ["negationCondition", "negateCondition"] {
        if !is_negated && condition.get_ci(misspelt).is_some() {
            let why =
                format!("{name} says `{misspelt}`, which the API does not read; its property is `negationConditon`");
            return spoiled(at.join(misspelt), why);
        }
    }
    if allow && !is_negated {
        let why = format!("{name} allows this Front Door, but no rule blocks everything else");
        return Guard::lets(Spot::new(policy, rule.path.clone()), Near::Almost, Layer::Waf, why);
    }
    if allow {
        return spoiled(rule.path.join("action"), format!("{name} allows what has another id"));
    }
    if !is(rule.value, "action", "Block") {
        let action = text(rule.value, "action").unwrap_or("nothing");
        return spoiled(
            rule.path.join("action"),
            format!("the action of {name} is `{action}`, which lets the request in"),
        );
    }
    if !is_negated {
        let why = format!("{name} is not negated: it blocks this Front Door and lets all others in");
        return spoiled(at.join("negationConditon"), why);
    }
    let why = if rule.conditions().len() > 1 {
        format!("{name} has further conditions, and what does not meet them comes in")
    } else if variables(condition).len() > 1 {
        format!("{name} looks at other variables too, and what matches one of them comes in")
    } else {
        format!("{name} does not block every request without this id")
    };
    Guard::lets(Spot::new(policy, rule.path.clone()), Near::Almost, Layer::Waf, why)
}

fn rule_pattern_is_open(condition: &Value) -> bool {
    let listed = condition.look("matchValues").known().map(Value::items).unwrap_or_default();
    listed.iter().any(|v| v.as_str().is_some_and(|t| exact(t).is_none()))
}
