//! How far the class is in the lesson: answered questions by step, as counts.
//!
//! A page tells which questions are done, never what was answered, and the board never who did
//! them.

use resnette_lesson::STEPS;

use crate::board::Board;

/// A step of the lesson, and what the class has done of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepCount {
    /// The step's heading.
    pub title: &'static str,
    /// How many questions it has.
    pub questions: usize,
    /// How many of them are done, over all students.
    pub done: usize,
    /// How many students have done at least one.
    pub begun: usize,
    /// How many students have done all of them.
    pub finished: usize,
}

/// The steps that have questions, in the lesson's order.
pub fn step_counts(board: &Board) -> Vec<StepCount> {
    let steps = STEPS.iter().filter(|step| !step.questions.is_empty());
    steps
        .map(|step| {
            let bits = step.questions.iter().fold(0_u32, |bits, number| {
                // Questions are numbered from 1.
                bits | 1_u32.checked_shl(u32::from(number.saturating_sub(1))).unwrap_or(0)
            });
            let done = || board.seats().iter().map(move |seat| seat.answered & bits);
            StepCount {
                title: step.title,
                questions: step.questions.len(),
                done: done().map(|done| done.count_ones() as usize).sum(),
                begun: done().filter(|done| *done != 0).count(),
                finished: done().filter(|done| *done == bits).count(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use resnette_class::ToHost;
    use resnette_class::limits::QUESTIONS;

    use super::*;
    use crate::board::tests::seated;

    /// Each question of the chapter counts in one step.
    #[test]
    fn every_question_belongs_to_a_step() {
        let mut numbers: Vec<u8> = STEPS.iter().flat_map(|step| step.questions).copied().collect();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(1..=QUESTIONS as u8), "{numbers:?}");
    }

    #[test]
    fn answers_are_counted_by_step() {
        let (mut board, _seats) = seated(&["Ada", "Bo", "Cy"]);
        // Question 1 is the first step's only one; 2 to 5 are the second step's.
        assert!(board.hear(1, 1, ToHost::Answered(0b0_0011)));
        assert!(board.hear(2, 1, ToHost::Answered(0b1_1111)));
        let counts = step_counts(&board);
        let numbers =
            |count: &StepCount| (count.questions, count.done, count.begun, count.finished);
        assert_eq!(numbers(&counts[0]), (1, 2, 2, 2));
        assert_eq!(numbers(&counts[1]), (4, 5, 2, 1));
        assert!(counts[2..].iter().all(|count| count.begun == 0 && count.questions > 0));
        assert_eq!(counts.iter().map(|count| count.questions).sum::<usize>(), QUESTIONS as usize);
        // There are no more questions than that.
        assert!(board.hear(3, 1, ToHost::Answered((1 << QUESTIONS) - 1)));
        assert!(!board.hear(3, 1, ToHost::Answered(1 << QUESTIONS)));
        board.delete_all();
        assert!(step_counts(&board).iter().all(|count| count.done == 0));
    }
}
