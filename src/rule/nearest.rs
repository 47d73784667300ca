//! Suggestions for words that name nothing.

/// Shorter words are part of too many others.
const PART: usize = 4;

/// The word that was probably meant.
#[must_use]
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    known
        .filter_map(|k| {
            let distance = strsim::damerau_levenshtein(name, k);
            let near = distance <= 1 + name.len().max(k.len()) / 4;
            // A part of a name is meant for the whole, where nothing is nearer.
            let part = name.len() >= PART && k.contains(name);
            (near || part).then_some((!near, distance, k))
        })
        .min()
        .map(|(_, _, k)| format!("did you mean `{k}`?"))
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
        assert_eq!(said("duplicate").as_deref(), Some("did you mean `duplicate-key`?"));
        assert_eq!(said("dup"), None);
    }
}
