//! A term of the glossary.

/// A technical term and its meaning on this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The term, as a reader would look it up.
    pub word: &'static str,
    /// Other words for it on the page.
    pub also: &'static [&'static str],
    /// Its meaning, in a sentence or two.
    pub meaning: &'static str,
}

pub(super) const fn term(
    word: &'static str,
    also: &'static [&'static str],
    meaning: &'static str,
) -> Term {
    Term { word, also, meaning }
}

impl Term {
    /// Whether `word` is the term itself, or one of the other words for it.
    pub fn explains(&self, word: &str) -> bool {
        let is = |other: &str| other.eq_ignore_ascii_case(word);
        is(self.word) || self.also.iter().any(|other| is(other))
    }
}
