//! Words in paths that may tell stamps from one another: Azure regions and environments.

use crate::resolve::regions;

/// Environment words that names use, with what they have in common: `prod` and `production` are one environment.
const ENVIRONMENTS: &[(&str, &str)] = &[
    ("dev", "dev"),
    ("development", "dev"),
    ("test", "test"),
    ("qa", "qa"),
    ("int", "int"),
    ("integration", "int"),
    ("e2e", "e2e"),
    ("sandbox", "sandbox"),
    ("prod", "prod"),
    ("production", "prod"),
    ("prd", "prod"),
    ("staging", "staging"),
    ("stage", "staging"),
    ("stg", "staging"),
    ("preprod", "preprod"),
    ("uat", "uat"),
    ("ppe", "ppe"),
];

/// What a word tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Sort {
    /// The environment.
    Environment,
    /// The region.
    Region,
}

/// A word of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// What it tells.
    pub sort: Sort,
    /// As written, in lower case.
    pub written: String,
    /// The same for words that mean the same: the region's id, the environment's shortest name.
    pub meaning: &'static str,
}

/// A path taken apart: what is fixed, and the words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// The path with a mark for each word.
    pub key: String,
    /// The words, in order.
    pub words: Vec<Word>,
}

/// Words of a path that stand between anything but letters and digits.
#[must_use]
pub fn shape(path: &str) -> Shape {
    let tokens = tokens(path);
    let mut shape = Shape { key: String::with_capacity(path.len()), words: Vec::new() };
    let mut done = 0;
    let mut i = 0;
    while let Some((start, _)) = tokens.get(i) {
        let Some((taken, end, word)) = word_at(path, &tokens, i) else {
            i += 1;
            continue;
        };
        shape.key.push_str(path.get(done..*start).unwrap_or_default());
        shape.key.push(match word.sort {
            Sort::Environment => '\u{1}',
            Sort::Region => '\u{2}',
        });
        shape.words.push(word);
        done = end;
        i += taken;
    }
    shape.key.push_str(path.get(done..).unwrap_or_default());
    shape
}

/// The word that begins at a token: how many tokens it takes, where it ends, what it is. `east-us-2` is one word.
fn word_at(path: &str, tokens: &[(usize, usize)], at: usize) -> Option<(usize, usize, Word)> {
    let (start, first_end) = *tokens.get(at)?;
    let word = |sort, end, meaning| Word {
        sort,
        written: path.get(start..end).unwrap_or_default().to_ascii_lowercase().replace(['-', '_', ' '], ""),
        meaning,
    };
    for taken in (1..=4).rev() {
        let Some((_, end)) = tokens.get(at + taken - 1) else {
            continue;
        };
        let text = path.get(start..*end)?;
        if text.contains(['/', '.']) {
            continue;
        }
        let joined = text.replace(['-', '_', ' '], "");
        if let Some(region) = regions::find(&joined) {
            return Some((taken, *end, word(Sort::Region, *end, region.name.as_str())));
        }
    }
    let text = path.get(start..first_end)?;
    if let Some((_, meaning)) = ENVIRONMENTS.iter().find(|(w, _)| text.eq_ignore_ascii_case(w)) {
        return Some((1, first_end, word(Sort::Environment, first_end, meaning)));
    }
    let region = regions::by_abbreviation(text)?;
    Some((1, first_end, word(Sort::Region, first_end, region.name.as_str())))
}

fn tokens(path: &str) -> Vec<(usize, usize)> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (i, c) in path.char_indices() {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                tokens.push((from, i));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        tokens.push((from, path.len()));
    }
    tokens
}

/// A path with a mark for each number, and the numbers. Digits that belong to a region are no numbers.
#[must_use]
pub fn numbers(path: &str) -> (String, Vec<String>) {
    let regions: Vec<(usize, usize)> = {
        let tokens = tokens(path);
        (0..tokens.len())
            .filter_map(|i| {
                let (_, end, word) = word_at(path, &tokens, i)?;
                (word.sort == Sort::Region).then_some((tokens.get(i)?.0, end))
            })
            .collect()
    };
    let mut key = String::with_capacity(path.len());
    let mut found: Vec<String> = Vec::new();
    let mut in_number = false;
    for (i, c) in path.char_indices() {
        let free = !regions.iter().any(|(start, end)| (*start..*end).contains(&i));
        if c.is_ascii_digit() && free {
            if in_number {
                if let Some(last) = found.last_mut() {
                    last.push(c);
                }
            } else {
                key.push('\u{3}');
                found.push(c.to_string());
            }
            in_number = true;
        } else {
            in_number = false;
            key.push(c);
        }
    }
    (key, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_between_other_signs() {
        let cases = [
            ("main.parameters.eastus2.json", "main.parameters.\u{2}.json", vec!["eastus2"]),
            ("envs/prod/main.East-US-2.bicepparam", "envs/\u{1}/main.\u{2}.bicepparam", vec!["prod", "eastus2"]),
            ("values_weu.yaml", "values_\u{2}.yaml", vec!["westeurope"]),
            ("production.yaml", "\u{1}.yaml", vec!["prod"]),
            ("products/main.json", "products/main.json", vec![]),
            ("east/us2.json", "east/us2.json", vec![]),
        ];
        for (path, key, words) in cases {
            let shape = shape(path);
            assert_eq!(shape.key, key, "{path}");
            let meanings: Vec<&str> = shape.words.iter().map(|w| w.meaning).collect();
            assert_eq!(meanings, words, "{path}");
        }
    }

    #[test]
    fn digits_of_regions_are_no_numbers() {
        let cases = [
            ("traefik-region1.yaml", "traefik-region\u{3}.yaml", vec!["1"]),
            ("a/02/x10.yaml", "a/\u{3}/x\u{3}.yaml", vec!["02", "10"]),
            ("p.eastus2.json", "p.eastus2.json", vec![]),
        ];
        for (path, key, found) in cases {
            assert_eq!(numbers(path), (key.to_owned(), found.into_iter().map(str::to_owned).collect()));
        }
    }
}
