//! What the reader has answered, kept in the browser.

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Reflect;
use resnette_lesson::{Answer, Progress, Question, Verdict};
use web_sys::Storage;
use yew::prelude::*;

use crate::shell::platform;

/// Name of the entry in the browser's storage.
const KEY: &str = "resnette.lesson";

/// Answers, and what hinders keeping them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The answers.
    pub progress: Progress,
    /// Why they are not kept, for the reader.
    pub trouble: Option<String>,
    /// What the last reset took away.
    pub undo: Option<Progress>,
    /// What is stored is not ours to write over.
    blocked: bool,
}

/// What can happen to answers.
#[derive(Clone, Debug)]
pub enum Edit {
    /// An answer was checked.
    Answer(&'static Question, Answer, Verdict),
    /// The reader marked an answer in words.
    Mark(&'static Question, Vec<bool>),
    /// Forget everything.
    Reset,
    /// Take the reset back.
    Undo,
    /// Another tab wrote this, or took the entry away.
    Elsewhere(Option<String>),
}

impl Kept {
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
                // What cannot be read is the other tab's affair.
                if let Ok(theirs) = Progress::from_json(&json) {
                    self.progress.merge(&theirs);
                }
            }
        }
    }
}

impl Reducible for Kept {
    type Action = Edit;

    fn reduce(self: Rc<Self>, edit: Edit) -> Rc<Self> {
        let mut kept = Rc::unwrap_or_clone(self);
        kept.edit(edit);
        Rc::new(kept)
    }
}

/// The answers, read from the browser's storage once and written whenever they change.
#[hook]
pub fn use_answers() -> UseReducerHandle<Kept> {
    let kept = use_reducer(|| Kept::read(stored()));
    {
        let dispatcher = kept.dispatcher();
        use_effect_with((), move |()| {
            let listener = platform::window().map(|window| {
                EventListener::new(&window, "storage", move |event| {
                    // Through `Reflect`: two strings are not worth another feature of web-sys.
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

fn storage() -> Option<Storage> {
    platform::window()?.local_storage().ok().flatten()
}

fn stored() -> Result<Option<String>, String> {
    let refused = || {
        "this browser keeps nothing for this page, so your answers are gone when the tab is closed. Export the sheet before".to_string()
    };
    storage().ok_or_else(refused)?.get_item(KEY).map_err(|_| refused())
}

/// Writes the answers, or takes the entry away where there are none: that is how other tabs hear of
/// a reset.
fn store(progress: &Progress) {
    let Some(storage) = storage() else { return };
    // A full or forbidden storage: the answers stay in this tab, and the sheet can be exported.
    let _ = match progress.to_json() {
        Ok(_) if *progress == Progress::default() => storage.remove_item(KEY),
        // Writing what is there already would tell other tabs of a change.
        Ok(json) if storage.get_item(KEY).ok().flatten().as_deref() != Some(&json) => {
            storage.set_item(KEY, &json)
        }
        _ => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_lesson::{State, check, numbered};

    use super::*;

    fn answer(kept: &mut Kept, number: u8, text: &str) {
        let (question, answer) = (numbered(number).unwrap(), Answer::Text(text.into()));
        let verdict = check(question, &answer);
        kept.edit(Edit::Answer(question, answer, verdict));
    }

    #[test]
    fn a_reset_can_be_taken_back() {
        let mut kept = Kept::read(Ok(None));
        answer(&mut kept, 14, "16x128x128");
        let before = kept.progress.clone();
        kept.edit(Edit::Reset);
        assert_eq!(kept.progress, Progress::default());
        kept.edit(Edit::Undo);
        assert_eq!((kept.progress, kept.undo), (before, None));
    }

    #[test]
    fn an_empty_reset_offers_no_undo() {
        let mut kept = Kept::default();
        kept.edit(Edit::Reset);
        assert_eq!(kept, Kept::default());
    }

    #[test]
    fn a_stored_text_that_is_not_ours_is_left_alone_until_the_reset() {
        let mut kept = Kept::read(Ok(Some("{\"version\":99}".into())));
        assert!(kept.blocked && kept.trouble.as_ref().unwrap().contains("version 99"));
        kept.edit(Edit::Reset);
        assert!(!kept.blocked && kept.trouble.is_none());
        let refused = Kept::read(Err("private".into()));
        assert!(!refused.blocked && refused.trouble.is_some());
    }

    #[test]
    fn tabs_learn_from_each_other() {
        let (mut here, mut there) = (Kept::default(), Kept::default());
        answer(&mut here, 14, "16x128x128");
        answer(&mut there, 4, "4");
        here.edit(Edit::Elsewhere(Some(there.progress.to_json().unwrap())));
        assert_eq!(
            (here.progress.state("4"), here.progress.state("14")),
            (State::Done, State::Done)
        );
        here.edit(Edit::Elsewhere(Some("nonsense".into())));
        assert_eq!(here.progress.done(), 2);
        here.edit(Edit::Elsewhere(None));
        assert_eq!(here.progress.done(), 0);
    }
}
