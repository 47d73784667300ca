//! Tokens that a pipeline replaces before it deploys: `{{ name }}` of a templating tool, `#{name}#` and `__name__` of
//! token replacement, `${NAME}` and `${NAME=default}` of the Azure Developer CLI. In a parameter file they stand for values that nobody can know here. Placeholders that a person
//! is to replace are another matter (`placeholder`).

use std::sync::Arc;

use crate::tree::{Entry, Kind, Part, Reason, Unknown, Value, WaitsFor};

/// A parameter's value with its tokens unknown; the rest of a text around one stays known.
#[must_use]
pub fn without_tokens(value: Value) -> Value {
    if !holds_token(&value) {
        return value;
    }
    let kind = match &value.kind {
        Kind::String(text) => split(text),
        Kind::List(items) => {
            let items: Vec<Value> = items.iter().cloned().map(without_tokens).collect();
            Kind::List(Arc::new(items.into()))
        }
        Kind::Map(map) => {
            let entries = map.iter().map(|e| Entry { value: without_tokens(e.value.clone()), ..e.clone() });
            Kind::Map(Arc::new(entries.collect::<Vec<_>>().into()))
        }
        other => other.clone(),
    };
    Value { kind, ..value }
}

fn holds_token(value: &Value) -> bool {
    match &value.kind {
        Kind::String(text) => next(text).is_some(),
        Kind::List(items) => items.iter().any(holds_token),
        Kind::Map(map) => map.iter().any(|e| holds_token(&e.value)),
        _ => false,
    }
}

fn split(text: &str) -> Kind {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = next(rest) {
        let (before, from) = rest.split_at(start);
        let (token, after) = from.split_at(end - start);
        if !before.is_empty() {
            parts.push(Part::Text(before.into()));
        }
        let from = WaitsFor::Text(format!("`{token}`").into());
        parts.push(Part::Unknown(Arc::new(Unknown::new(Reason::Unrendered, from))));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.into()));
    }
    match parts.as_slice() {
        [Part::Unknown(whole)] => Kind::Unknown(Arc::clone(whole)),
        _ => Kind::Parts(parts.into()),
    }
}

/// Where the first token of a text begins and ends, in bytes.
fn next(text: &str) -> Option<(usize, usize)> {
    let braces = between(text, "{{", "}}", |inner| !inner.trim().is_empty());
    let hashes = between(text, "#{", "}#", |inner| !inner.is_empty() && inner.chars().all(is_name));
    let variables = between(text, "${", "}", |inner| {
        let name = inner.split_once('=').map_or(inner, |(name, _)| name);
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    // `__name__` counts as a whole text only: within one it is as likely a name.
    let bars = text
        .strip_prefix("__")
        .and_then(|rest| rest.strip_suffix("__"))
        .filter(|inner| !inner.is_empty() && inner.chars().all(is_name))
        .map(|_| (0, text.len()));
    [braces, hashes, variables, bars].into_iter().flatten().min()
}

fn between(text: &str, open: &str, close: &str, fits: impl Fn(&str) -> bool) -> Option<(usize, usize)> {
    text.match_indices(open).find_map(|(start, _)| {
        let inner = text.get(start + open.len()..)?;
        let length = inner.find(close)?;
        fits(inner.get(..length)?).then_some((start, start + open.len() + length + close.len()))
    })
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn tokens_are_unknown_and_the_rest_is_known() {
        for (text, shown) in [
            ("{{ .mgmt.aks.name }}", "?"),
            ("#{clusterName}#", "?"),
            ("__tenantId__", "?"),
            ("{{ .acr }}.azurecr.io/x@{{ .digest }}", "?.azurecr.io/x@?"),
            ("aks-#{region}#-#{n}#", "aks-?-?"),
            ("${AZURE_LOCATION}", "?"),
            ("aks-${AZURE_ENV_NAME=dev}", "aks-?"),
            ("${}", "${}"),
            ("${not a name}", "${not a name}"),
            ("plain", "plain"),
            ("", ""),
            ("{{}}", "{{}}"),
            ("{{ open", "{{ open"),
            ("a__b__c", "a__b__c"),
            ("____", "____"),
            ("#{ not a name }#", "#{ not a name }#"),
        ] {
            let value = without_tokens(Value::string(text, Span::NONE));
            let written = match &value.kind {
                Kind::String(text) => text.to_string(),
                Kind::Unknown(_) => "?".to_owned(),
                Kind::Parts(parts) => parts.iter().map(|p| if let Part::Text(t) = p { t } else { "?" }).collect(),
                other => panic!("{other:?}"),
            };
            assert_eq!(written, shown, "{text}");
        }
    }
}
