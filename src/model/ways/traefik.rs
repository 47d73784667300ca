//! What a route of Traefik lets in: its rule, its entry points, and middlewares that check by themselves.

use std::sync::Arc;

use super::header::{exact, is_fdid};
use super::{Compared, Guard, Layer, Near, Spot, text};
use crate::model::Resource;
use crate::path;
use crate::read::traefik::{Matcher, Rule, parse};
use crate::tree::{Lookup, Path, Value};

/// Whether a rule lets a request through that does not carry this id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holds {
    Never,
    Maybe,
    Always,
}

/// The routes of an `IngressRoute`, each with its path.
pub fn routes(route: &Resource) -> impl Iterator<Item = (Path, &Value)> {
    let listed = route.body.look("spec.routes").known().map(Value::items).unwrap_or_default();
    listed.iter().enumerate().map(|(i, value)| (path!["spec", "routes", i], value))
}

/// What a route does with requests that do not carry this id. `checking` names middlewares that check.
#[must_use]
pub fn guard(route: &Arc<Resource>, at: &Path, value: &Value, checking: &[String]) -> Guard {
    let named = value.look("middlewares").known().map(Value::items).unwrap_or_default();
    let by_middleware =
        named.iter().filter_map(|m| text(m, "name").map(|n| (n, text(m, "namespace")))).any(|(name, ns)| {
            let ns = ns.unwrap_or(route.namespace());
            checking
                .iter()
                .any(|c| c == name || *c == format!("{ns}/{name}") || *c == format!("{ns}-{name}@kubernetescrd"))
        });
    if by_middleware {
        return Guard::Refuses;
    }
    let spot = Spot::new(route, at.join("match"));
    let rule = match value.look("match") {
        Lookup::Known(rule) => rule,
        Lookup::Unknown(why) => return Guard::Unclear(spot, why.to_string()),
        Lookup::Absent => return Guard::lets(spot, Near::Route, Layer::Traefik, "the route has no `match`"),
    };
    let Some(written) = rule.as_str() else {
        return Guard::Unclear(spot, "the match is partly unknown".into());
    };
    match parse(written) {
        Err(error) => {
            let why = format!("the match does not parse at byte {}: {}", error.at, error.message);
            Guard::lets(spot, Near::Spoiled, Layer::Traefik, why)
        }
        Ok(parsed) if passes(&parsed) == Holds::Never => Guard::Refuses,
        Ok(parsed) => {
            let (near, why) = match matchers(&parsed).into_iter().find(|m| is_check(m)) {
                Some(m) if m.name.to_ascii_lowercase().ends_with("regexp") && !is_exact(m) => {
                    (Near::Almost, "its pattern is not this one id, anchored, so another Front Door's id fits it")
                }
                Some(_) => (Near::Almost, "the match can be met without the header"),
                None => (Near::Route, "the match does not ask for `X-Azure-FDID`"),
            };
            Guard::lets(spot, near, Layer::Traefik, why)
        }
    }
}

/// The values that a route's match compares with the header.
#[must_use]
pub fn compared(route: &Arc<Resource>) -> Vec<Compared> {
    let mut found = Vec::new();
    for (at, value) in routes(route) {
        let Some(rule) = value.get("match") else { continue };
        let Some(Ok(parsed)) = rule.as_str().map(parse) else { continue };
        for matcher in matchers(&parsed).into_iter().filter(|m| is_check(m)) {
            let regexp = matcher.name.to_ascii_lowercase().ends_with("regexp");
            for text in matcher.arguments.iter().skip(1) {
                let ids = if regexp { exact(text).unwrap_or_default() } else { vec![text.clone()] };
                for id in ids {
                    let value = Value { kind: crate::tree::Kind::String(id.into()), ..rule.clone() };
                    found.push(Compared { spot: Spot::new(route, at.join("match")), value });
                }
            }
        }
    }
    found
}

fn is_check(matcher: &Matcher) -> bool {
    matcher.name.to_ascii_lowercase().starts_with("header") && matcher.arguments.first().is_some_and(|h| is_fdid(h))
}

fn is_exact(matcher: &Matcher) -> bool {
    matcher.arguments.get(1).is_some_and(|p| exact(p).is_some())
}

fn matchers(rule: &Rule) -> Vec<&Matcher> {
    match rule {
        Rule::And(rules) | Rule::Or(rules) => rules.iter().flat_map(matchers).collect(),
        Rule::Not(inner) => matchers(inner),
        Rule::Matcher(matcher) => vec![matcher],
    }
}

fn passes(rule: &Rule) -> Holds {
    match rule {
        Rule::And(rules) => {
            let all: Vec<Holds> = rules.iter().map(passes).collect();
            if all.contains(&Holds::Never) {
                Holds::Never
            } else if all.contains(&Holds::Maybe) {
                Holds::Maybe
            } else {
                Holds::Always
            }
        }
        Rule::Or(rules) => {
            let any: Vec<Holds> = rules.iter().map(passes).collect();
            if any.contains(&Holds::Always) {
                Holds::Always
            } else if any.contains(&Holds::Maybe) {
                Holds::Maybe
            } else {
                Holds::Never
            }
        }
        Rule::Not(inner) => match passes(inner) {
            Holds::Never => Holds::Always,
            Holds::Always => Holds::Never,
            Holds::Maybe => Holds::Maybe,
        },
        Rule::Matcher(matcher) if is_check(matcher) => {
            if matcher.name.to_ascii_lowercase().ends_with("regexp") && !is_exact(matcher) {
                Holds::Maybe
            } else {
                Holds::Never
            }
        }
        Rule::Matcher(_) => Holds::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_rules_ask_for_the_id() {
        let id = "f37c0a68-3e71-438c-93e8-dab1ceff2afb";
        let header = format!("Header(`X-Azure-FDID`, `{id}`)");
        let cases = [
            (format!("Host(`a`) && {header}"), true),
            (format!("Host(`a`) && Headers(`x-azure-fdid`, `{id}`)"), true),
            (format!("(Host(`a`) || Host(`b`)) && {header}"), true),
            (format!("Host(`a`) && {header} || Host(`b`) && {header}"), true),
            (format!("Host(`a`) && {header} || Host(`b`)"), false),
            (format!("Host(`a`) && !{header}"), false),
            (format!("Host(`a`) && !(!{header})"), true),
            (format!("Host(`a`) && HeaderRegexp(`X-Azure-FDID`, `^{id}$`)"), true),
            (format!("Host(`a`) && HeaderRegexp(`X-Azure-FDID`, `{id}`)"), false),
            ("Host(`a`) && HeaderRegexp(`X-Azure-FDID`, `^[0-9a-f-]+$`)".into(), false),
            ("Host(`a`)".into(), false),
            (format!("Host(`a`) && Header(`X-FD-HealthProbe`, `1`) || {header}"), false),
        ];
        for (text, refuses) in cases {
            assert_eq!(passes(&parse(&text).unwrap()) == Holds::Never, refuses, "{text}");
        }
    }
}
