//! Our own failures with the text that they are about, in the same dress as findings: a config that cannot be used.

use codespan_reporting::diagnostic::{Diagnostic, Label};

use super::excerpt::{Excerpt, safe};
use super::terminal::{Dress, Excerpts, note};
use crate::source::{Source, Span};

/// A failure at places of one file, the first of them the one to look at; ends with a line feed.
#[must_use]
pub fn pointed(
    source: &Source,
    message: &str,
    places: &[(Span, String)],
    help: Option<&str>,
    color: bool,
    unicode: bool,
) -> String {
    let dress = Dress::new(color, unicode);
    let places: Vec<&(Span, String)> = places.iter().filter(|(span, _)| span.source == source.id()).collect();
    let spans: Vec<Span> = places.iter().map(|(span, _)| *span).collect();
    let excerpt = Excerpt::new(source, safe(source.path()).into_owned(), &spans, dress.ellipsis);
    let labels = places.iter().zip(&excerpt.marks).enumerate().map(|(i, ((_, words), mark))| {
        let label = if i == 0 { Label::primary(0, mark.clone()) } else { Label::secondary(0, mark.clone()) };
        label.with_message(safe(words))
    });
    let diagnostic = Diagnostic::error()
        .with_message(safe(message))
        .with_labels(labels.collect())
        .with_notes(help.map(|help| note("help", help)).into_iter().collect());
    let mut out = Vec::new();
    if !dress.emit(&Excerpts(vec![excerpt]), &diagnostic, &mut out) {
        out = format!("error: {}\n", safe(message)).into_bytes();
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn a_failure_is_shown_where_it_is() {
        let sources = Sources::new();
        let source = sources.add("stamplint.yaml", "fleet: a\nstmps: []\nfleet: b\n");
        let at = |start: usize, end: usize, words: &str| (source.span(start, end), words.to_owned());
        let places = [at(9, 14, "unknown"), at(0, 5, "known")];
        let text = pointed(&source, "unknown key `stmps`", &places, Some("did you mean `stamps`?"), false, true);
        assert_eq!(
            text,
            "error: unknown key `stmps`\n  ┌─ stamplint.yaml:2:1\n  │\n1 │ fleet: a\n  │ ----- known\n2 │ stmps: []\n  │ ^^^^^ unknown\n  │\n  = help: did you mean `stamps`?\n\n"
        );
        assert!(pointed(&source, "m", &places, None, true, true).contains("\u{1b}["));
        assert!(pointed(&source, "m", &places, None, false, false).is_ascii());
    }
}
