//! The list of pictures and files that could not be used.

use resnette_picture::report::Problem;

/// The most problems that are listed; the others are counted.
const MAX_LISTED: usize = 100;
/// The longest name that is displayed, in characters.
const MAX_NAME: usize = 160;

/// A list of problems with a limited length, so that a folder of a million unusable files does no
/// harm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    listed: Vec<Problem>,
    /// How many more there are.
    unlisted: usize,
}

impl Problems {
    /// Adds a problem: the name of a file or picture, and why it could not be used.
    pub fn add(&mut self, name: impl AsRef<str>, reason: impl ToString) {
        if self.listed.len() < MAX_LISTED {
            let one_line = |text: &str, most: usize| -> String {
                text.chars().filter(|c| !c.is_control()).take(most).collect()
            };
            // A decoder's own words may end in a new line.
            let reason = one_line(&reason.to_string(), usize::MAX);
            self.listed.push(Problem { name: one_line(name.as_ref(), MAX_NAME), reason });
        } else {
            self.unlisted += 1;
        }
    }

    /// Adds problems.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for Problem { name, reason } in problems {
            self.add(name, reason);
        }
    }

    /// The number of problems added.
    pub fn len(&self) -> usize {
        self.listed.len() + self.unlisted
    }

    /// Whether no problem was added.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The first problem added.
    pub fn first(&self) -> Option<&Problem> {
        self.listed.first()
    }

    /// The listed problems, followed by an entry with the number of the others if there are any.
    pub fn into_vec(self) -> Vec<Problem> {
        let mut listed = self.listed;
        if self.unlisted > 0 {
            listed.push(Problem {
                name: format!("{} more", self.unlisted),
                reason: "refused in the same way or another".into(),
            });
        }
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by the fuzzer: a decoder's words with a new line in them.
    #[test]
    fn a_problem_is_one_line() {
        let mut problems = Problems::default();
        problems.add("a.jpg", "it is damaged (found 0\n); open another copy of it");
        assert_eq!(
            problems.into_vec()[0].reason,
            "it is damaged (found 0); open another copy of it"
        );
    }

    #[test]
    fn a_long_list_is_cut_off_and_counted() {
        let mut problems = Problems::default();
        (0..10_000).for_each(|number| problems.add(format!("{number}\u{7}.gif"), "no"));
        assert_eq!(problems.len(), 10_000);
        let list = problems.into_vec();
        assert_eq!(
            (list.len(), list[7].name.as_str(), list[MAX_LISTED].name.as_str()),
            (101, "7.gif", "9900 more")
        );
    }
}
