//! Documents below `data`, put together from files: the folders on the way to a file are the keys above its content.

use regorus::Value as Rego;

/// Merges a document below keys into `data`. `false` where it stands in the way of another.
pub fn merge(data: &mut Rego, keys: &[&str], document: Rego) -> bool {
    let mut wrapped = document;
    for key in keys.iter().rev() {
        let mut outer = Rego::new_object();
        if let Ok(entries) = outer.as_object_mut() {
            entries.insert(Rego::from(*key), wrapped);
        }
        wrapped = outer;
    }
    into(data, wrapped)
}

fn into(data: &mut Rego, document: Rego) -> bool {
    let (Ok(held), Ok(new)) = (data.as_object_mut(), document.as_object()) else {
        return *data == document;
    };
    let mut fits = true;
    for (key, value) in new.iter_sorted() {
        match held.get_mut(key) {
            Some(below) => fits &= into(below, value.clone()),
            None => {
                held.insert(key.clone(), value.clone());
            }
        }
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_merge_below_their_folders() {
        let json = |text: &str| Rego::from_json_str(text).unwrap();
        let mut data = Rego::new_object();
        assert!(merge(&mut data, &[], json(r#"{"a": 1}"#)));
        assert!(merge(&mut data, &["x", "y"], json(r#"{"b": 2}"#)));
        assert!(merge(&mut data, &["x"], json(r#"{"c": 3}"#)));
        assert!(!merge(&mut data, &[], json(r#"{"a": 2}"#)));
        assert_eq!(data.to_string(), r#"{"a":1,"x":{"c":3,"y":{"b":2}}}"#);
    }
}
