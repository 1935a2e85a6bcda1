//! The glossary: every technical term that the page uses, explained in a sentence or two.

mod table;
mod term;

use resnette_spec::SETTINGS;

use crate::glossary::table::TERMS;
pub use crate::glossary::term::Term;
use crate::glossary::term::term;

/// The glossary's name in links.
pub const SLUG: &str = "glossary";

/// All terms from A to Z: those of the glossary's own table, and every setting without a term of
/// its own, explained by its help text.
pub fn terms() -> Vec<Term> {
    let mut terms = TERMS.to_vec();
    for setting in SETTINGS.iter().filter(|setting| setting.term.is_none()) {
        let key = sort_key(setting.label);
        let at = terms.partition_point(|term| sort_key(term.word) < key);
        terms.insert(at, term(setting.label, &[], setting.help));
    }
    terms
}

/// The key by which terms are sorted: capitals and punctuation do not count, and digits come first.
fn sort_key(word: &str) -> String {
    word.to_ascii_lowercase().replace(|letter: char| !letter.is_alphanumeric(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_stand_once() {
        let in_order = |terms: &[Term]| {
            for pair in terms.windows(2) {
                let [one, next] = [pair[0].word, pair[1].word];
                assert!(sort_key(one) < sort_key(next), "{one} before {next}");
            }
        };
        in_order(TERMS);
        in_order(&terms());
        for term in terms() {
            assert!(term.meaning.ends_with('.') && term.meaning.len() < 240, "{}", term.word);
        }
    }

    #[test]
    fn every_setting_is_explained() {
        let terms = terms();
        for setting in SETTINGS {
            let word = setting.term.unwrap_or(setting.label);
            let term = terms.iter().find(|term| term.word == word);
            let found = |term: &Term| term.explains(setting.label) || term.explains(setting.key);
            assert!(term.is_some_and(found), "{} under “{word}”", setting.key);
        }
    }

    #[test]
    fn what_the_tables_and_the_demos_are_headed_with_is_in_it() {
        let words = resnette_spec::epoch::EPOCH_HEADER.into_iter().chain([
            "parameters",
            "multiply-adds",
            "shape",
            "filter",
            "grid",
            "vector",
        ]);
        let demos = [
            "Kernel",
            "Adaptive pooling",
            "Evidence map",
            "Skip connection",
            "Residual",
            "1×1 convolution",
            "Loss surface",
            "Bottleneck",
        ];
        for word in words.chain(demos) {
            assert!(TERMS.iter().any(|term| term.explains(word)), "{word}");
        }
    }
}
