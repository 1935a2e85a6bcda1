//! What was refused, for the page's list.

use resnette_picture::report::Problem;

/// Most problems that are listed; of the others there is a count.
const MOST: usize = 100;
/// Longest name that is shown.
const LONGEST: usize = 160;

/// A list that cannot grow without end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// Adds one.
    pub fn add(&mut self, name: impl AsRef<str>, reason: impl ToString) {
        if self.list.len() < MOST {
            let name: String =
                name.as_ref().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            self.list.push(Problem { name, reason: reason.to_string() });
        } else {
            self.more += 1;
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len() + self.more
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first one.
    pub fn first(&self) -> Option<&Problem> {
        self.list.first()
    }

    /// The list, and at its end how many more there are.
    pub fn into_vec(self) -> Vec<Problem> {
        let mut list = self.list;
        if self.more > 0 {
            list.push(Problem {
                name: format!("{} more", self.more),
                reason: "refused in the same way or another".into(),
            });
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted() {
        let mut problems = Problems::default();
        (0..10_000).for_each(|number| problems.add(format!("{number}\u{7}.gif"), "no"));
        assert_eq!(problems.len(), 10_000);
        let list = problems.into_vec();
        assert_eq!(
            (list.len(), list[7].name.as_str(), list[MOST].name.as_str()),
            (101, "7.gif", "9900 more")
        );
    }
}
