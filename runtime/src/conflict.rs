//! The report on functions whose keys can be the same.

use std::sync::Once;

use crate::log;
use crate::registry::registry;

/// Says, once in the life of the program, which functions can make the same key. Their entries are never mixed up, since
/// each entry knows its function, but they throw each other out.
pub(crate) fn report_once() {
    static REPORTED: Once = Once::new();
    REPORTED.call_once(|| {
        for conflict in registry().conflicts() {
            log::warning(&conflict.to_string());
        }
    });
}
