//! A row of the tables in `docs/reliability.md` that another test asserts.

/// What is done to the page or the command line, what it does then, and what is kept.
pub struct Attack {
    pub attack: &'static str,
    pub does: &'static str,
    pub kept: &'static str,
    /// The file of the test, from the checkout's root on.
    pub file: &'static str,
    /// Its function.
    pub test: &'static str,
}

/// A row; `place` is the file and the function of its test.
pub const fn attack(
    attack: &'static str,
    does: &'static str,
    kept: &'static str,
    place: (&'static str, &'static str),
) -> Attack {
    Attack { attack, does, kept, file: place.0, test: place.1 }
}
