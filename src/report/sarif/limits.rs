//! What code scanning takes: so many results, so many bytes. The weakest findings go first, and the log says that they went.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::report::Run;
use crate::rule::{Effect, Severity, Verdict};
use crate::triage::Reported;

/// The limits of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Results in a run.
    pub results: usize,
    /// Bytes, compressed as the upload compresses them.
    pub bytes: usize,
}

impl Default for Limits {
    /// Those of GitHub, with room for rules and the rest in what is left of 10 MB.
    fn default() -> Self {
        Self { results: 25_000, bytes: 9_000_000 }
    }
}

/// How much a finding weighs when not all can stay.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Weight {
    fails: bool,
    sure: bool,
    effect: Effect,
    severity: Severity,
}

impl Weight {
    /// The weight of a finding.
    pub fn of(run: &Run<'_>, finding: &Reported) -> Self {
        Self {
            fails: run.fails(finding),
            sure: finding.verdict == Verdict::Fail,
            effect: finding.effect,
            severity: finding.severity,
        }
    }
}

impl Limits {
    /// Keeps as many results as the limits allow, in their order.
    pub fn keep(self, mut results: Vec<(Weight, String)>) -> Vec<String> {
        heaviest(&mut results, self.results);
        // What is small uncompressed need not be compressed to know.
        while results.iter().map(|(_, r)| r.len() + 2).sum::<usize>() > self.bytes {
            let size = compressed(&results);
            if size <= self.bytes {
                break;
            }
            // In proportion, and a little less, so that a second round is rare.
            let share = self.bytes as f64 / size as f64 * 0.95;
            let fewer = (results.len() as f64 * share) as usize;
            let fewer = fewer.min(results.len().saturating_sub(1));
            heaviest(&mut results, fewer);
        }
        results.into_iter().map(|(_, r)| r).collect()
    }
}

fn heaviest(results: &mut Vec<(Weight, String)>, most: usize) {
    if results.len() <= most {
        return;
    }
    let mut order: Vec<(Weight, usize)> = results.iter().enumerate().map(|(i, (w, _))| (*w, i)).collect();
    order.sort_by_key(|(weight, i)| (std::cmp::Reverse(*weight), *i));
    let mut stays = vec![false; results.len()];
    for (_, i) in order.into_iter().take(most) {
        if let Some(flag) = stays.get_mut(i) {
            *flag = true;
        }
    }
    let mut stays = stays.into_iter();
    results.retain(|_| stays.next().unwrap_or(false));
}

fn compressed(results: &[(Weight, String)]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for (_, result) in results {
        // Writing to memory cannot fail.
        let _ = encoder.write_all(result.as_bytes());
    }
    encoder.finish().map_or(usize::MAX, |bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(fails: bool) -> Weight {
        Weight { fails, sure: true, effect: Effect::Audit, severity: Severity::Low }
    }

    #[test]
    fn the_weakest_go_first_and_the_order_stays() {
        let results = vec![
            (weight(false), "a".into()),
            (weight(true), "b".into()),
            (weight(false), "c".into()),
            (weight(true), "d".into()),
        ];
        let limits = Limits { results: 3, bytes: 1000 };
        assert_eq!(limits.keep(results), ["a", "b", "d"]);
    }

    #[test]
    fn bytes_are_counted_compressed() {
        let same = |n: usize| vec![(weight(true), "x".repeat(500)); n];
        assert_eq!(Limits { results: 1000, bytes: 5000 }.keep(same(100)).len(), 100);
        let random = (0..2000u64)
            .map(|i| (weight(true), format!("{:016x}", i.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
            .collect::<Vec<_>>();
        let kept = Limits { results: 10_000, bytes: 5000 }.keep(random);
        assert!((100..2000).contains(&kept.len()), "{}", kept.len());
    }
}
