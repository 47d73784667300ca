//! What nginx directives of a snippet do with a request whose header is absent or another's: `set`, `if` and `return`
//! in their order. `break` and `rewrite` end the run.

use super::header::{all_but, exact, fits};
use crate::read::nginx::Directive;

/// What is compared with the header in a snippet: the text and the byte at which its directive begins.
pub type Text = (String, usize);

/// What happens to such a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is answered with 4xx or the connection is closed.
    Refused,
    /// It goes on.
    Passes,
}

const HEADER: &str = "$http_x_azure_fdid";
/// An id that is nobody's, in the place of every other one.
const OTHER: &str = "ffffffff-0000-4000-8000-00000000ffff";

/// What the directives do with both kinds of request: without the header, and with another's.
#[must_use]
pub fn outcomes(directives: &[Directive]) -> [Outcome; 2] {
    ["", OTHER].map(|value| {
        let mut run = Run { header: value, variables: Vec::new(), steps: 0 };
        match run.block(directives) {
            Some(Flow::Refused) => Outcome::Refused,
            _ => Outcome::Passes,
        }
    })
}

/// Whether any directive looks at the header.
#[must_use]
pub fn mentions(directives: &[Directive]) -> bool {
    directives.iter().any(|d| {
        d.arguments.iter().any(|a| a.to_ascii_lowercase().contains("http_x_azure_fdid"))
            || d.block.as_deref().is_some_and(mentions)
    })
}

/// The texts that are compared with the header.
#[must_use]
pub fn compared(directives: &[Directive]) -> Vec<Text> {
    let mut found = Vec::new();
    for directive in directives {
        if let [variable, operator, text] = directive.arguments.as_slice()
            && directive.name == "if"
            && variable.eq_ignore_ascii_case(HEADER)
            && text != "\"\""
        {
            let at = directive.at.start;
            match operator.as_str() {
                "=" | "!=" => found.push((text.clone(), at)),
                _ => {
                    let ids = exact(text).or_else(|| all_but(text)).unwrap_or_default();
                    found.extend(ids.into_iter().map(|id| (id, at)));
                }
            }
        }
        if let Some(block) = &directive.block {
            found.extend(compared(block));
        }
    }
    found
}

enum Flow {
    Refused,
    Ended,
}

struct Run<'r> {
    header: &'r str,
    variables: Vec<(String, Option<String>)>,
    steps: usize,
}

impl Run<'_> {
    fn block(&mut self, directives: &[Directive]) -> Option<Flow> {
        for directive in directives {
            self.steps += 1;
            if self.steps > 10_000 {
                return Some(Flow::Ended);
            }
            let argument = |i: usize| directive.arguments.get(i).map_or("", String::as_str);
            match directive.name.as_str() {
                "return" => {
                    let code = argument(0);
                    let refused = code.len() == 3 && code.starts_with('4');
                    return Some(if refused { Flow::Refused } else { Flow::Ended });
                }
                "deny" if argument(0) == "all" => return Some(Flow::Refused),
                "break" | "rewrite" | "proxy_pass" => return Some(Flow::Ended),
                "set" => {
                    let value = self.expand(argument(1));
                    let name = argument(0).to_ascii_lowercase();
                    self.variables.retain(|(n, _)| *n != name);
                    self.variables.push((name, value));
                }
                "if" => {
                    let block = directive.block.as_deref().unwrap_or_default();
                    match self.holds(&directive.arguments) {
                        Some(true) => {
                            if let Some(flow) = self.block(block) {
                                return Some(flow);
                            }
                        }
                        // The request may take this branch, and nobody may rely on it; if it leads past the check, it does.
                        None => {
                            let before = self.variables.clone();
                            if let Some(Flow::Ended) = self.block(block) {
                                return Some(Flow::Ended);
                            }
                            let after = std::mem::replace(&mut self.variables, before);
                            for (name, value) in after {
                                if !self.variables.contains(&(name.clone(), value)) {
                                    self.variables.retain(|(n, _)| *n != name);
                                    self.variables.push((name, None));
                                }
                            }
                        }
                        Some(false) => {}
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The value of a word; none when it depends on what is not known here.
    fn expand(&self, word: &str) -> Option<String> {
        if word == "\"\"" {
            return Some(String::new());
        }
        let mut text = String::new();
        let mut rest = word;
        while let Some(at) = rest.find('$') {
            text.push_str(rest.get(..at)?);
            let after = rest.get(at + 1..)?;
            let (name, next) = if let Some(braced) = after.strip_prefix('{') {
                braced.split_once('}')?
            } else {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            };
            text.push_str(&self.variable(&format!("${name}"))?);
            rest = next;
        }
        text.push_str(rest);
        Some(text)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let name = name.to_ascii_lowercase();
        if name == HEADER {
            return Some(self.header.to_owned());
        }
        self.variables.iter().rev().find(|(n, _)| *n == name).and_then(|(_, value)| value.clone())
    }

    fn holds(&self, words: &[String]) -> Option<bool> {
        match words {
            [word] => {
                let value = self.expand(word)?;
                Some(!value.is_empty() && value != "0")
            }
            [left, operator, right] => {
                let left = self.expand(left)?;
                match operator.as_str() {
                    "=" => Some(left == self.expand(right)?),
                    "!=" => Some(left != self.expand(right)?),
                    "~" | "~*" => self.matches(&left, right),
                    "!~" | "!~*" => self.matches(&left, right).map(|m| !m),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether the value matches. Another's id may be anything that the pattern allows.
    fn matches(&self, value: &str, pattern: &str) -> Option<bool> {
        if value == OTHER {
            if exact(pattern).is_some() {
                return Some(false);
            }
            if all_but(pattern).is_some() {
                return Some(true);
            }
            // A pattern that is not anchored to one id: somebody's id fits it.
            return None;
        }
        if all_but(pattern).is_some() {
            return Some(true);
        }
        fits(pattern, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::nginx::parse;

    #[test]
    fn what_comes_through() {
        let id = "421a1e5d-ee82-4dd6-b8ed-6cb67285f846";
        let cases = [
            (format!("if ($http_x_azure_fdid != \"{id}\") {{ return 403; }}"), [true, true]),
            (format!("if ($http_x_azure_fdid != '{id}') {{ return 444; }}"), [true, true]),
            (format!("if ($http_x_azure_fdid = '{id}') {{ return 403; }}"), [false, false]),
            ("if ($http_x_azure_fdid = '') { return 403; }".into(), [true, false]),
            ("if ($http_x_azure_fdid !~ \"^[0-9a-f-]{36}$\") { return 403; }".into(), [true, false]),
            (format!("if ($http_x_azure_fdid !~* \"^{id}$\") {{ return 403; }}"), [true, true]),
            (format!("if ($http_x_azure_fdid !~* \"{id}\") {{ return 403; }}"), [true, false]),
            (format!("if ($http_x_azure_fdid != \"{id}\") {{ return 200; }}"), [false, false]),
            (
                format!(
                    "set $bad 0; if ($http_x_azure_fdid != \"{id}\") {{ set $bad 1; }} if ($bad) {{ return 403; }}"
                ),
                [true, true],
            ),
            (
                format!(
                    "set $bad 0; if ($http_x_azure_fdid != \"{id}\") {{ set $bad 1; }} if ($uri ~ /open) {{ set $bad 0; }} if ($bad) {{ return 403; }}"
                ),
                [false, false],
            ),
            (
                format!(
                    "if ($request_method = POST) {{ return 403; }} if ($http_x_fdid != \"{id}\") {{ return 403; }}"
                ),
                [false, false],
            ),
        ];
        for (text, refused) in cases {
            let got = outcomes(&parse(&text).unwrap()).map(|o| o == Outcome::Refused);
            assert_eq!(got, refused, "{text}");
        }
    }
}
