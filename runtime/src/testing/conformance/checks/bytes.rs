//! Keys and values of any kind.

use crate::shared::{Over, Turn};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::read;
use crate::testing::conformance::stage::Stage;

/// What keys consist of that may be taken for something else, or for each other.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        " ",
        "  ",
        "a b",
        "\0",
        "a\0",
        "a\0b",
        "\n",
        "\r\n",
        "$1\r\na\r\n",
        "*",
        "?",
        "[a]",
        "\\",
        "\"",
        "'",
        "%s",
        "a:l",
        "a:",
        ":a",
        "~",
        "\u{e9}",
        "e\u{301}",
        "\u{1f980}",
        "\u{202e}",
        "\u{feff}",
        "A",
        "a",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(10 * 1024));
    texts.push("x".repeat(10 * 1024 + 1));
    texts
}

pub(crate) fn keys_may_be_odd(stage: &Stage) -> Outcome {
    let texts = odd_texts();
    for text in &texts {
        let key = stage.key(text);
        ensure_eq!(stage.one.turn(&key, 1, Over::NOTHING)?, Turn::Lead, "a lease of {text:?}");
        ensure!(stage.one.fill(&key, 1, text.as_bytes())?, "a fill of {text:?} was refused");
    }
    let found = stage.other.read_each(texts.iter().map(|text| read(&stage.key(text))).collect())?;
    for (text, found) in texts.iter().zip(found) {
        ensure_eq!(found.value, Some(text.clone().into_bytes()), "the value of {text:?}");
    }
    for text in &texts {
        ensure!(stage.one.remove(&stage.key(text))?, "there was no value to remove of {text:?}");
        ensure_eq!(stage.other.value(&stage.key(text))?, None, "the removed value of {text:?}");
    }
    Ok(())
}

pub(crate) fn values_may_be_anything(stage: &Stage) -> Outcome {
    let every: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = every.iter().copied().cycle().take(1 << 20).collect();
    for (what, value) in [("a NUL", &b"\0"[..]), ("digits", b"-1"), ("every byte", &every), ("large", &large)] {
        let key = stage.key(what);
        stage.one.write(&key, value)?;
        ensure!(stage.other.value(&key)?.as_deref() == Some(value), "another value than was written: {what}");
        match stage.other.turn(&key, 1, Over::NOTHING)? {
            Turn::Hit(hit, _) => ensure!(hit == value, "another hit than was written: {what}"),
            _ => return Err(format!("no hit where a value is: {what}")),
        }
        let token = stage.one.lead(&key)?;
        ensure!(stage.one.fill(&key, token, value)?, "the holder's fill was refused: {what}");
        ensure!(stage.other.value(&key)?.as_deref() == Some(value), "another value than was filled: {what}");
    }
    Ok(())
}
