//! The lesson as a list of screens for a projector, with one thing on each.

use resnette_lesson::{Demo, Question, STEPS, Step, numbered};

use crate::lesson::target::Target;

/// One screen of the presentation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slide {
    /// The heading and the prose of a step.
    Prose(&'static Step),
    /// A demo.
    Demo(Demo),
    /// A question of the chapter.
    Question(&'static Question),
}

/// All screens in the order of the chapter. Each step has its prose, its demos and its numbered
/// questions.
pub fn slides() -> Vec<Slide> {
    let of_step = |step: &'static Step| {
        let demos = step.demos.iter().map(|demo| Slide::Demo(*demo));
        let questions =
            step.questions.iter().filter_map(|number| numbered(*number)).map(Slide::Question);
        std::iter::once(Slide::Prose(step)).chain(demos).chain(questions)
    };
    STEPS.iter().flat_map(of_step).collect()
}

impl Slide {
    /// The place that a link to this screen names.
    pub fn target(self) -> Target {
        match self {
            Self::Prose(step) => Target::Step(step),
            Self::Demo(demo) => Target::Demo(demo),
            Self::Question(question) => Target::Question(question),
        }
    }
}

/// The index of the screen that a link points to, or 0 if it points to none.
pub fn opened_at(target: Option<Target>) -> usize {
    slides().iter().position(|slide| Some(slide.target()) == target).unwrap_or(0)
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Goes this many screens on, or back if it is negative.
    Go(isize),
    /// Goes to the last screen (`true`) or the first (`false`).
    End(bool),
    /// Shows or hides the answer.
    Reveal,
}

/// The keys that the focused element needs for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It needs no keys.
    Nothing,
    /// It needs arrows, Home and End, as options, sliders and the drawing of the network do.
    Arrows,
    /// It needs letters too, as text fields and lists do.
    Letters,
}

/// What a key does: those of a presenter's clicker, arrows and letters work unless the focused
/// element needs them.
pub fn press(key: &str, keeps: Keeps) -> Option<Press> {
    match key {
        // Clickers send these two keys, and whoever holds one cannot see where the focus is.
        "PageDown" => Some(Press::Go(1)),
        "PageUp" => Some(Press::Go(-1)),
        _ if keeps == Keeps::Letters => None,
        "a" | "A" | "." => Some(Press::Reveal),
        _ if keeps == Keeps::Arrows => None,
        "ArrowRight" => Some(Press::Go(1)),
        "ArrowLeft" => Some(Press::Go(-1)),
        "Home" => Some(Press::End(false)),
        "End" => Some(Press::End(true)),
        _ => None,
    }
}

/// The screen that a key leads to from the screen `at`.
pub fn after(at: usize, press: Press) -> usize {
    let last = slides().len().saturating_sub(1);
    match press {
        Press::Go(by) => at.saturating_add_signed(by).min(last),
        Press::End(true) => last,
        Press::End(false) => 0,
        Press::Reveal => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_and_question_has_one_screen() {
        let slides = slides();
        assert_eq!(slides.len(), STEPS.len() + Demo::ALL.len() + 22);
        for (index, slide) in slides.iter().enumerate() {
            assert_eq!(opened_at(Some(slide.target())), index);
        }
        assert_eq!(opened_at(None), 0);
    }

    #[test]
    fn keys_stay_with_controls_but_a_clicker_always_works() {
        assert_eq!(press("ArrowRight", Keeps::Nothing), Some(Press::Go(1)));
        assert_eq!(press("ArrowRight", Keeps::Arrows), None);
        assert_eq!(press("a", Keeps::Letters), None);
        // The class chose an option with the mouse. The key for the answer must still work.
        assert_eq!(press("a", Keeps::Arrows), Some(Press::Reveal));
        assert_eq!(press("PageDown", Keeps::Letters), Some(Press::Go(1)));
        assert_eq!(press("x", Keeps::Nothing), None);
    }

    #[test]
    fn nobody_leaves_at_the_ends() {
        let last = slides().len() - 1;
        assert_eq!((after(0, Press::Go(-1)), after(last, Press::Go(1))), (0, last));
        assert_eq!(
            (after(5, Press::End(true)), after(5, Press::End(false)), after(5, Press::Reveal)),
            (last, 0, 5)
        );
    }
}
