//! The reader's pictures and what the network says of them.

use std::rc::Rc;

use crate::protocol::predict::{Answer, Evaluation, ModelInfo, Prediction};

/// A picture that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenPicture {
    /// File name.
    pub name: String,
    /// Where the browser shows it (`blob:`).
    pub url: String,
}

/// A picture with the network's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The picture.
    pub picture: OpenPicture,
    /// What the network says, or why it cannot.
    pub answer: Result<Rc<Prediction>, String>,
}

/// What the page knows of the reader's pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictState {
    /// On their way: number of the request and its pictures.
    pub pending: Vec<(u32, Vec<OpenPicture>)>,
    /// Answered, latest request first.
    pub shown: Vec<Shown>,
    /// Which one is open.
    pub picked: usize,
    /// Milliseconds of the last request.
    pub milliseconds: f32,
    /// Where the network comes from.
    pub model: Option<ModelInfo>,
    /// Whether the heat map is laid over the picture.
    pub heat: bool,
    /// Why the last request failed.
    pub failure: Option<String>,
    /// The network, measured.
    pub evaluation: Option<Rc<Evaluation>>,
    /// It is being measured.
    pub evaluating: bool,
}

impl Default for PredictState {
    fn default() -> Self {
        Self {
            pending: Vec::new(),
            shown: Vec::new(),
            picked: 0,
            milliseconds: 0.0,
            model: None,
            heat: true,
            failure: None,
            evaluation: None,
            evaluating: false,
        }
    }
}

/// Pictures that stay on the page; more would only fill the memory.
const MOST: usize = 48;

impl PredictState {
    pub(super) fn open(&mut self, id: u32, pictures: Vec<OpenPicture>) {
        self.failure = None;
        self.pending.push((id, pictures));
    }

    pub(super) fn answer(&mut self, answer: Answer) {
        let Some(index) = self.pending.iter().position(|(id, _)| *id == answer.id) else { return };
        let (_, pictures) = self.pending.remove(index);
        let shown = pictures.into_iter().zip(answer.predictions);
        let shown = shown.map(|(picture, answer)| Shown { picture, answer: answer.map(Rc::new) });
        self.shown.splice(0..0, shown);
        self.shown.truncate(MOST);
        self.picked = 0;
        self.milliseconds = answer.milliseconds;
        self.model = Some(answer.model);
    }

    pub(super) fn ask_evaluation(&mut self) {
        self.failure = None;
        self.evaluating = true;
    }

    pub(super) fn evaluated(&mut self, evaluation: Evaluation) {
        self.evaluating = false;
        self.evaluation = Some(Rc::new(evaluation));
    }

    pub(super) fn fail(&mut self, message: String) {
        self.failure = Some(message);
        self.give_up();
    }

    pub(super) fn give_up(&mut self) {
        self.pending.clear();
        self.evaluating = false;
    }

    pub(super) fn forget(&mut self) {
        self.give_up();
        self.model = None;
        self.evaluation = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(name: &str) -> OpenPicture {
        OpenPicture { name: name.into(), url: format!("blob:{name}") }
    }

    fn answer(id: u32, predictions: Vec<Result<Prediction, String>>) -> Answer {
        Answer { id, predictions, milliseconds: 3.0, model: ModelInfo::default(), filters: Vec::new() }
    }

    #[test]
    fn answers_find_their_pictures() {
        let mut state = PredictState::default();
        state.open(1, vec![picture("a")]);
        state.open(2, vec![picture("b"), picture("c")]);
        state.answer(answer(2, vec![Err("no picture".into()), Err("too large".into())]));
        assert_eq!(state.shown[1].picture.name, "c");
        assert_eq!(state.shown[1].answer, Err("too large".into()));
        state.answer(answer(7, vec![Err("nobody asked".into())]));
        assert_eq!((state.shown.len(), state.pending.len()), (2, 1));
        state.fail("broken".into());
        assert!(state.pending.is_empty());
    }
}
