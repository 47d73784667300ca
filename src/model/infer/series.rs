//! Stamps from files whose names are equal but for a region or an environment.

use std::collections::BTreeMap;

use super::words::{Shape, Sort, Word, shape};

/// What tells a stamp from the others, or a file's stamps from the other stamps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Label {
    /// The environment.
    pub environment: Option<Word>,
    /// The region.
    pub region: Option<Word>,
}

impl Label {
    fn meanings(&self) -> (Option<&'static str>, Option<&'static str>) {
        let meaning = |w: &Option<Word>| w.as_ref().map(|w| w.meaning);
        (meaning(&self.environment), meaning(&self.region))
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.environment.is_none() && self.region.is_none()
    }

    /// Whether a stamp is one of those that this label means.
    #[must_use]
    pub fn admits(&self, stamp: &Self) -> bool {
        let (environment, region) = self.meanings();
        let (its_environment, its_region) = stamp.meanings();
        (environment.is_none() || environment == its_environment) && (region.is_none() || region == its_region)
    }

    fn of(words: impl Iterator<Item = Word>) -> Self {
        let mut label = Self::default();
        for word in words {
            match word.sort {
                Sort::Environment => label.environment = Some(word),
                Sort::Region => label.region = Some(word),
            }
        }
        label
    }
}

/// The series of a set of seeds.
#[derive(Debug, Default)]
pub struct Series {
    /// The label of each seed that is part of a series, by path.
    pub members: BTreeMap<String, Label>,
    /// Words that stand in the name of every member of some series, and so tell nothing.
    pub constant: Vec<Word>,
}

/// Finds series among paths of one kind. The last part of a path is the name; folders count too.
pub fn series<'p>(paths: impl IntoIterator<Item = &'p str>, found: &mut Series) {
    let mut groups: BTreeMap<String, Vec<(&str, Shape)>> = BTreeMap::new();
    for path in paths {
        let shape = shape(path);
        groups.entry(shape.key.clone()).or_default().push((path, shape));
    }
    for group in groups.values() {
        let Some((_, first)) = group.first() else {
            continue;
        };
        let differs: Vec<bool> = first
            .words
            .iter()
            .enumerate()
            .map(|(i, word)| group.iter().any(|(_, s)| s.words.get(i).is_some_and(|w| w.meaning != word.meaning)))
            .collect();
        if !differs.contains(&true) {
            continue;
        }
        for (word, differs) in first.words.iter().zip(&differs) {
            if !differs && !found.constant.iter().any(|w| w.meaning == word.meaning) {
                found.constant.push(word.clone());
            }
        }
        for (path, shape) in group {
            let telling = shape.words.iter().zip(&differs).filter(|(_, d)| **d);
            found.members.insert((*path).to_owned(), Label::of(telling.map(|(w, _)| w.clone())));
        }
    }
}

/// Whatever words a path holds.
#[must_use]
pub fn all_words(path: &str) -> Label {
    Label::of(shape(path).words.into_iter())
}

/// The stamps that labels make: the most telling ones; a product where one set knows only regions and another only
/// environments. In the order of their names.
#[must_use]
pub fn stamps<'l>(labels: impl IntoIterator<Item = &'l Label>) -> Vec<Label> {
    let mut distinct: Vec<&Label> = Vec::new();
    for label in labels {
        if !label.is_empty() && !distinct.iter().any(|l| l.meanings() == label.meanings()) {
            distinct.push(label);
        }
    }
    let (both, rest): (Vec<&Label>, Vec<&Label>) =
        distinct.into_iter().partition(|l| l.environment.is_some() && l.region.is_some());
    let (environments, regions): (Vec<&Label>, Vec<&Label>) = rest.into_iter().partition(|l| l.environment.is_some());
    let mut stamps: Vec<Label> = both.iter().map(|l| (*l).clone()).collect();
    if both.is_empty() && !environments.is_empty() && !regions.is_empty() {
        for environment in &environments {
            for region in &regions {
                stamps.push(Label { environment: environment.environment.clone(), region: region.region.clone() });
            }
        }
    } else {
        for label in environments.iter().chain(&regions) {
            if !both.iter().any(|b| label.admits(b)) {
                stamps.push((*label).clone());
            }
        }
    }
    let names = names(&stamps);
    let mut named: Vec<(String, Label)> = names.into_iter().zip(stamps).collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named.into_iter().map(|(_, label)| label).collect()
}

/// What the stamps are called: by the words that tell them from the others.
#[must_use]
pub fn names(stamps: &[Label]) -> Vec<String> {
    let tells = |of: fn(&Label) -> Option<&'static str>| {
        stamps.iter().any(|s| stamps.first().is_some_and(|first| of(first) != of(s)))
    };
    let by_environment = tells(|l| l.meanings().0);
    let by_region = tells(|l| l.meanings().1);
    stamps
        .iter()
        .map(|stamp| {
            let words = [
                stamp.environment.as_ref().filter(|_| by_environment || !by_region),
                stamp.region.as_ref().filter(|_| by_region || !by_environment),
            ];
            let words: Vec<&str> = words.into_iter().flatten().map(|w| w.written.as_str()).collect();
            words.join("-")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(paths: &[&str]) -> Vec<String> {
        let mut found = Series::default();
        series(paths.iter().copied(), &mut found);
        names(&stamps(found.members.values()))
    }

    #[test]
    fn stamps_are_what_names_differ_by() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["p.eastus2.json", "p.centralus.json"], &["centralus", "eastus2"]),
            (&["p.dev.json", "p.prod.json", "q.prod.json"], &["dev", "prod"]),
            (&["p.prod.eastus2.json", "p.prod.westus.json"], &["eastus2", "westus"]),
            (
                &["prod/p.eastus2.json", "prod/p.westus.json", "dev/p.eastus2.json"],
                &["dev-eastus2", "prod-eastus2", "prod-westus"],
            ),
            (
                &["p.eastus2.json", "p.westus.json", "v-dev.yaml", "v-prod.yaml"],
                &["dev-eastus2", "dev-westus", "prod-eastus2", "prod-westus"],
            ),
            (
                &["p.prod.eastus2.json", "p.dev.westus.json", "v-dev.yaml", "v-prod.yaml", "v-qa.yaml"],
                &["dev-westus", "prod-eastus2", "qa"],
            ),
            (&["p.json", "p.eastus2.json"], &[]),
            (&["a.eastus2.json", "b.westus.json"], &[]),
            (&["p.prod.json", "p.production.json"], &[]),
        ];
        for (paths, expected) in cases {
            assert_eq!(&inferred(paths), expected, "{paths:?}");
        }
    }
}
