//! The syntax of JSON paths.

use crate::source::Span;
use crate::tree::{Kind, Number, Value};

/// How deep filters may nest.
const DEPTH: usize = 32;

/// A step of a path.
#[derive(Debug)]
pub enum Step {
    /// Properties by name.
    Keys(Vec<String>),
    /// Elements by place; below zero from the end.
    Indices(Vec<i64>),
    /// All children.
    All,
    /// Elements from, up to, and how far apart.
    Slice(Option<i64>, Option<i64>, i64),
    /// The children that pass.
    Filter(Test),
    /// A step from here and from everything below.
    Deep(Box<Self>),
}

/// What a filter asks.
#[derive(Debug)]
pub enum Test {
    /// All of these.
    And(Vec<Self>),
    /// One of these.
    Or(Vec<Self>),
    /// Whether something is there.
    Exists(Operand),
    /// How two values compare.
    Compare(Operand, Compare, Operand),
}

/// How two values compare.
#[derive(Clone, Copy, Debug)]
pub enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A side of a comparison.
#[derive(Debug)]
pub enum Operand {
    /// A value that is written out.
    Constant(Value),
    /// What stands at a path from the root, or from the child at hand.
    Path {
        /// `$`, not `@`.
        from_root: bool,
        /// The way.
        steps: Vec<Step>,
    },
}

/// The steps of a path; `None` when it does not parse.
pub fn steps(path: &str) -> Option<Vec<Step>> {
    let mut parser = Parser { rest: path.strip_prefix('$').unwrap_or(path), depth: 0 };
    let steps = parser.steps(true)?;
    parser.rest.is_empty().then_some(steps)
}

struct Parser<'p> {
    rest: &'p str,
    depth: usize,
}

impl Parser<'_> {
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Steps up to the end, or up to what can be none. The first name needs no point before it.
    fn steps(&mut self, bare: bool) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            let first = steps.is_empty() && bare;
            if self.rest.starts_with('[') {
                steps.push(self.bracket()?);
            } else if self.eat("..") {
                let inner = if self.rest.starts_with('[') { self.bracket()? } else { self.name()? };
                steps.push(Step::Deep(Box::new(inner)));
            } else if self.eat(".") || first && !self.rest.is_empty() {
                // `.[0]` is a way to write `[0]`.
                steps.push(if self.rest.starts_with('[') { self.bracket()? } else { self.name()? });
            } else {
                return Some(steps);
            }
        }
    }

    fn name(&mut self) -> Option<Step> {
        let ends = |c: char| matches!(c, '.' | '[' | ']' | ')' | '(' | '=' | '!' | '<' | '>' | '&' | '|') || c == ' ';
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        match name {
            "" => None,
            "*" => Some(Step::All),
            name => Some(Step::Keys(vec![name.to_owned()])),
        }
    }

    fn bracket(&mut self) -> Option<Step> {
        self.rest = self.rest.strip_prefix('[')?;
        self.blanks();
        if self.eat("?") {
            let wrapped = self.eat("(");
            let test = self.any()?;
            self.blanks();
            let closed = (!wrapped || self.eat(")")) && {
                self.blanks();
                self.eat("]")
            };
            return closed.then_some(Step::Filter(test));
        }
        if self.eat("*") {
            self.blanks();
            return self.eat("]").then_some(Step::All);
        }
        if self.rest.starts_with(['\'', '"']) {
            let mut keys = Vec::new();
            loop {
                self.blanks();
                keys.push(self.quoted()?);
                self.blanks();
                if self.eat("]") {
                    return Some(Step::Keys(keys));
                }
                if !self.eat(",") {
                    return None;
                }
            }
        }
        let (inside, rest) = self.rest.split_once(']')?;
        self.rest = rest;
        let number = |text: &str| text.trim().parse::<i64>().ok();
        if inside.contains(':') {
            let mut parts = inside.split(':').map(str::trim);
            let mut part = || match parts.next() {
                None | Some("") => Some(None),
                Some(text) => number(text).map(Some),
            };
            let (start, end, by) = (part()?, part()?, part()?.unwrap_or(1));
            return (parts.next().is_none() && by > 0).then_some(Step::Slice(start, end, by));
        }
        inside.split(',').map(number).collect::<Option<Vec<i64>>>().map(Step::Indices)
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' => text.push(characters.next()?.1),
                c if c == quote => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(text);
                }
                c => text.push(c),
            }
        }
        None
    }

    fn any(&mut self) -> Option<Test> {
        let mut tests = vec![self.all()?];
        while self.after_blanks("||") {
            tests.push(self.all()?);
        }
        if tests.len() == 1 { tests.pop() } else { Some(Test::Or(tests)) }
    }

    fn all(&mut self) -> Option<Test> {
        let mut tests = vec![self.test()?];
        while self.after_blanks("&&") {
            tests.push(self.test()?);
        }
        if tests.len() == 1 { tests.pop() } else { Some(Test::And(tests)) }
    }

    fn after_blanks(&mut self, text: &str) -> bool {
        self.blanks();
        self.eat(text)
    }

    fn test(&mut self) -> Option<Test> {
        self.blanks();
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        if self.eat("(") {
            let test = self.any()?;
            self.depth -= 1;
            return self.after_blanks(")").then_some(test);
        }
        let left = self.operand()?;
        self.blanks();
        let ops = [
            ("===", Compare::Equal),
            ("!==", Compare::NotEqual),
            ("==", Compare::Equal),
            ("!=", Compare::NotEqual),
            ("<=", Compare::LessOrEqual),
            (">=", Compare::GreaterOrEqual),
            ("<", Compare::Less),
            (">", Compare::Greater),
        ];
        let op = ops.iter().find(|(text, _)| self.eat(text)).map(|(_, op)| *op);
        let test = match op {
            Some(op) => {
                self.blanks();
                Test::Compare(left, op, self.operand()?)
            }
            None => Test::Exists(left),
        };
        self.depth -= 1;
        Some(test)
    }

    fn operand(&mut self) -> Option<Operand> {
        let constant = |kind: Kind| Some(Operand::Constant(Value::new(kind, Span::NONE)));
        if self.rest.starts_with(['\'', '"']) {
            return Some(Operand::Constant(Value::string(self.quoted()?, Span::NONE)));
        }
        for from_root in [false, true] {
            if self.eat(if from_root { "$" } else { "@" }) {
                let steps = self.steps(false)?;
                return Some(Operand::Path { from_root, steps });
            }
        }
        for (word, kind) in [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)] {
            if self.eat(word) {
                return constant(kind);
            }
        }
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')));
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let number = match digits.parse::<i64>() {
            Ok(n) => Number::Int(n),
            Err(_) => Number::Float(digits.parse().ok()?),
        };
        self.rest = rest;
        constant(Kind::Number(number))
    }
}
