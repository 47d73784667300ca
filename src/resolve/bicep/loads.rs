//! `loadTextContent` and its like: what other files hold, as constants of this one.

use base64::Engine as _;

use super::Lower;
use super::imports::unread;
use crate::read::bicep::ast;
use crate::read::{json, yaml};
use crate::resolve::functions;
use crate::resolve::template::{Expr, ExprKind, LoadError};
use crate::source::{EntryKind, FileError, Problem, Span};
use crate::tree::{Entry, Reason, Unknown, Value, WaitsFor};

/// How many files a folder may list.
const MOST_FILES: usize = 10_000;

impl Lower<'_> {
    /// A call of a function that reads a file. Its arguments are constants, or variables that hold some.
    pub(super) fn loaded(&mut self, call: &ast::Call, span: Span) -> Expr {
        let args: Vec<Expr> = call.args.iter().map(|e| self.expr(e)).collect();
        let texts: Option<Vec<String>> = args.iter().map(|e| self.constant(e, 8)).collect();
        let place = args.first().map_or(span, |e| e.span);
        let Some(texts) = texts.filter(|t| !t.is_empty()) else {
            let detail = format!("`{}` needs constants", call.name.text);
            self.problem(span, detail);
            return Self::broken(span);
        };
        let written = texts.first().map_or("", String::as_str);
        let second = texts.get(1).map(String::as_str);
        let found = match self.loading.locate(self.source.path(), written) {
            Ok(path) => match call.name.text.as_str() {
                "loadTextContent" => self.text_of(&path, second, span),
                "loadJsonContent" => self.json_of(&path, second, span),
                "loadYamlContent" => self.yaml_of(&path, second, span),
                "loadFileAsBase64" => self.bytes_of(&path, span),
                "loadDirectoryFileInfo" => self.files_of(&path, second, span),
                name => {
                    self.problem(span, format!("there is no function `{name}`"));
                    return Self::broken(span);
                }
            },
            Err(error) => Err(error),
        };
        match found {
            Ok(value) => Expr::new(ExprKind::Literal(value), span),
            Err(error) => {
                self.template.problems.push(unread(place, &error));
                Self::broken(span)
            }
        }
    }

    /// The text of a constant expression.
    fn constant(&self, e: &Expr, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match &e.kind {
            ExprKind::Literal(value) => value.as_str().map(str::to_owned),
            ExprKind::Variable(index) => {
                let value = &self.template.variables.get(*index)?.value;
                self.constant(value, depth)
            }
            ExprKind::Interpolation(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    crate::resolve::template::Piece::Text(text) => Some(text.to_string()),
                    crate::resolve::template::Piece::Expr(e) => self.constant(e, depth),
                })
                .collect(),
            _ => None,
        }
    }

    fn text_of(&mut self, path: &str, encoding: Option<&str>, span: Span) -> Result<Value, LoadError> {
        if let Some(decode) = encoding.and_then(decoder) {
            let text = decode(&self.loading.files.bytes(path)?);
            return Ok(Value::string(text.strip_prefix('\u{feff}').unwrap_or(&text), span));
        }
        let source = self.loading.files.load(path)?;
        Ok(Value::string(source.text().as_ref(), span))
    }

    fn json_of(&mut self, path: &str, within: Option<&str>, span: Span) -> Result<Value, LoadError> {
        let source = self.loading.files.load(path)?;
        let stream = json::parse(&source, json::Options::ARM);
        self.template.problems.extend(stream.problems);
        let root = stream.documents.into_iter().next().map(|d| d.root);
        Ok(self.within(root, within, span))
    }

    fn yaml_of(&mut self, path: &str, within: Option<&str>, span: Span) -> Result<Value, LoadError> {
        let source = self.loading.files.load(path)?;
        let stream = yaml::parse(&source);
        self.template.problems.extend(stream.problems);
        let root = stream.documents.into_iter().next().map(|d| d.root);
        Ok(self.within(root, within, span))
    }

    /// A part of what was loaded.
    fn within(&mut self, root: Option<Value>, path: Option<&str>, span: Span) -> Value {
        let Some(root) = root else {
            return Value::null(span);
        };
        functions::select(&root, path, span).unwrap_or_else(|failure| {
            self.template.problems.push(Problem::new(failure.code(), span, failure.detail));
            Value::unknown(Unknown::new(Reason::Error, WaitsFor::Nothing), span)
        })
    }

    fn bytes_of(&mut self, path: &str, span: Span) -> Result<Value, LoadError> {
        let bytes = self.loading.files.bytes(path)?;
        let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
        Ok(Value::string(text, span))
    }

    /// The files of a folder whose names fit a pattern of `*` and `?`.
    fn files_of(&mut self, path: &str, pattern: Option<&str>, span: Span) -> Result<Value, LoadError> {
        let listed = self.loading.files.list(path)?;
        if listed.len() > MOST_FILES {
            let limit = u64::try_from(MOST_FILES).unwrap_or(u64::MAX);
            return Err(LoadError::File(FileError::TooLarge { path: path.to_owned(), limit }));
        }
        let written = crate::source::relative_to(path, crate::source::parent(self.source.path()));
        let text = |text: &str| Value::string(text, span);
        let items = listed
            .iter()
            .filter(|entry| entry.kind == EntryKind::File)
            .filter(|entry| pattern.is_none_or(|p| matches(p.as_bytes(), entry.name.as_bytes())))
            .map(|entry| {
                let (stem, extension) = match entry.name.rfind('.') {
                    Some(at) => entry.name.split_at(at),
                    None => (entry.name.as_str(), ""),
                };
                let entries = vec![
                    Entry::new("baseName", span, text(stem)),
                    Entry::new("extension", span, text(extension)),
                    Entry::new("relativePath", span, text(&format!("{written}/{}", entry.name))),
                ];
                Value::map(entries, span)
            })
            .collect();
        Ok(Value::list(items, span))
    }
}

/// What reads the encoding of a name that Bicep knows. Without one, a file's first bytes decide.
fn decoder(name: &str) -> Option<fn(&[u8]) -> String> {
    fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
        let (units, rest) = bytes.as_chunks::<2>();
        let units = units.iter().map(|pair| unit(*pair));
        let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        text.chain((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER)).collect()
    }
    Some(match name {
        "utf-8" => |bytes| String::from_utf8_lossy(bytes).into_owned(),
        "utf-16" => |bytes| utf16(bytes, u16::from_le_bytes),
        "utf-16BE" => |bytes| utf16(bytes, u16::from_be_bytes),
        "us-ascii" => |bytes| bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect(),
        "iso-8859-1" => |bytes| bytes.iter().map(|b| char::from(*b)).collect(),
        _ => return None,
    })
}

/// Whether a name fits a pattern in which `*` stands for anything and `?` for one character.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || name.get(n).is_some_and(|m| m.eq_ignore_ascii_case(c)) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    n = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("*", "a.json", true),
            ("*.json", "a.json", true),
            ("*.json", "a.jsonc", false),
            ("a?c", "abc", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b", "ac", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }
}
