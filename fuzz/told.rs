//! What must be true of all that is told of a file, whatever is in it.

use resnette_picture::report::Problem;

/// The listed problems, and one entry for the others.
const MOST: usize = 101;

/// Panics if a page could not show these problems as they are.
pub fn check(problems: &[Problem]) {
    assert!(problems.len() <= MOST, "{} problems", problems.len());
    for Problem { name, reason } in problems {
        assert!(!reason.is_empty(), "nothing is told of {name:?}");
        assert!(!name.chars().chain(reason.chars()).any(char::is_control), "{name:?}: {reason:?}");
    }
}
