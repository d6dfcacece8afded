//! Prices: pence inside, pounds on the page.

/// The highest price the shop asks: £10,000.
const MOST: i64 = 1_000_000;

/// `1250` becomes `£12.50`.
pub(crate) fn pounds(pence: i64) -> String {
    format!("£{}.{:02}", thousands(pence / 100), (pence % 100).abs())
}

/// `1250` becomes `12.50`, as a person would type it.
pub(crate) fn plain(pence: i64) -> String {
    format!("{}.{:02}", pence / 100, (pence % 100).abs())
}

/// `12345` becomes `12,345`.
pub(crate) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "-" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Reads `12`, `12.5`, `12.50` or `£12.50`; `None` for anything else and for prices the shop does
/// not ask.
pub(crate) fn parse(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let typed = typed.strip_prefix('£').unwrap_or(typed).trim_start();
    let (whole, part) = typed.split_once('.').unwrap_or((typed, ""));
    let part = match part.len() {
        0 => 0,
        1 => 10 * digits(part)?,
        2 => digits(part)?,
        _ => return None,
    };
    let pence = digits(whole)?.checked_mul(100)?.checked_add(part)?;
    (1..=MOST).contains(&pence).then_some(pence)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_people_type_them() {
        for (typed, pence) in [("12", 1200), ("12.5", 1250), (" £12.50 ", 1250), ("0.01", 1), ("10000", 1_000_000)] {
            assert_eq!(parse(typed), Some(pence), "{typed}");
        }
        for typed in ["", "0", "-1", "+1", "1.234", "1,50", "10000.01", "12e3", "٣", "99999999999999999999"] {
            assert_eq!(parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn prices_are_shown_with_two_digits() {
        assert_eq!(pounds(1_234_505), "£12,345.05");
        assert_eq!(plain(990), "9.90");
        assert_eq!(thousands(999), "999");
    }
}
