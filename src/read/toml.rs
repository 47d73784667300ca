//! TOML with places: Traefik's static and dynamic configuration, as it stands in a `ConfigMap` or in a file of its own.

use std::ops::Range;

use toml_edit::{Array, Document, InlineTable, Item, Key, Table, Value as Toml};

use super::embedded::DecodeMap;
use crate::source::{Code, Problem, Span};
use crate::tree::{Entry, Kind, Number, Text, Value};

/// Reads TOML. `map` says where the text stands in its file. Dates become strings.
///
/// # Errors
/// The problem, at its place, when the text is not TOML.
pub fn parse(text: &str, map: &DecodeMap) -> Result<Value, Problem> {
    let document = Document::parse(text).map_err(|error| {
        let span = map.span(error.span().unwrap_or(0..0));
        let detail = error.message().lines().next().unwrap_or("it is not TOML");
        Problem::new(Code::Syntax, span, detail.trim_end_matches('.'))
    })?;
    let reader = Reader { map };
    let mut value = reader.table(document.as_table(), None);
    value.span = map.span(0..text.len());
    Ok(value)
}

struct Reader<'m> {
    map: &'m DecodeMap,
}

impl Reader<'_> {
    fn span(&self, range: Option<Range<usize>>) -> Option<Span> {
        range.map(|range| self.map.span(range))
    }

    fn item(&self, item: &Item, key: Span) -> Value {
        match item {
            Item::None => Value::null(key),
            Item::Value(value) => self.value(value, key),
            Item::Table(table) => self.table(table, Some(key)),
            Item::ArrayOfTables(tables) => {
                let items: Vec<Value> = tables.iter().map(|t| self.table(t, Some(key))).collect();
                let span = self.span(tables.span()).unwrap_or_else(|| cover(key, &items));
                Value::list(items, span)
            }
        }
    }

    /// A table. One that only dotted keys or deeper headers make has no text of its own: its place is its key's, and
    /// all that stands below it.
    fn table(&self, table: &Table, key: Option<Span>) -> Value {
        let entries: Vec<Entry> = table
            .iter()
            .map(|(name, item)| {
                let place = self.span(table.key(name).and_then(Key::span));
                let place = place.or(key).unwrap_or(Span::NONE);
                Entry::new(name, place, self.item(item, place))
            })
            .collect();
        let span = self.span(table.span()).or(key).unwrap_or(Span::NONE);
        let span = entries.iter().fold(span, |span, e| span.to(e.value.span));
        Value::map(entries, span)
    }

    fn value(&self, value: &Toml, key: Span) -> Value {
        let span = self.span(value.span()).unwrap_or(key);
        let kind = match value {
            Toml::String(text) => Kind::String(Text::from(text.value().as_str())),
            Toml::Integer(number) => Kind::Number(Number::Int(*number.value())),
            Toml::Float(number) => Kind::Number(Number::Float(*number.value())),
            Toml::Boolean(value) => Kind::Bool(*value.value()),
            Toml::Datetime(date) => Kind::String(Text::from(date.value().to_string())),
            Toml::Array(array) => return self.array(array, span),
            Toml::InlineTable(table) => return self.inline(table, span),
        };
        Value::new(kind, span)
    }

    fn array(&self, array: &Array, span: Span) -> Value {
        Value::list(array.iter().map(|item| self.value(item, span)).collect(), span)
    }

    fn inline(&self, table: &InlineTable, span: Span) -> Value {
        let entries = table
            .iter()
            .map(|(name, value)| {
                let place = self.span(table.key(name).and_then(Key::span));
                let place = place.unwrap_or(span);
                Entry::new(name, place, self.value(value, place))
            })
            .collect();
        Value::map(entries, span)
    }
}

fn cover(key: Span, items: &[Value]) -> Span {
    items.iter().fold(key, |span, item| span.to(item.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    #[test]
    fn values_in_a_config_map_have_places_in_its_file() {
        let text = "data:\n  traefik.toml: |\n    [entryPoints]\n      [entryPoints.web]\n      address = \":8080\"\n    [[plugins]]\n    a.b = [1, {c = true}]\n";
        let source = Sources::new().add("a.yaml", text);
        let stream = yaml::parse(&source);
        let data = stream.documents[0].root.get("data").unwrap();
        let scalar = data.get("traefik.toml").unwrap();
        let map = DecodeMap::of(scalar, &source);
        let toml = parse(scalar.as_str().unwrap(), &map).unwrap();
        let address = toml.look("entryPoints.web.address").known().unwrap();
        assert_eq!(address.as_str(), Some(":8080"));
        assert_eq!(source.slice(address.span), "\":8080\"");
        let web = toml.get("entryPoints").unwrap().as_map().unwrap().entry("web").unwrap();
        assert_eq!(source.slice(web.key_span), "web");
        let list = toml.get("plugins").unwrap().items()[0].look("a.b").known().unwrap();
        assert_eq!(source.slice(list.span), "[1, {c = true}]");
        assert_eq!(toml.to_json()["plugins"][0]["a"]["b"][1]["c"], true);
    }

    #[test]
    fn an_error_says_where() {
        let source = Sources::new().add("a.toml", "a = 1\nb = \n");
        let problem = parse(source.text(), &DecodeMap::whole(&source)).unwrap_err();
        assert_eq!(source.line(problem.span.start).get(), 2);
        assert_eq!(problem.code, Code::Syntax);
    }

    #[test]
    fn depth_is_limited() {
        let source = Sources::new().add("a.toml", format!("a = {}", "[".repeat(100_000)));
        assert!(parse(source.text(), &DecodeMap::whole(&source)).is_err());
    }
}
