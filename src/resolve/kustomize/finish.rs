//! The last steps, of the root only: hashes, references, variables, what is local, the order, and what `buildMetadata`
//! wants written into the objects.

use std::sync::Arc;

use super::accumulated::Accumulated;
use super::build::{Kustomizer, Rendered, RenderedResource};
use super::fail::Failure;
use super::kustomization::Kustomization;
use super::names;
use super::order::Order;
use super::references;
use super::resource::{Made, Resource};
use super::texts::{self, Texts};
use super::variables;
use crate::source::Span;
use crate::tree::{Kind, Style, Text, Value};

/// Finishes a build.
pub(super) fn finish(kustomizer: &Kustomizer<'_>, mut acc: Accumulated, root: Option<&Kustomization>) -> Rendered {
    let texts = &kustomizer.store.texts;
    names::add_hashes(&mut acc.resources, texts);
    let config = acc.config.clone().unwrap_or_default();
    for failure in references::follow(&mut acc.resources, &config.name_reference, texts) {
        acc.fail(failure);
    }
    let variables = std::mem::take(&mut acc.variables);
    for failure in variables::resolve(&mut acc.resources, &variables, &config.var_reference, texts) {
        acc.fail(failure);
    }
    acc.resources.retain(|r| !r.is_empty() && !is_local(r, texts));
    let order = match root.and_then(|r| r.field("sortOptions")) {
        Some(options) => sort_options(options, &mut acc),
        None => Order::usual(),
    };
    order.apply(&mut acc.resources, texts);
    let wanted: Vec<Text> =
        root.map(|r| r.list("buildMetadata").iter().map(|v| texts.raw(v)).collect()).unwrap_or_default();
    if let Some(root) = root {
        check_metadata(root, texts, &mut acc);
    }
    let wants = |what: &str| wanted.iter().any(|w| w == what);
    let at = root.and_then(|r| r.field("buildMetadata")).map_or(Span::NONE, |v| v.span);
    for resource in &mut acc.resources {
        if wants("managedByLabel") {
            label(resource, at);
        }
        if wants("originAnnotations")
            && let Some(origin) = resource.origin.clone()
        {
            annotate(resource, "config.kubernetes.io/origin", &origin.yaml(false), at);
        }
        if wants("transformerAnnotations") && !resource.transformations.is_empty() {
            let text: String = resource.transformations.iter().map(|t| t.yaml(true)).collect();
            annotate(resource, "alpha.config.kubernetes.io/transformations", &text, at);
        }
        resource.rewrite_words("annotations", texts);
        stamp_times(&mut resource.value, texts, 0);
    }
    let mut files: Vec<Arc<str>> = acc.files;
    files.sort();
    files.dedup();
    Rendered {
        resources: acc
            .resources
            .into_iter()
            .map(|r| RenderedResource { value: r.value, declared: r.declared, file: r.file })
            .collect(),
        files,
        problems: acc.problems,
        failed: acc.failed,
    }
}

/// Objects that say so are for kustomize only.
fn is_local(resource: &Resource, texts: &Texts) -> bool {
    texts::at(&resource.value, &["metadata", "annotations", "config.kubernetes.io/local-config"])
        .is_some_and(|v| texts.raw(v) != "false")
}

fn sort_options(options: &Value, acc: &mut Accumulated) -> Order {
    let order = options.get_ci("order");
    let legacy = options.get_ci("legacySortOptions").filter(|v| !v.is_null());
    match order.and_then(Value::as_str) {
        Some("legacy") => {
            let Some(legacy) = legacy else {
                return Order::usual();
            };
            let words = |key: &str| {
                let items = legacy.get_ci(key).map(Value::items).unwrap_or_default();
                items.iter().filter_map(|v| v.as_str().map(Text::from)).collect()
            };
            Order::Legacy { first: words("orderFirst"), last: words("orderLast") }
        }
        Some("fifo") => {
            if let Some(legacy) = legacy {
                acc.fail(Failure::new(legacy.span, "`legacySortOptions` is given, but the order is `fifo`"));
            }
            Order::Fifo
        }
        _ => {
            acc.fail(Failure::new(
                order.map_or(options.span, |v| v.span),
                "`sortOptions.order` is neither `fifo` nor `legacy`",
            ));
            Order::Fifo
        }
    }
}

fn check_metadata(root: &Kustomization, texts: &Texts, acc: &mut Accumulated) {
    for option in root.list("buildMetadata") {
        let word = texts.raw(option);
        if !matches!(word.as_str(), "originAnnotations" | "transformerAnnotations" | "managedByLabel") {
            acc.fail(Failure::new(option.span, format!("`{word}` is no option of `buildMetadata`")));
        }
    }
}

fn label(resource: &mut Resource, at: Span) {
    let metadata = texts::map_at(&mut resource.value, "metadata");
    if let Ok(labels) = metadata.and_then(|m| texts::map_at(m, "labels")) {
        let value = texts::string(format!("kustomize-{VERSION}"), at);
        texts::set(labels, "app.kubernetes.io/managed-by", at, value);
    }
}

/// The version of kustomize that is followed.
const VERSION: &str = "v5.8.2";

fn annotate(resource: &mut Resource, key: &str, text: &str, at: Span) {
    let metadata = texts::map_at(&mut resource.value, "metadata");
    if let Ok(annotations) = metadata.and_then(|m| texts::map_at(m, "annotations")) {
        texts::set(annotations, key, at, texts::string(text, at));
    }
}

impl Made {
    /// As kustomize writes it into an annotation; as an item of a list where `item` is set.
    fn yaml(&self, item: bool) -> String {
        let mut lines = Vec::new();
        if !self.path.is_empty() {
            lines.push(format!("path: {}", self.path));
        }
        if !self.configured_in.is_empty() {
            lines.push(format!("configuredIn: {}", self.configured_in));
        }
        if let Some((version, kind, name, namespace)) = &self.by {
            lines.push("configuredBy:".to_owned());
            for (key, value) in [("apiVersion", version), ("kind", kind), ("name", name), ("namespace", namespace)] {
                if !value.is_empty() {
                    lines.push(format!("  {key}: {value}"));
                }
            }
        }
        let mut text = String::new();
        for (i, line) in lines.iter().enumerate() {
            let lead = match (item, i) {
                (false, _) => "",
                (true, 0) => "- ",
                (true, _) => "  ",
            };
            text.push_str(lead);
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// kustomize reads a plain date as a point in time and writes that out.
pub(super) fn stamp_times(value: &mut Value, texts: &Texts, depth: usize) {
    if depth > DEPTH || !holds_time(value, 0) {
        return;
    }
    match &value.kind {
        Kind::String(text) => {
            if let Some(time) = time(text)
                && texts.get(value.span.source).is_some_and(|s| s.slice(value.span) == text.as_str())
            {
                value.kind = Kind::String(time.into());
            }
        }
        Kind::List(_) => {
            for item in value.items_mut().into_iter().flatten() {
                stamp_times(item, texts, depth + 1);
            }
        }
        Kind::Map(_) => {
            for entry in value.entries_mut().into_iter().flatten() {
                stamp_times(&mut entry.value, texts, depth + 1);
            }
        }
        _ => {}
    }
}

const DEPTH: usize = 600;

fn holds_time(value: &Value, depth: usize) -> bool {
    match &value.kind {
        _ if depth > DEPTH => false,
        Kind::String(text) => value.style == Style::Plain && time(text).is_some(),
        Kind::List(list) => list.iter().any(|v| holds_time(v, depth + 1)),
        Kind::Map(map) => map.iter().any(|e| holds_time(&e.value, depth + 1)),
        _ => false,
    }
}

/// A plain date or time of YAML as RFC 3339 writes it.
fn time(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let year = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if year != 4 || bytes.get(4) != Some(&b'-') {
        return None;
    }
    let (date, rest) = match text.find(['T', 't', ' ']) {
        Some(at) => text.split_at_checked(at)?,
        None => (text, ""),
    };
    let numbers: Vec<&str> = date.split('-').collect();
    let [y, m, d] = numbers.as_slice() else {
        return None;
    };
    let number = |text: &str| {
        ((1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i8>().ok())
            .flatten()
    };
    let date = jiff::civil::Date::new(y.parse().ok()?, number(m)?, number(d)?).ok()?;
    if rest.is_empty() {
        // A date alone has two digits for month and day.
        return (m.len() == 2 && d.len() == 2).then(|| format!("{date}T00:00:00Z"));
    }
    let rest = rest.get(1..)?;
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(zone)?;
    let spaced = text.contains(' ');
    if spaced != zone.is_empty() {
        return None;
    }
    let time: jiff::civil::Time = pad(clock)?.parse().ok()?;
    let zone = match zone {
        "" | "Z" => "Z".to_owned(),
        offset => pad_zone(offset)?,
    };
    Some(format!("{date}T{time}{zone}"))
}

fn pad(clock: &str) -> Option<String> {
    let mut parts = clock.splitn(3, ':');
    let two = |part: &str| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match digits {
            1 => Some(format!("0{part}")),
            2 => Some(part.to_owned()),
            _ => None,
        }
    };
    let (h, m, s) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{}:{}:{}", two(h)?, two(m)?, two(s)?))
}

fn pad_zone(offset: &str) -> Option<String> {
    let well_formed = offset.len() == 6 && offset.as_bytes().get(3) == Some(&b':');
    (well_formed).then(|| if offset.get(1..) == Some("00:00") { "Z".to_owned() } else { offset.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_times_are_written_out() {
        for (text, expected) in [
            ("2020-01-02", Some("2020-01-02T00:00:00Z")),
            ("2020-1-2", None),
            ("2020-01-02T03:04:05Z", Some("2020-01-02T03:04:05Z")),
            ("2020-01-02T03:04:05.5Z", Some("2020-01-02T03:04:05.5Z")),
            ("2020-01-02T03:04:05+02:00", Some("2020-01-02T03:04:05+02:00")),
            ("2020-01-02 03:04:05", Some("2020-01-02T03:04:05Z")),
            ("2020-13-02", None),
            ("2020-01-02-rc1", None),
            ("word", None),
        ] {
            assert_eq!(time(text).as_deref(), expected, "{text}");
        }
    }
}
