//! Who has subscribed: looks for the command in what a client sends, wherever the pieces are cut.

/// The commands, in small letters, as the first word of an array of RESP.
const WORDS: [&[u8]; 3] = [b"$9\r\nsubscribe\r\n", b"$10\r\npsubscribe\r\n", b"$10\r\nssubscribe\r\n"];

/// Longer than the longest of the words with the length of the array before it.
const KEPT: usize = 40;

/// What has been seen of one client's bytes.
#[derive(Debug, Default)]
pub(super) struct Sniffer {
    tail: Vec<u8>,
    found: bool,
}

impl Sniffer {
    /// Whether the client has subscribed, with these bytes or before.
    pub(super) fn subscribed(&mut self, bytes: &[u8]) -> bool {
        if !self.found {
            self.tail.extend(bytes.iter().map(u8::to_ascii_lowercase));
            self.found = WORDS.iter().any(|word| is_command(&self.tail, word));
            let over = self.tail.len().saturating_sub(KEPT);
            self.tail.drain(..over);
        }
        self.found
    }
}

/// Whether the word stands somewhere as the first of an array: after `*2\r\n`.
fn is_command(bytes: &[u8], word: &[u8]) -> bool {
    let places = bytes.windows(word.len()).enumerate().filter(|(_, window)| *window == word);
    let mut befores = places.filter_map(|(place, _)| bytes.get(..place)?.strip_suffix(b"\r\n"));
    befores.any(|before| {
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && before.len().checked_sub(digits + 1).is_some_and(|star| before.get(star) == Some(&b'*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(pieces: &[&[u8]]) -> bool {
        let mut sniffer = Sniffer::default();
        pieces.iter().fold(false, |_, piece| sniffer.subscribed(piece))
    }

    #[test]
    fn a_subscription_is_seen_wherever_it_is_cut() {
        let sent = b"*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\na\r\n*2\r\n$10\r\npSubscribe\r\n$1\r\nx\r\n";
        assert!(seen(&[sent]));
        for place in 0..sent.len() {
            let (first, second) = sent.split_at(place);
            assert!(seen(&[first, second]), "cut at {place}");
        }
        let single: Vec<&[u8]> = sent.chunks(1).collect();
        assert!(seen(&single));
    }

    #[test]
    fn values_and_other_commands_are_no_subscriptions() {
        assert!(!seen(&[b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$9\r\nSUBSCRIBE\r\n"]));
        assert!(!seen(&[b"*2\r\n$11\r\nUNSUBSCRIBE\r\n$1\r\na\r\n"]));
        assert!(!seen(&[b"*3\r\n$7\r\nPUBLISH\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n"]));
    }
}
