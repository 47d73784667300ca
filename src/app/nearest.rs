//! Suggestions for words that name nothing.

/// The word that was probably meant.
#[must_use]
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    known
        .map(|k| (strsim::damerau_levenshtein(name, k), k))
        .filter(|(distance, k)| *distance <= 1 + name.len().max(k.len()) / 4)
        .min()
        .map(|(_, k)| format!("did you mean `{k}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["duplicate-key", "fleet-error", "images"];
        let said = |name| nearest(name, known.into_iter());
        assert_eq!(said("duplicate-keys").as_deref(), Some("did you mean `duplicate-key`?"));
        assert_eq!(said("imags").as_deref(), Some("did you mean `images`?"));
        assert_eq!(said("zones"), None);
    }
}
