//! Stamps of one environment, and the odd one among them.

use std::collections::BTreeMap;

use crate::model::{Fleet, Stamp};

/// The stamps of each environment that has two or more. Stamps without an environment are one.
#[must_use]
pub fn environments(fleet: &Fleet) -> Vec<Vec<&Stamp>> {
    by_environment(fleet).into_iter().filter(|g| g.len() > 1).collect()
}

/// The stamps of each environment, those of one stamp included.
#[must_use]
pub fn by_environment(fleet: &Fleet) -> Vec<Vec<&Stamp>> {
    let mut groups: BTreeMap<String, Vec<&Stamp>> = BTreeMap::new();
    for stamp in &fleet.stamps {
        let environment = stamp.environment.as_ref().map(|e| e.to_ascii_lowercase()).unwrap_or_default();
        groups.entry(environment.to_string()).or_default().push(stamp);
    }
    groups.into_values().collect()
}

/// Stamps that differ from the norm in the same way, by their position in the group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlier {
    /// The odd ones.
    pub odd: Vec<usize>,
    /// One that is as the others are.
    pub norm: usize,
}

/// The odd ones among values, in the order of the stamps; `None` takes no part. From three on the majority is the norm;
/// with two, and without a majority, the first value is, and the latest other one is odd.
#[must_use]
pub fn outliers<T: PartialEq>(values: &[Option<T>]) -> Vec<Outlier> {
    let mut classes: Vec<(&T, Vec<usize>)> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        match classes.iter_mut().find(|(held, _)| *held == value) {
            Some((_, members)) => members.push(i),
            None => classes.push((value, vec![i])),
        }
    }
    if classes.len() < 2 {
        return Vec::new();
    }
    let total: usize = classes.iter().map(|(_, m)| m.len()).sum();
    let majority = classes.iter().position(|(_, m)| m.len() * 2 > total);
    let first = |class: usize| classes.get(class).and_then(|(_, m)| m.first()).copied().unwrap_or_default();
    match majority {
        Some(norm) => classes
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != norm)
            .map(|(_, (_, odd))| Outlier { odd: odd.clone(), norm: first(norm) })
            .collect(),
        None => {
            let last = classes.iter().max_by_key(|(_, m)| m.iter().max()).map(|(_, m)| m.clone()).unwrap_or_default();
            let norm =
                classes.iter().find(|(_, m)| *m != last).and_then(|(_, m)| m.first()).copied().unwrap_or_default();
            vec![Outlier { odd: last.into_iter().max().into_iter().collect(), norm }]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_is_the_norm_and_of_two_the_later_is_odd() {
        let odd = |values: &[i32]| outliers(&values.iter().map(|v| Some(*v)).collect::<Vec<_>>());
        assert!(odd(&[1, 1, 1]).is_empty());
        assert_eq!(odd(&[1, 2, 1]), [Outlier { odd: vec![1], norm: 0 }]);
        assert_eq!(odd(&[2, 1]), [Outlier { odd: vec![1], norm: 0 }]);
        assert_eq!(odd(&[1, 2, 2, 1]), [Outlier { odd: vec![3], norm: 1 }]);
        assert_eq!(odd(&[1, 2, 3]), [Outlier { odd: vec![2], norm: 0 }]);
        assert!(outliers(&[Some(1), None, Some(1)]).is_empty());
    }
}
