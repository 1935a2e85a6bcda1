//! Where the questions of a step stand: each after the demo on which it can be tried.

use crate::demos::Demo;
use crate::question::{Question, WhereToTry};
use crate::questions::{by_id, numbered};
use crate::steps::Step;

/// The questions of a step in the places where they are asked.
#[derive(Debug)]
pub struct Arrangement {
    /// Warm-ups from chapter 13, before everything else.
    pub warm_ups: Vec<&'static Question>,
    /// Numbered questions that are answered with the prose alone, or with what another step shows.
    pub after_prose: Vec<&'static Question>,
    /// The step's demos, each with the numbered questions that it answers.
    pub demos: Vec<(Demo, Vec<&'static Question>)>,
}

/// Arranges the questions of a step.
pub fn arrangement(step: &Step) -> Arrangement {
    let asked: Vec<&Question> =
        step.questions.iter().filter_map(|&number| numbered(number)).collect();
    let demo = |question: &Question| match question.where_to_try {
        WhereToTry::Demo(demo) if step.demos.contains(&demo) => Some(demo),
        _ => None,
    };
    let of = |place: Option<Demo>| {
        asked.iter().copied().filter(|question| demo(question) == place).collect()
    };
    Arrangement {
        warm_ups: step.warm_ups.iter().filter_map(|id| by_id(id)).collect(),
        after_prose: of(None),
        demos: step.demos.iter().map(|&demo| (demo, of(Some(demo)))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::STEPS;

    #[test]
    fn every_question_stands_once_and_after_its_demo() {
        for step in &STEPS {
            let Arrangement { warm_ups, after_prose, demos } = arrangement(step);
            assert_eq!(warm_ups.len(), step.warm_ups.len());
            let places: Vec<Demo> = demos.iter().map(|(demo, _)| *demo).collect();
            assert_eq!(places, step.demos);
            let mut numbers: Vec<u8> = after_prose
                .iter()
                .chain(demos.iter().flat_map(|(_, questions)| questions))
                .filter_map(|question| question.number())
                .collect();
            numbers.sort_unstable();
            assert_eq!(numbers, step.questions, "{}", step.slug);
            for (demo, questions) in &demos {
                for question in questions {
                    assert_eq!(question.where_to_try, WhereToTry::Demo(*demo), "{}", question.id);
                }
            }
            for question in after_prose {
                let here =
                    step.demos.iter().any(|&demo| question.where_to_try == WhereToTry::Demo(demo));
                assert!(!here, "question {} has a demo in its own step", question.id);
            }
        }
    }

    #[test]
    fn the_questions_about_pooling_stand_after_its_demo() {
        let Arrangement { after_prose, demos, .. } = arrangement(&STEPS[1]);
        let ids = |questions: &[&Question]| -> Vec<&str> {
            questions.iter().map(|question| question.id).collect()
        };
        assert_eq!(ids(&after_prose), ["2"]);
        assert_eq!((demos[0].0, ids(&demos[0].1)), (Demo::AdaptivePooling, vec!["3", "4", "5"]));
    }
}
