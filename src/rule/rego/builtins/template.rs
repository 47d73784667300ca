//! `strings.render_template`: Go's text templates as far as policies use them. Fields, variables, `if`, `else`, `range`,
//! `with`, pipelines, comments, trimmed spaces and the functions of [`call`]; anything else has no result.

mod parse;

use std::fmt::Write as _;

use regorus::Value;

use super::string;
use parse::{Command, Node, Operand, Pipe};

/// More steps than these, and a template has no result.
const MOST_STEPS: usize = 100_000;
/// Longer results than this are no message.
const LONGEST: usize = 1 << 20;

pub(super) fn render(arguments: &[Value]) -> Value {
    let (Some(template), Some(values)) = (string(arguments, 0), arguments.get(1)) else {
        return Value::Undefined;
    };
    super::or_undefined(rendered(template, values))
}

fn rendered(template: &str, values: &Value) -> Option<String> {
    let nodes = parse::parse(template)?;
    let root = Item::Data(values.clone());
    let mut run = Run { root: root.clone(), variables: Vec::new(), out: String::new(), steps: 0 };
    run.nodes(&nodes, &root)?;
    Some(run.out)
}

/// A value on the way. Numbers of the data are texts to Go, those of the template are numbers.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Nothing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Data(Value),
}

impl Item {
    fn text(text: impl AsRef<str>) -> Self {
        Self::Data(Value::from(text.as_ref()))
    }

    fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null | Value::Undefined) => Self::Nothing,
            Some(Value::Bool(b)) => Self::Bool(*b),
            Some(other) => Self::Data(other.clone()),
        }
    }

    /// What Go takes for a string: one, and a number of the data.
    fn as_text(&self) -> Option<String> {
        match self {
            Self::Data(Value::String(text)) => Some(text.to_string()),
            Self::Data(number @ Value::Number(_)) => Some(number.to_string()),
            _ => None,
        }
    }

    fn holds(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Bool(b) => *b,
            Self::Int(n) => *n != 0,
            Self::Float(n) => *n != 0.0,
            Self::Data(Value::Array(items)) => !items.is_empty(),
            Self::Data(Value::Object(entries)) => !entries.is_empty(),
            Self::Data(_) => self.as_text().is_some_and(|t| !t.is_empty()),
        }
    }

    fn field(&self, name: &str) -> Option<Self> {
        match self {
            Self::Nothing => Some(Self::Nothing),
            Self::Data(Value::Object(entries)) => Some(Self::of(entries.get(&Value::from(name)))),
            _ => None,
        }
    }

    fn printed(&self) -> Option<String> {
        Some(match self {
            Self::Nothing => "<undefined>".to_owned(),
            Self::Bool(b) => b.to_string(),
            Self::Int(n) => n.to_string(),
            Self::Float(n) => n.to_string(),
            Self::Data(value) => inner(value)?,
        })
    }
}

/// A value as Go prints it inside of another.
fn inner(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null | Value::Undefined => "<nil>".to_owned(),
        Value::String(text) => text.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inner).collect::<Option<Vec<_>>>()?.join(" "))
        }
        Value::Object(entries) => {
            let entries = entries.iter_sorted().map(|(k, v)| Some(format!("{}:{}", inner(k)?, inner(v)?)));
            format!("map[{}]", entries.collect::<Option<Vec<_>>>()?.join(" "))
        }
        Value::Set(_) => return None,
        other => other.to_string(),
    })
}

struct Run {
    root: Item,
    variables: Vec<(String, Item)>,
    out: String,
    steps: usize,
}

impl Run {
    fn nodes(&mut self, nodes: &[Node], dot: &Item) -> Option<()> {
        let known = self.variables.len();
        for node in nodes {
            self.steps += 1;
            if self.steps > MOST_STEPS || self.out.len() > LONGEST {
                return None;
            }
            self.node(node, dot)?;
        }
        self.variables.truncate(known);
        Some(())
    }

    fn node(&mut self, node: &Node, dot: &Item) -> Option<()> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Print(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    self.out.push_str(&value.printed()?);
                }
            }
            Node::If(pipe, then, otherwise) => {
                let known = self.variables.len();
                let branch = if self.pipe(pipe, dot)?.holds() { then } else { otherwise };
                self.nodes(branch, dot)?;
                self.variables.truncate(known);
            }
            Node::With(pipe, then, otherwise) => {
                let known = self.variables.len();
                let value = self.pipe(pipe, dot)?;
                match value.holds() {
                    true => self.nodes(then, &value)?,
                    false => self.nodes(otherwise, dot)?,
                }
                self.variables.truncate(known);
            }
            Node::Range(pipe, body, otherwise) => self.range(pipe, body, otherwise, dot)?,
        }
        Some(())
    }

    fn range(&mut self, pipe: &Pipe, body: &[Node], otherwise: &[Node], dot: &Item) -> Option<()> {
        let plain = Pipe { variables: Vec::new(), assigns: false, commands: pipe.commands.clone() };
        let items: Vec<(Item, Item)> = match self.pipe(&plain, dot)? {
            Item::Nothing => Vec::new(),
            Item::Data(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(i, v)| (Item::Int(i64::try_from(i).unwrap_or(0)), Item::of(Some(v))))
                .collect(),
            Item::Data(Value::Object(entries)) => {
                entries.iter_sorted().map(|(k, v)| (Item::of(Some(k)), Item::of(Some(v)))).collect()
            }
            _ => return None,
        };
        if items.is_empty() {
            return self.nodes(otherwise, dot);
        }
        let known = self.variables.len();
        for (key, value) in items {
            match pipe.variables.as_slice() {
                [] => {}
                [one] => self.variables.push((one.clone(), value.clone())),
                [first, second, ..] => {
                    self.variables.push((first.clone(), key));
                    self.variables.push((second.clone(), value.clone()));
                }
            }
            self.nodes(body, &value)?;
            self.variables.truncate(known);
        }
        Some(())
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Item) -> Option<Item> {
        let mut value: Option<Item> = None;
        for command in &pipe.commands {
            value = Some(self.command(command, value, dot)?);
        }
        let value = value?;
        if let [name] = pipe.variables.as_slice() {
            match self.variables.iter_mut().rev().find(|(n, _)| n == name).filter(|_| pipe.assigns) {
                Some((_, held)) => *held = value.clone(),
                None if pipe.assigns => return None,
                None => self.variables.push((name.clone(), value.clone())),
            }
        }
        Some(value)
    }

    fn command(&mut self, command: &Command, last: Option<Item>, dot: &Item) -> Option<Item> {
        let (first, rest) = command.split_first()?;
        if let Operand::Name(name) = first {
            let mut arguments = Vec::new();
            for operand in rest {
                arguments.push(self.operand(operand, dot)?);
            }
            arguments.extend(last);
            return call(name, &arguments);
        }
        (rest.is_empty() && last.is_none()).then(|| self.operand(first, dot))?
    }

    fn operand(&mut self, operand: &Operand, dot: &Item) -> Option<Item> {
        let along = |start: Item, path: &[String]| path.iter().try_fold(start, |at, name| at.field(name));
        Some(match operand {
            Operand::Dot(path) => along(dot.clone(), path)?,
            Operand::Variable(name, path) if name.is_empty() => along(self.root.clone(), path)?,
            Operand::Variable(name, path) => {
                let held = self.variables.iter().rev().find(|(n, _)| n == name)?;
                along(held.1.clone(), path)?
            }
            Operand::Group(pipe, path) => along(self.pipe(pipe, dot)?, path)?,
            Operand::Text(text) => Item::text(text.as_str()),
            Operand::Int(n) => Item::Int(*n),
            Operand::Float(n) => Item::Float(*n),
            Operand::Name(name) => match name.as_str() {
                "true" => Item::Bool(true),
                "false" => Item::Bool(false),
                other => call(other, &[])?,
            },
        })
    }
}

fn call(name: &str, arguments: &[Item]) -> Option<Item> {
    let ordered = |test: fn(std::cmp::Ordering) -> bool| {
        let [a, b] = arguments else { return None };
        Some(Item::Bool(test(order(a, b)?)))
    };
    Some(match (name, arguments) {
        ("true", []) => Item::Bool(true),
        ("false", []) => Item::Bool(false),
        ("and", [.., last]) => arguments.iter().find(|a| !a.holds()).unwrap_or(last).clone(),
        ("or", [.., last]) => arguments.iter().find(|a| a.holds()).unwrap_or(last).clone(),
        ("not", [one]) => Item::Bool(!one.holds()),
        ("eq", [first, rest @ ..]) if !rest.is_empty() => {
            let mut equal = false;
            for other in rest {
                equal |= same(first, other)?;
            }
            Item::Bool(equal)
        }
        ("ne", [a, b]) => Item::Bool(!same(a, b)?),
        ("lt", _) => ordered(std::cmp::Ordering::is_lt)?,
        ("le", _) => ordered(std::cmp::Ordering::is_le)?,
        ("gt", _) => ordered(std::cmp::Ordering::is_gt)?,
        ("ge", _) => ordered(std::cmp::Ordering::is_ge)?,
        ("len", [one]) => Item::Int(i64::try_from(length(one)?).ok()?),
        ("index", [first, rest @ ..]) => rest.iter().try_fold(first.clone(), |at, key| index(&at, key))?,
        ("print", _) => Item::text(arguments.iter().map(Item::printed).collect::<Option<String>>()?),
        ("println", _) => {
            let words: Vec<String> = arguments.iter().map(Item::printed).collect::<Option<_>>()?;
            Item::text(format!("{}\n", words.join(" ")))
        }
        ("printf", [format, rest @ ..]) => {
            let values = rest.iter().map(|item| match item {
                Item::Int(n) => Some(Value::from(*n)),
                Item::Float(n) => Some(Value::from(*n)),
                other => other.printed().map(Value::from),
            });
            let values = Value::from(values.collect::<Option<Vec<_>>>()?);
            Item::Data(super::format::sprintf(&[Value::from(format.as_text()?), values]))
        }
        ("html", [one]) => {
            let mut out = String::new();
            for c in one.printed()?.chars() {
                match c {
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '&' => out.push_str("&amp;"),
                    '\'' | '"' => {
                        let _ = write!(out, "&#{};", c as u32);
                    }
                    c => out.push(c),
                }
            }
            Item::text(out)
        }
        _ => return None,
    })
}

/// Go compares what is of one kind only.
fn same(a: &Item, b: &Item) -> Option<bool> {
    match (a, b) {
        (Item::Nothing, other) | (other, Item::Nothing) => Some(*other == Item::Nothing),
        _ => Some(order(a, b)?.is_eq()),
    }
}

fn order(a: &Item, b: &Item) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Item::Bool(a), Item::Bool(b)) => Some(a.cmp(b)),
        (Item::Int(a), Item::Int(b)) => Some(a.cmp(b)),
        (Item::Float(a), Item::Float(b)) => a.partial_cmp(b),
        _ => Some(a.as_text()?.cmp(&b.as_text()?)),
    }
}

fn length(item: &Item) -> Option<usize> {
    match item {
        Item::Data(Value::Array(items)) => Some(items.len()),
        Item::Data(Value::Object(entries)) => Some(entries.len()),
        other => other.as_text().map(|text| text.len()),
    }
}

fn index(item: &Item, key: &Item) -> Option<Item> {
    match (item, key) {
        (Item::Data(Value::Array(items)), Item::Int(at)) => {
            Some(Item::of(Some(items.iter().nth(usize::try_from(*at).ok()?)?)))
        }
        (Item::Data(Value::Object(entries)), key) => Some(Item::of(entries.get(&Value::from(key.as_text()?)))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_say_what_opa_says() {
        // Each expectation was printed by OPA 1.22; none where it has no result.
        let cases = [
            ("{{.a}}", r#"{"a": null}"#, Some("<undefined>")),
            ("{{.a.b}}", r#"{"x": 1}"#, Some("<undefined>")),
            ("{{.a.b}}", r#"{"a": "x"}"#, None),
            ("{{range .a}}{{.}},{{else}}none{{end}}", r#"{"a": []}"#, Some("none")),
            ("{{range $k, $v := .a}}{{$k}}={{$v}};{{end}}", r#"{"a": {"z": 1, "b": "q"}}"#, Some("b=q;z=1;")),
            ("{{range .a}}{{.n}}{{$.t}}{{end}}", r#"{"a": [{"n": 1}, {"n": 2}], "t": "T"}"#, Some("1T2T")),
            ("{{$x := .a}}{{$x}}{{$x = 3}}{{$x}}", r#"{"a": 1}"#, Some("13")),
            ("{{if gt .a 1}}big{{end}}", r#"{"a": 2}"#, None),
            ("{{print .a .b 1}} {{println .a}}", r#"{"a": "x", "b": 2}"#, Some("x21 x\n")),
            ("{{index .m \"k\"}} {{len .m}} {{len .s}}", r#"{"m": {"k": 3}, "s": "hé"}"#, Some("3 1 3")),
            ("{{not .a}} {{and 1 0}} {{or 0 \"x\"}}", r#"{"a": ""}"#, Some("true 0 x")),
            ("a {{- 1 }} b {{ 2 -}} c", "{}", Some("a1 b 2c")),
            ("{{/* c */}}x{{.a | printf \"%v\"}}", r#"{"a": true}"#, Some("xtrue")),
            ("{{.a}", "{}", None),
            ("{{nofunc .a}}", r#"{"a": 1}"#, None),
            ("{{end}}", "{}", None),
            ("{{.a | len | printf \"%03d\"}}", r#"{"a": [1, 2]}"#, Some("002")),
            ("{{(index .a 0).n}}", r#"{"a": [{"n": "deep"}]}"#, Some("deep")),
            ("{{with .nope}}x{{else}}y{{end}}", "{}", Some("y")),
            ("{{if .a}}t{{end}}", r#"{"a": 0}"#, Some("t")),
            ("{{`raw \"x\"`}} {{true}} {{1.5}}", "{}", Some("raw \"x\" true 1.5")),
            ("{{range $i, $e := .a}}{{if $i}}, {{end}}{{$e}}{{end}}", r#"{"a": ["x", "y"]}"#, Some("x, y")),
            (
                "{{.a}} {{.b}}",
                r#"{"a": true, "b": [[1], {"q": [true, null]}]}"#,
                Some("true [[1] map[q:[true <nil>]]]"),
            ),
            ("{{eq .a .b}}{{eq .a \"1\"}}", r#"{"a": 1, "b": 2}"#, Some("falsetrue")),
            ("{{if .a}}{{.a}}{{else if .b}}{{.b}}{{else}}n{{end}}", r#"{"b": "B"}"#, Some("B")),
            ("{{html .a}}", r#"{"a": "<b>&'"}"#, Some("&lt;b&gt;&amp;&#39;")),
        ];
        for (template, values, expected) in cases {
            let values = Value::from_json_str(values).unwrap();
            assert_eq!(rendered(template, &values).as_deref(), expected, "{template}");
        }
    }

    #[test]
    fn hostile_templates_end() {
        let list = Value::from((0..100).map(Value::from).collect::<Vec<_>>());
        let values = Value::from(std::collections::BTreeMap::from([(Value::from("a"), list)]));
        let nested = format!("{}x{}", "{{range $.a}}".repeat(20), "{{end}}".repeat(20));
        assert_eq!(rendered(&nested, &values), None);
        for text in
            ["{{if ".repeat(5000), "{{if 1}}".repeat(5000), "((((".repeat(999), format!("{{{{{}", "(".repeat(9999))]
        {
            let _ = rendered(&text, &values);
        }
    }
}
