//! The examples of a rule's document: small trees of files with what must be found in them. They are its tests.

use super::Document;

/// Which heading an example stands below.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Section {
    /// `## Fails`
    Fails,
    /// `## Passes`
    Passes,
    /// `## Undetermined`
    Undetermined,
}

/// One case: the fences below one heading.
#[derive(Clone, Debug)]
pub struct Example {
    /// The section.
    pub section: Section,
    /// The `###` heading, or empty.
    pub title: String,
    /// Its files; the fence `expect` is no file.
    pub files: Vec<Fence>,
    /// What must be found, and nothing else.
    pub expected: Vec<Expectation>,
    /// One-based line of the document at which it begins.
    pub line: usize,
}

/// One fenced file.
#[derive(Clone, Debug)]
pub struct Fence {
    /// Its path in the example's tree.
    pub path: String,
    /// Its text, markers taken out.
    pub text: String,
}

/// A finding that must be there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Expectation {
    /// The file.
    pub file: String,
    /// One-based line.
    pub line: usize,
    /// The rule.
    pub rule: String,
    /// The stamps, if they matter.
    pub stamps: Option<Vec<String>>,
    /// One-based column in characters, if it matters.
    pub column: Option<u32>,
}

impl Document {
    /// The examples, in order.
    #[must_use]
    pub fn examples(&self) -> Vec<Example> {
        let mut reader = Reader::default();
        let offset = 1;
        for (i, line) in self.body.lines().enumerate() {
            reader.line(line, i + offset);
        }
        reader.close_case();
        reader.done
    }
}

#[derive(Default)]
struct Reader {
    section: Option<Section>,
    title: String,
    open: Option<OpenFence>,
    files: Vec<Fence>,
    expected: Vec<Expectation>,
    begun: usize,
    done: Vec<Example>,
}

struct OpenFence {
    ticks: usize,
    info: Vec<String>,
    lines: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str, number: usize) {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        if let Some(open) = &mut self.open {
            if ticks >= open.ticks && line.trim_end().len() == ticks {
                self.close_fence();
            } else {
                open.lines.push(line.to_owned());
            }
            return;
        }
        if ticks >= 3 {
            let info = line.get(ticks..).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            self.open = Some(OpenFence { ticks, info, lines: Vec::new() });
        } else if let Some(title) = line.strip_prefix("### ") {
            self.close_case();
            title.trim().clone_into(&mut self.title);
            self.begun = number;
        } else if let Some(heading) = line.strip_prefix("## ") {
            self.close_case();
            self.title.clear();
            self.begun = number;
            self.section = match heading.trim() {
                "Fails" => Some(Section::Fails),
                "Passes" => Some(Section::Passes),
                "Undetermined" => Some(Section::Undetermined),
                _ => None,
            };
        }
    }

    fn close_case(&mut self) {
        let files = std::mem::take(&mut self.files);
        let mut expected = std::mem::take(&mut self.expected);
        if let Some(section) = self.section
            && !files.is_empty()
        {
            expected.sort();
            self.done.push(Example { section, title: self.title.clone(), files, expected, line: self.begun });
        }
    }

    fn close_fence(&mut self) {
        let Some(open) = self.open.take() else { return };
        if self.section.is_none() {
            return;
        }
        let language = open.info.first().map_or("", String::as_str);
        let attribute = |key: &str| open.info.iter().find_map(|word| word.strip_prefix(key)).map(str::to_owned);
        if language == "expect" {
            self.expected.extend(open.lines.iter().filter_map(|line| listed(line)));
            return;
        }
        let path = attribute("file=").unwrap_or_else(|| {
            let stamp = attribute("stamp=");
            default_path(&open.info, stamp.as_deref(), self.files.len())
        });
        let mut text = String::new();
        for (i, line) in open.lines.iter().enumerate() {
            let (kept, marks) = unmark(line);
            text.push_str(kept);
            text.push('\n');
            self.expected.extend(marks.into_iter().map(|mark| mark.at(&path, i + 1)));
        }
        self.files.push(Fence { path, text });
    }
}

/// Where a fence without `file=` lies: what decides its name is how such a file is recognised.
fn default_path(info: &[String], stamp: Option<&str>, before: usize) -> String {
    let language = info.first().map_or("", String::as_str);
    if info.iter().any(|w| w == "config") {
        return "stamplint.yaml".to_owned();
    }
    let extension = match language {
        "yaml" | "yml" => "yaml",
        "bicep-params" | "bicepparam" => "bicepparam",
        "jsonc" => "json",
        other => other,
    };
    match (stamp, before) {
        (Some(stamp), _) => format!("main.parameters.{stamp}.{extension}"),
        (None, 0) => format!("main.{extension}"),
        (None, n) => format!("file{n}.{extension}"),
    }
}

struct Mark {
    rule: String,
    stamps: Option<Vec<String>>,
    column: Option<u32>,
}

impl Mark {
    fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let rule = words.next().unwrap_or_default().to_owned();
        let mut mark = Self { rule, stamps: None, column: None };
        for word in words {
            if let Some(list) = word.strip_prefix("stamps=") {
                mark.stamps = Some(list.split(',').map(str::to_owned).collect());
            } else if let Some(column) = word.strip_prefix("column=") {
                mark.column = column.parse().ok();
            }
        }
        mark
    }

    fn at(self, file: &str, line: usize) -> Expectation {
        Expectation { file: file.to_owned(), line, rule: self.rule, stamps: self.stamps, column: self.column }
    }
}

/// Cuts `#! rule …` or `//! rule …` off a line. Several may follow one another.
fn unmark(line: &str) -> (&str, Vec<Mark>) {
    let mut marks = Vec::new();
    let mut kept = line;
    loop {
        let at = ["#! ", "//! "].iter().filter_map(|m| kept.rfind(m).map(|i| (i, m.len()))).max();
        let Some((i, len)) = at else { break };
        let (before, mark) = (kept.get(..i).unwrap_or_default(), kept.get(i + len..).unwrap_or_default());
        marks.push(Mark::parse(mark));
        kept = before.trim_end();
    }
    (kept, marks)
}

/// A line of an `expect` fence: `FILE:LINE rule-id [stamps=…] [column=N]`.
fn listed(line: &str) -> Option<Expectation> {
    let (place, mark) = line.trim().split_once(char::is_whitespace)?;
    let (file, number) = place.rsplit_once(':')?;
    Some(Mark::parse(mark).at(file, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_cut_and_kept() {
        let (kept, marks) = unmark("  image: nginx  #! a stamps=x,y column=10 #! b");
        assert_eq!(kept, "  image: nginx");
        assert_eq!(marks.iter().map(|m| m.rule.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(marks[1].stamps.as_deref(), Some(&["x".to_owned(), "y".to_owned()][..]));
        assert_eq!(marks[1].column, Some(10));
    }

    #[test]
    fn a_shebang_without_space_stays() {
        assert_eq!(unmark("#!/bin/sh").0, "#!/bin/sh");
    }
}
