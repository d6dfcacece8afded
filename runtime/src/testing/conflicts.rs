//! A check of all annotated functions of a program.

use crate::registry::registry;

/// Checks every annotated function of the program: no two of them may be able to make the same key in the same cache.
/// Call it in a test of the program that links them all.
///
/// # Panics
///
/// With the positions and templates of all pairs that can.
pub fn assert_no_conflicts() {
    let conflicts: Vec<String> = registry().conflicts().iter().map(ToString::to_string).collect();
    assert!(conflicts.is_empty(), "{}", conflicts.join("\n"));
}
