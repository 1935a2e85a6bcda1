//! The places of the lesson that a link can point to.

use resnette_lesson::steps::by_slug;
use resnette_lesson::{Demo, Question, STEPS, Step, glossary, numbered};

/// A part of the lesson that opens and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A step, by its place in the chapter.
    Step(usize),
    /// The glossary.
    Glossary,
}

/// A place of the lesson that a link can point to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The heading of a step.
    Step(&'static Step),
    /// A demo.
    Demo(Demo),
    /// A question of the chapter.
    Question(&'static Question),
    /// The glossary.
    Glossary,
}

impl Target {
    /// Reads the `step` of a link; `None` if it names no place of the lesson.
    pub fn read(slug: &str) -> Option<Self> {
        let demo = || Demo::ALL.into_iter().find(|demo| demo.slug() == slug);
        let question =
            || slug.strip_prefix("question-").and_then(|number| numbered(number.parse().ok()?));
        // Steps are tried first, because the name of the last one begins like a question's.
        let glossary = || (slug == glossary::SLUG).then_some(Self::Glossary);
        by_slug(slug)
            .map(Self::Step)
            .or_else(|| demo().map(Self::Demo))
            .or_else(|| question().map(Self::Question))
            .or_else(glossary)
    }

    /// The `step` of a link to this place.
    pub fn slug(self) -> String {
        match self {
            Self::Step(step) => step.slug.into(),
            Self::Demo(demo) => demo.slug().into(),
            Self::Question(question) => format!("question-{}", question.id),
            Self::Glossary => glossary::SLUG.into(),
        }
    }

    /// The part of the lesson that this place is in.
    pub fn part(self) -> Part {
        let holds = |step: &Step| match self {
            Self::Step(target) => target.slug == step.slug,
            Self::Demo(demo) => step.demos.contains(&demo),
            Self::Question(question) => {
                question.number().is_some_and(|number| step.questions.contains(&number))
            }
            Self::Glossary => false,
        };
        STEPS.iter().position(holds).map_or(Part::Glossary, Part::Step)
    }

    /// The id of the element that a link leads to.
    pub fn element(self) -> String {
        format!("learn-{}", self.slug())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_place_has_a_link_of_its_own_that_reads_back() {
        let steps = STEPS.iter().map(Target::Step);
        let demos = Demo::ALL.into_iter().map(Target::Demo);
        let questions = (1..=22).map(|number| Target::Question(numbered(number).unwrap()));
        let mut slugs = std::collections::HashSet::new();
        for target in steps.chain(demos).chain(questions).chain([Target::Glossary]) {
            let slug = target.slug();
            assert_eq!(Target::read(&slug), Some(target));
            let mut link = crate::route::link::Link::default();
            assert_eq!(link.set("step", &slug), Ok(()), "{slug} is refused in links");
            assert!(slugs.insert(slug.clone()), "{slug} twice");
        }
    }

    #[test]
    fn nonsense_is_no_place() {
        for slug in [
            "",
            "question-",
            "question-0",
            "question-23",
            "question-300",
            "question-13-14",
            "Bottleneck",
            "skip",
        ] {
            assert_eq!(Target::read(slug), None, "{slug}");
        }
    }
}
