//! `ModSecurity` directives, as they stand in `modsecurity-snippet`: `SecRule` with its variables, operator and actions,
//! in chains. What they do is not known here.

/// A directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// Its name: `SecRule`, `SecRuleEngine`.
    pub name: String,
    /// Its arguments without quotes.
    pub arguments: Vec<String>,
    /// The zero-based line on which it begins.
    pub line: usize,
}

/// A rule, with those that are chained to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// The links: all have to match. The first one's actions decide.
    pub links: Vec<Link>,
}

/// One `SecRule`, or a `SecAction`, which always matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its variables, split at `|`; none for `SecAction`.
    pub variables: Vec<String>,
    /// Its operator without `@`, and its argument: `streq`, `abc`. Without `@` it is `rx`.
    pub operator: (String, String),
    /// Whether the operator is negated.
    pub negated: bool,
    /// Its actions: name and argument.
    pub actions: Vec<(String, String)>,
    /// The zero-based line.
    pub line: usize,
}

impl Link {
    /// The argument of an action; empty for one that has none.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&str> {
        self.actions.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why a snippet does not parse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The zero-based line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads directives.
///
/// # Errors
/// Where one does not parse: nginx would not load it.
pub fn parse(text: &str) -> Result<Vec<Directive>, Error> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let mut whole = line.trim().to_owned();
        if whole.is_empty() || whole.starts_with('#') {
            continue;
        }
        while let Some(before) = whole.strip_suffix('\\') {
            let before = before.trim_end().to_owned();
            let Some((_, next)) = lines.next() else {
                return Err(Error { line: number, message: "the line goes on, and nothing follows".into() });
            };
            whole = format!("{before} {}", next.trim());
        }
        let mut words = words(&whole).map_err(|message| Error { line: number, message: message.to_owned() })?;
        if words.is_empty() {
            continue;
        }
        let name = words.remove(0);
        if !name.starts_with("Sec") && name != "Include" {
            return Err(Error { line: number, message: format!("there is no directive `{name}`") });
        }
        if name == "SecRule" && words.len() < 2 {
            return Err(Error { line: number, message: "`SecRule` takes variables and an operator".into() });
        }
        found.push(Directive { name, arguments: words, line: number });
    }
    Ok(found)
}

/// The rules among directives, in order, chains joined.
///
/// # Errors
/// When a chain does not end.
pub fn chains(directives: &[Directive]) -> Result<Vec<Chain>, Error> {
    let mut found = Vec::new();
    let mut open: Vec<Link> = Vec::new();
    for directive in directives.iter().filter(|d| matches!(d.name.as_str(), "SecRule" | "SecAction")) {
        let link = link(directive);
        let chained = link.action("chain").is_some();
        open.push(link);
        if !chained {
            found.push(Chain { links: std::mem::take(&mut open) });
        }
    }
    match open.last() {
        None => Ok(found),
        Some(last) => Err(Error { line: last.line, message: "the chain does not end".into() }),
    }
}

fn link(directive: &Directive) -> Link {
    let argument = |i: usize| directive.arguments.get(i).map_or("", String::as_str);
    let (variables, operator, listed) = if directive.name == "SecAction" {
        (Vec::new(), "@unconditionalMatch", argument(0))
    } else {
        (argument(0).split('|').map(str::to_owned).collect(), argument(1), argument(2))
    };
    let (negated, operator) = match operator.strip_prefix('!') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, operator),
    };
    let operator = match operator.strip_prefix('@') {
        Some(named) => {
            let (name, rest) = named.split_once(char::is_whitespace).unwrap_or((named, ""));
            (name.to_ascii_lowercase(), rest.trim().to_owned())
        }
        None => ("rx".to_owned(), operator.to_owned()),
    };
    Link { variables, operator, negated, actions: actions(listed), line: directive.line }
}

/// `deny,status:403,msg:'a, b'`
fn actions(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut add = |word: &str| {
        let word = word.trim();
        if !word.is_empty() {
            let (name, value) = word.split_once(':').unwrap_or((word, ""));
            found.push((name.trim().to_ascii_lowercase(), value.trim().trim_matches('\'').to_owned()));
        }
    };
    for c in text.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.push(c);
            }
            ',' if !quoted => add(&std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    add(&word);
    found
}

/// Words of a line; quotes may be escaped themselves, since snippets stand in strings of nginx.
fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let opening = ["\\\"", "\"", "'"].into_iter().find(|q| rest.starts_with(q));
        let (word, after) = match opening {
            Some(quote) => {
                let inner = rest.get(quote.len()..).unwrap_or_default();
                let end = closing(inner, quote).ok_or("a quote does not end")?;
                (
                    inner.get(..end).unwrap_or_default().replace("\\\"", "\"").replace("\\'", "'"),
                    inner.get(end + quote.len()..),
                )
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest.get(..end).unwrap_or_default().to_owned(), rest.get(end..))
            }
        };
        found.push(word);
        rest = after.unwrap_or_default().trim_start();
    }
    Ok(found)
}

fn closing(text: &str, quote: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(quote)?;
        let escaped = quote.len() == 1 && text.get(..at).is_some_and(|t| t.ends_with('\\'));
        if !escaped {
            return Some(at);
        }
        from = at + quote.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_operators_and_actions() {
        let text = "SecRuleEngine On\n# c\nSecRule &REQUEST_HEADERS:X-Azure-FDID \"@eq 0\" \"id:1,phase:1,deny,msg:'a, b'\"\n\
                    SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq abc\" \\\n  \"id:2,chain,deny\"\nSecRule ARGS \"x\"\n";
        let found = chains(&parse(text).unwrap()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].links[0].action("msg"), Some("a, b"));
        assert_eq!(found[0].links[0].action("deny"), Some(""));
        assert_eq!(found[1].links.len(), 2);
        assert_eq!(found[1].links[0].operator, ("streq".into(), "abc".into()));
        assert!(found[1].links[0].negated);
        assert_eq!((found[1].links[0].line, found[1].links[1].line), (3, 5));
    }

    #[test]
    fn quotes_may_be_escaped() {
        let found = parse(r#"SecRule REQUEST_HEADERS:X \"@rx ^a$\" \"deny,msg:\'no id\'\""#).unwrap();
        assert_eq!(found[0].arguments, ["REQUEST_HEADERS:X", "@rx ^a$", "deny,msg:'no id'"]);
    }

    #[test]
    fn errors_have_lines() {
        for (text, line) in [("\nSecRule A", 1), ("SecRule A \"b", 0), ("Secure\nfoo bar", 1), ("SecRule A b \\", 0)] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
        assert!(chains(&parse("SecRule A b \"chain\"").unwrap()).is_err());
    }
}
