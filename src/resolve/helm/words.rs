//! helm's own words about what went wrong, and the line of the template that they name.

/// What helm said, in one line, with the place where it says one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    /// Its words, without the names of places of ours.
    pub words: String,
    /// The template, as helm names it, with its line (from 1) and column (from 0; absent where it names none).
    pub at: Option<(String, usize, Option<usize>)>,
}

/// Longer texts are cut.
const LONGEST: usize = 600;

/// Reads standard error.
pub(super) fn said(text: &str) -> Said {
    let errors: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .filter(|l| !l.starts_with("WARNING") && !l.starts_with("walk.go") && !l.starts_with("Use --debug"))
        .filter(|l| !l.starts_with("level=") && !l.contains("warning: "))
        .collect();
    let whole = errors.join(" ");
    let whole = whole.strip_prefix("Error: ").unwrap_or(&whole);
    let at = place(whole);
    let words: String = whole.chars().take(LONGEST).collect();
    Said { words: words.trim().to_owned(), at }
}

/// The innermost place of the caller's template: helm names the templates from the outermost call to the innermost.
fn place(text: &str) -> Option<(String, usize, Option<usize>)> {
    let mut found = None;
    for word in text.split([' ', '(', ')', '"', ',', ';']) {
        let mut parts = word.split(':');
        let (Some(path), Some(line)) = (parts.next(), parts.next()) else {
            continue;
        };
        let is_template = path.contains("/templates/") || path.ends_with(".tpl");
        let Some(line) = line.parse::<usize>().ok().filter(|n| *n > 0 && is_template) else {
            continue;
        };
        let column = parts.next().and_then(|c| c.parse().ok());
        found = Some((path.to_owned(), line, column));
    }
    found.or_else(|| {
        // `YAML parse error on chart/templates/x.yaml: error converting YAML to JSON: yaml: line 5: …`: the line is one
        // of the output, so only the template is told.
        let rest = text.split("error on ").nth(1)?;
        let path = rest.split([':', ' ']).next().filter(|p| p.contains("/templates/"))?;
        Some((path.to_owned(), 0, None))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_place_is_named() {
        for (text, at) in [
            (
                "Error: template: c/templates/d.yaml:12:20: executing \"c/templates/d.yaml\" at <include \"c.x\" .>: error \
                 calling include: template: c/templates/_h.tpl:3:4: executing \"c.x\" at <fail \"no\">: error calling fail: no",
                Some(("c/templates/_h.tpl", 3, Some(4))),
            ),
            (
                "Error: parse error at (c/templates/d.yaml:7): function \"nope\" not defined",
                Some(("c/templates/d.yaml", 7, None)),
            ),
            (
                "Error: YAML parse error on c/templates/d.yaml: error converting YAML to JSON: yaml: line 5: x",
                Some(("c/templates/d.yaml", 0, None)),
            ),
            ("Error: values don't meet the specifications of the schema(s)", None),
        ] {
            let found = said(text).at;
            assert_eq!(found.as_ref().map(|(p, l, c)| (p.as_str(), *l, *c)), at);
        }
        assert_eq!(said("walk.go:75: found symbolic link\nError: no\n\nUse --debug flag").words, "no");
    }
}
