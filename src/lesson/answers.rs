//! The reader's answers, kept in the browser.

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Reflect;
use resnette_lesson::{Answer, Progress, Question, Verdict};
use yew::prelude::*;

use crate::shell::{browser_storage, platform};

/// The key of the entry in the browser's local storage.
pub(crate) const KEY: &str = "resnette.lesson";

/// The reader's answers, and what prevents keeping them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptAnswers {
    /// The answers.
    pub progress: Progress,
    /// Why the answers are not kept, as a sentence for the reader.
    pub trouble: Option<String>,
    /// What the last reset removed.
    pub undo: Option<Progress>,
    /// Whether the stored entry was written by something else and must not be overwritten.
    blocked: bool,
}

/// A change of the answers.
#[derive(Clone, Debug)]
pub enum Edit {
    /// An answer was checked.
    Answer(&'static Question, Answer, Verdict),
    /// The reader marked their own answer in words.
    Mark(&'static Question, Vec<bool>),
    /// The reader deleted all answers.
    Reset,
    /// The reader took the reset back.
    Undo,
    /// Another tab wrote this entry, or removed it.
    Elsewhere(Option<String>),
}

impl KeptAnswers {
    fn read(stored: Result<Option<String>, String>) -> Self {
        let progress = match stored {
            Ok(None) => Ok(Progress::default()),
            Ok(Some(json)) => Progress::from_json(&json).map_err(|error| (error.to_string(), true)),
            Err(trouble) => Err((trouble, false)),
        };
        match progress {
            Ok(progress) => Self { progress, ..Self::default() },
            Err((trouble, blocked)) => Self { trouble: Some(trouble), blocked, ..Self::default() },
        }
    }

    fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Answer(question, answer, verdict) => {
                self.progress.record(question, &answer, &verdict)
            }
            Edit::Mark(question, ticked) => self.progress.mark(question, &ticked),
            Edit::Reset => {
                let before = std::mem::take(&mut self.progress);
                *self = Self {
                    undo: (before != Progress::default()).then_some(before),
                    ..Self::default()
                };
            }
            Edit::Undo => {
                if let Some(before) = self.undo.take() {
                    self.progress.merge(&before);
                }
            }
            Edit::Elsewhere(None) => self.progress = Progress::default(),
            Edit::Elsewhere(Some(json)) => {
                // If the entry cannot be read, the tab that wrote it reports the problem.
                if let Ok(theirs) = Progress::from_json(&json) {
                    self.progress.merge(&theirs);
                }
            }
        }
    }
}

impl Reducible for KeptAnswers {
    type Action = Edit;

    fn reduce(self: Rc<Self>, edit: Edit) -> Rc<Self> {
        let mut kept = Rc::unwrap_or_clone(self);
        kept.edit(edit);
        Rc::new(kept)
    }
}

/// The answers, read from the browser's storage once and written whenever they change.
#[hook]
pub fn use_answers() -> UseReducerHandle<KeptAnswers> {
    let kept = use_reducer(|| KeptAnswers::read(stored()));
    {
        let dispatcher = kept.dispatcher();
        use_effect_with((), move |()| {
            let listener = platform::window().map(|window| {
                EventListener::new(&window, "storage", move |event| {
                    // Read through `Reflect`, because two strings do not justify another feature of
                    // web-sys.
                    let text = |name: &str| {
                        Reflect::get(event, &name.into()).ok().and_then(|value| value.as_string())
                    };
                    if text("key").as_deref() == Some(KEY) {
                        dispatcher.dispatch(Edit::Elsewhere(text("newValue")));
                    }
                })
            });
            move || drop(listener)
        });
    }
    use_effect_with((kept.progress.clone(), kept.blocked), |(progress, blocked)| {
        if !blocked {
            store(progress);
        }
    });
    kept
}

fn stored() -> Result<Option<String>, String> {
    browser_storage::read(KEY).map_err(|error| {
        format!(
            "{error}, so your answers will be lost when the tab is closed. Export the sheet first"
        )
    })
}

/// Writes the answers, or removes the entry if there are none, by which other tabs learn of a
/// reset.
fn store(progress: &Progress) {
    // If the storage is full or forbidden, the answers stay in this tab and can be exported.
    let _ = match progress.to_json() {
        Ok(_) if *progress == Progress::default() => browser_storage::remove(KEY),
        // Writing an equal entry would notify other tabs of a change.
        Ok(json) if browser_storage::read(KEY) != Ok(Some(json.clone())) => {
            browser_storage::write(KEY, &json)
        }
        _ => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_lesson::{QuestionState, check, numbered};

    use super::*;

    fn answer(kept: &mut KeptAnswers, number: u8, text: &str) {
        let (question, answer) = (numbered(number).unwrap(), Answer::Text(text.into()));
        let verdict = check(question, &answer);
        kept.edit(Edit::Answer(question, answer, verdict));
    }

    #[test]
    fn a_reset_can_be_taken_back() {
        let mut kept = KeptAnswers::read(Ok(None));
        answer(&mut kept, 14, "16x128x128");
        let before = kept.progress.clone();
        kept.edit(Edit::Reset);
        assert_eq!(kept.progress, Progress::default());
        kept.edit(Edit::Undo);
        assert_eq!((kept.progress, kept.undo), (before, None));
    }

    #[test]
    fn an_empty_reset_offers_no_undo() {
        let mut kept = KeptAnswers::default();
        kept.edit(Edit::Reset);
        assert_eq!(kept, KeptAnswers::default());
    }

    #[test]
    fn a_stored_text_that_is_not_ours_is_left_alone_until_the_reset() {
        let mut kept = KeptAnswers::read(Ok(Some("{\"version\":99}".into())));
        assert!(kept.blocked && kept.trouble.as_ref().unwrap().contains("version 99"));
        kept.edit(Edit::Reset);
        assert!(!kept.blocked && kept.trouble.is_none());
        let refused = KeptAnswers::read(Err("private".into()));
        assert!(!refused.blocked && refused.trouble.is_some());
    }

    #[test]
    fn tabs_learn_from_each_other() {
        let (mut here, mut there) = (KeptAnswers::default(), KeptAnswers::default());
        answer(&mut here, 14, "16x128x128");
        answer(&mut there, 4, "4");
        here.edit(Edit::Elsewhere(Some(there.progress.to_json().unwrap())));
        assert_eq!(
            (here.progress.state("4"), here.progress.state("14")),
            (QuestionState::Done, QuestionState::Done)
        );
        here.edit(Edit::Elsewhere(Some("nonsense".into())));
        assert_eq!(here.progress.done_count(), 2);
        here.edit(Edit::Elsewhere(None));
        assert_eq!(here.progress.done_count(), 0);
    }
}
