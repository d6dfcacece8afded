//! The keys that belong to one text. All of them have its hash tag, and with it its slot of a cluster.

use std::borrow::Cow;

/// The key of the value: the text, unless its tag is empty. Redis takes an empty tag for none, and the keys would be in different slots. Caches
/// write no brace of their users into a key, so that this is no other text's key.
pub(super) fn value(text: &str) -> Cow<'_, str> {
    match text.split_once('{') {
        Some((head, rest)) if rest.starts_with('}') => Cow::Owned(format!("{head}{{{{{rest}")),
        _ => Cow::Borrowed(text),
    }
}

/// The key of the lease.
pub(super) fn lease(text: &str) -> String {
    format!("{}:l", value(text))
}

/// Is it the key of a lease? Those of values end with a brace.
pub(super) fn is_lease(key: &str) -> bool {
    key.ends_with("}:l")
}

/// The key under which Redis adds.
pub(super) fn scratch(text: &str) -> String {
    format!("{}:n", value(text))
}

#[cfg(test)]
mod tests {
    use redis::cluster_routing::Slot;

    use super::{is_lease, lease, scratch, value};

    #[test]
    fn all_keys_of_a_text_are_in_one_slot() {
        for text in ["shop:v1:{user:42}", "shop:v1:{}", "{}", "{{}", "shop:v1:{a}:{}"] {
            let [value, lease, scratch] = [value(text).into_owned(), lease(text), scratch(text)];
            let slot = Slot::for_key(&value);
            assert!(slot == Slot::for_key(&lease) && slot == Slot::for_key(&scratch), "{text}");
            assert!(lease != value && scratch != value && lease != scratch, "{text}");
            assert_eq!([&value, &lease, &scratch].map(|key| is_lease(key)), [false, true, false], "{text}");
        }
        assert_eq!(value("shop:v1:{user:42}"), "shop:v1:{user:42}");
        assert_eq!(value("shop:v1:{}"), "shop:v1:{{}");
    }
}
