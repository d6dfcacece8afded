//! The options about stale values, early refresh and jitter, against each other and against `timeout`.

use std::time::Duration;

use crate::attr::{Attr, Given};
use crate::diag::{self, Errors};
use crate::duration::NEVER;
use crate::fraction::When;
use crate::value::Timeout;

pub(crate) fn check(attr: &Attr, errors: &mut Errors) {
    soft_timeout_has_an_old_value(attr, errors);
    early_is_before_the_timeout(attr, errors);
    jitter_has_a_timeout(attr, errors);
}

fn soft_timeout_has_an_old_value(attr: &Attr, errors: &mut Errors) {
    let stale = attr.stale_while_revalidate.is_some()
        || attr.stale_if_error.is_some()
        || attr.left_unread("stale_while_revalidate")
        || attr.left_unread("stale_if_error");
    if let Some(soft_timeout) = attr.soft_timeout.as_ref().filter(|_| !stale) {
        errors.push(diag::freshness::soft_timeout_without_stale(&soft_timeout.key));
    }
}

fn early_is_before_the_timeout(attr: &Attr, errors: &mut Errors) {
    let Some(Given { key, value: early }) = &attr.early else {
        return;
    };
    match early.when {
        When::Fraction(_) if only_never(attr) => errors.push(diag::freshness::early_part_of_never(key)),
        When::Age(age) => {
            if let Some(timeout) = timeout(attr).filter(|timeout| age >= *timeout) {
                let (age, timeout) = (in_words(age), in_words(timeout));
                errors.push(diag::freshness::early_not_before_timeout(&early.at, &age, &timeout));
            }
        }
        When::Fraction(_) => {}
    }
}

fn jitter_has_a_timeout(attr: &Attr, errors: &mut Errors) {
    if let Some(jitter) = attr.jitter.as_ref().filter(|_| only_never(attr)) {
        errors.push(diag::freshness::jitter_of_never(&jitter.key));
    }
}

fn timeout(attr: &Attr) -> Option<u64> {
    match attr.timeout.as_ref()?.value {
        Timeout::Nanos(nanos) => Some(nanos),
        Timeout::With(_) => None,
    }
}

/// Whether nothing that the function stores ever expires.
fn only_never(attr: &Attr) -> bool {
    let ends = |nanos: u64| nanos != NEVER;
    let none_ends = attr.cache_none.as_ref().and_then(|none| none.value).is_some_and(ends);
    let err_ends = attr.cache_err.is_some();
    timeout(attr) == Some(NEVER) && !none_ends && !err_ends
}

/// `90s`
fn in_words(nanos: u64) -> String {
    format!("{:?}", Duration::from_nanos(nanos))
}
