//! Template strings, `$"at {input.kind}"`, which the engine does not read. Each becomes the call that OPA makes of it: a
//! list of its texts and, for each expression, the set of its values, which is empty where it has none.

use super::Script;
use super::script::Edit;

/// Deeper nested templates are left for the engine to refuse.
const DEEPEST: usize = 16;

/// The script with its template strings written out.
#[must_use]
pub(super) fn written_out(script: &Script) -> Script {
    if !script.text.contains("$\"") && !script.text.contains("$`") {
        return script.clone();
    }
    let mut scan = Scan { text: &script.text, edits: Vec::new() };
    let mut at = 0;
    while at < scan.text.len() {
        // What has no end is left for the engine to refuse.
        at = match scan.step(at, 0) {
            Some(next) => next,
            None => return script.clone(),
        };
    }
    if scan.edits.is_empty() { script.clone() } else { script.edited(scan.edits) }
}

struct Scan<'t> {
    text: &'t str,
    edits: Vec<Edit>,
}

impl Scan<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn find(&self, from: usize, wanted: u8) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        from + rest.iter().position(|b| *b == wanted).unwrap_or(rest.len())
    }

    /// Goes past one comment, string, template or byte; `None` where a template has no end.
    fn step(&mut self, at: usize, depth: usize) -> Option<usize> {
        Some(match (self.byte(at), self.byte(at + 1)) {
            (Some(b'#'), _) => self.find(at, b'\n'),
            (Some(b'`'), _) => self.find(at + 1, b'`') + 1,
            (Some(b'"'), _) => self.quoted(at),
            (Some(b'$'), Some(quote @ (b'"' | b'`'))) => return self.template(at, quote, depth),
            _ => at + 1,
        })
    }

    /// The end of a quoted string, or of its line.
    fn quoted(&self, from: usize) -> usize {
        let mut at = from + 1;
        loop {
            match self.byte(at) {
                None | Some(b'\n') => return at,
                Some(b'"') => return at + 1,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
            }
        }
    }

    /// The end of a template that begins at `start`; `None` where it has none.
    fn template(&mut self, start: usize, quote: u8, depth: usize) -> Option<usize> {
        if depth >= DEEPEST {
            return None;
        }
        // What the next edit replaces begins here, and with this.
        let (mut from, mut opening) = (start, "stamplint.template_string([");
        let mut chunk = start + 2;
        let mut at = chunk;
        loop {
            match self.byte(at)? {
                b'\\' if quote == b'"' => at += 2,
                b'\\' if self.byte(at + 1) == Some(b'{') => at += 2,
                b'\n' if quote == b'"' => return None,
                b if b == quote => {
                    let text = format!("{opening}{}])", self.literal(chunk, at, quote)?);
                    self.edits.push(Edit { start: from, end: at + 1, text });
                    return Some(at + 1);
                }
                b'{' => {
                    let literal = self.literal(chunk, at, quote)?;
                    let text = format!("{opening}{literal}, {{stamplint_part_{at} | stamplint_part_{at} := ");
                    self.edits.push(Edit { start: from, end: at + 1, text });
                    from = self.expression(at + 1, depth)?;
                    (opening, chunk) = ("}, ", from + 1);
                    at = chunk;
                }
                _ => at += 1,
            }
        }
    }

    /// The place of the brace that ends an expression.
    fn expression(&mut self, mut at: usize, depth: usize) -> Option<usize> {
        let mut open = 0;
        loop {
            match self.byte(at)? {
                b'}' if open == 0 => return Some(at),
                b'}' => {
                    open -= 1;
                    at += 1;
                }
                b'{' => {
                    open += 1;
                    at += 1;
                }
                _ => at = self.step(at, depth + 1)?,
            }
        }
    }

    /// A text of the template as a string: `\{` stands for the brace itself.
    fn literal(&self, start: usize, end: usize, quote: u8) -> Option<String> {
        let mut out = String::from(quote as char);
        let mut chars = self.text.get(start..end)?.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.next_if_eq(&'{').is_some() => out.push('{'),
                '\\' if quote == b'"' => {
                    out.push(c);
                    out.extend(chars.next());
                }
                c => out.push(c),
            }
        }
        out.push(quote as char);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::rego::{Limits, Policies};
    use regorus::Value;

    #[test]
    fn templates_say_what_opa_says() {
        // Each expectation was printed by OPA 1.22.
        let cases = [
            (r#"$"hello {1 + 1} {input.x}""#, "hello 2 1"),
            (r#"$`raw {"a"}`"#, "raw a"),
            (r#"$"esc \{x} {{1}}""#, "esc {x} {1}"),
            (
                r#"$"a {null} {true} {[1, "x"]} {{"k": "v"}} {{1, 2}} {1.5}""#,
                r#"a null true [1, "x"] {"k": "v"} {1, 2} 1.5"#,
            ),
            (r#"$"undefined: {input.nope}""#, "undefined: <undefined>"),
            (r#"$"{"nested"} and {$"deeper {1}"}""#, "nested and deeper 1"),
            (r#"$"line\n\ttab \" quote""#, "line\n\ttab \" quote"),
            (r#"$"{concat(",", ["}", "{"])}""#, "},{"),
            (r#"$"é{1}é""#, "é1é"),
            (r"$`a\n {1}`", r"a\n 1"),
            (r"$`a\{ {1}`", "a{ 1"),
            (r#"$"""#, ""),
        ];
        for (template, expected) in cases {
            let text = format!("package a # $\"{{\nx := {template}\ny := \"$\\\"{{}}\"");
            let (policies, problems) = Policies::compile(&[(Script::text("p.rego", text), None)], Limits::default());
            assert!(problems.is_empty(), "{template}: {problems:?}");
            let input = Value::from_json_str(r#"{"x": 1}"#).unwrap();
            let said = policies.prepare(&[]).unwrap().evaluate("data.a.x", &input).unwrap().value;
            assert_eq!(said, Value::from(expected), "{template}");
        }
    }

    #[test]
    fn what_has_no_end_is_left_alone() {
        for text in ["package a\nx := $\"{", "package a\nx := $\"a\n\"", "package a\nx := $`", "$", "$\"{\"}"] {
            assert_eq!(&*written_out(&Script::text("p.rego", text)).text, text);
        }
        let deep = "$\"{".repeat(200);
        let _ = written_out(&Script::text("p.rego", deep));
    }
}
