//! The reader's pictures and what the network says about them.

use std::rc::Rc;

use resnette_picture::Picture;
use resnette_protocol::predict::{Answer, Evaluation, Explain, ModelInfo, Prediction};

use crate::widgets::object_url::ObjectUrl;

/// A picture that the reader opened.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenPicture {
    /// The name of its file.
    pub name: String,
    /// The address under which the browser shows it, as long as it is on the page.
    pub url: ObjectUrl,
}

/// What is requested about a picture beside its classes, and of which network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The class of the heat map; `None` for the predicted class.
    pub class: Option<u32>,
    /// The layer whose activations are shown, if any.
    pub layer: Option<String>,
    /// Counts the networks that have answered so far. After each epoch the network is another one.
    network: u32,
}

impl Look {
    /// The same as a part of a request.
    pub fn explain(&self) -> Explain {
        Explain { heat: true, class: self.class, layer: self.layer.clone(), filters: true }
    }
}

/// A request that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    id: u32,
    look: Look,
    pictures: Vec<OpenPicture>,
}

/// The predicted class after an epoch, or before the first one.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailRow {
    /// The epoch, from 0; `None` before the first has ended.
    pub epoch: Option<u32>,
    /// The predicted class.
    pub class: String,
    /// The probability of that class.
    pub probability: f32,
}

/// What became of the model that comes with the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shipped {
    /// It has not been requested.
    #[default]
    Untried,
    /// It is on its way, or loaded.
    Asked,
    /// The page was built without one, or it cannot be read.
    Absent,
}

/// A picture with the network's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The picture.
    pub picture: OpenPicture,
    /// The prediction, or why there is none.
    pub answer: Result<Rc<Prediction>, String>,
    look: Look,
}

/// What the page knows about the reader's pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictState {
    /// The requests that are under way.
    pub pending: Vec<Question>,
    /// The pictures that were answered, those of the latest request first.
    pub shown: Vec<Shown>,
    /// The index of the picture that is open.
    pub picked: usize,
    /// How long the last request took.
    pub milliseconds: f32,
    /// The network that answers.
    pub model: Option<ModelInfo>,
    /// Whether that network was read from a file and not trained here.
    pub from_file: bool,
    /// Whether the heat map is laid over the picture.
    pub heat: bool,
    /// What is requested about the open picture.
    pub look: Look,
    /// Whether the open picture is predicted again after every epoch.
    pub pinned: bool,
    /// The predicted classes of the open picture, epoch by epoch.
    pub trail: Vec<TrailRow>,
    /// The filters of the first layer.
    pub filters: Rc<Vec<Picture>>,
    /// What became of the model that comes with the page.
    pub shipped: Shipped,
    /// While a network is being fetched: the bytes that have come, and the bytes in all.
    pub fetching: Option<(u64, u64)>,
    /// Why the last request failed.
    pub failure: Option<String>,
    /// The results on the validation pictures.
    pub evaluation: Option<Rc<Evaluation>>,
    /// Whether the network is being evaluated.
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
            from_file: false,
            heat: true,
            look: Look::default(),
            pinned: true,
            trail: Vec::new(),
            filters: Rc::default(),
            shipped: Shipped::default(),
            fetching: None,
            failure: None,
            evaluation: None,
            evaluating: false,
        }
    }
}

/// A change of the reader's pictures, or a request about them.
#[derive(Clone, Debug)]
pub enum PredictAction {
    /// Pictures are on their way to the network, in the request with this id.
    Open(u32, Vec<OpenPicture>),
    /// The reader picked one of the opened pictures.
    Pick(usize),
    /// The heat map is shown or hidden.
    ShowHeat(bool),
    /// The heat map is wanted for a class; `None` for the predicted class.
    HeatOf(Option<u32>),
    /// The activations of a layer are wanted, or none.
    ShowLayer(Option<String>),
    /// The open picture is to be asked about after every epoch, or not.
    Pin(bool),
    /// What became of the model that comes with the page.
    Shipped(Shipped),
    /// The worker was asked to evaluate the network.
    AskEvaluation,
}

/// The largest number of pictures that stay on the page. More would only fill the memory.
const MOST: usize = 48;

impl PredictState {
    /// Applies what the reader does.
    pub fn act(&mut self, action: PredictAction) {
        match action {
            PredictAction::Open(id, pictures) => self.open(id, pictures),
            PredictAction::Pick(index) => self.pick(index),
            PredictAction::ShowHeat(on) => self.heat = on,
            PredictAction::HeatOf(class) => self.ask_class(class),
            PredictAction::ShowLayer(layer) => self.look.layer = layer,
            PredictAction::Pin(on) => self.pinned = on,
            PredictAction::Shipped(shipped) => self.shipped = shipped,
            PredictAction::AskEvaluation => self.ask_evaluation(),
        }
    }

    fn open(&mut self, id: u32, pictures: Vec<OpenPicture>) {
        self.failure = None;
        // The picture counts as requested from now on, so a request that fails is not repeated
        // forever.
        let mut look = Look { network: self.look.network, ..Look::default() };
        for shown in self
            .shown
            .iter_mut()
            .filter(|shown| pictures.iter().any(|picture| picture.url == shown.picture.url))
        {
            look = self.look.clone();
            shown.look = look.clone();
        }
        self.pending.push(Question { id, look, pictures });
    }

    /// The open picture, if what is shown of it is out of date.
    pub fn due(&self) -> Option<OpenPicture> {
        let shown = self
            .shown
            .get(self.picked)
            .filter(|shown| shown.answer.is_ok() && self.pending.is_empty())?;
        let network = if self.pinned { self.look.network } else { shown.look.network };
        (shown.look != Look { network, ..self.look.clone() }).then(|| shown.picture.clone())
    }

    /// Another network answers from now on.
    pub fn other_network(&mut self, from_file: bool) {
        self.look.network += 1;
        self.from_file = from_file;
    }

    fn pick(&mut self, index: usize) {
        self.picked = index;
        self.trail.clear();
    }

    fn ask_class(&mut self, class: Option<u32>) {
        self.look.class = class;
        self.heat = true;
    }

    /// The network has answered a request. An answer to no request is ignored.
    pub fn answer(&mut self, answer: Answer) {
        let Some(index) = self.pending.iter().position(|question| question.id == answer.id) else {
            return;
        };
        let Question { look, pictures, .. } = self.pending.remove(index);
        let mut fresh = Vec::new();
        for (picture, answer) in pictures.into_iter().zip(answer.predictions) {
            let shown = Shown { picture, answer: answer.map(Rc::new), look: look.clone() };
            match self.shown.iter_mut().find(|old| old.picture.url == shown.picture.url) {
                Some(old) => *old = shown,
                None => fresh.push(shown),
            }
        }
        if !fresh.is_empty() {
            self.shown.splice(0..0, fresh);
            self.shown.truncate(MOST);
            self.pick(0);
        }
        self.milliseconds = answer.milliseconds;
        self.filters = Rc::new(answer.filters);
        self.follow(answer.model.history.last().map(|row| row.epoch));
        self.adopt(answer.model);
    }

    /// Notes the predicted class of the open picture.
    fn follow(&mut self, epoch: Option<u32>) {
        let prediction = self.shown.get(self.picked).and_then(|shown| shown.answer.as_ref().ok());
        let Some((class, probability)) =
            prediction.and_then(|prediction| prediction.classes.first())
        else {
            return;
        };
        let row = TrailRow { epoch, class: class.clone(), probability: *probability };
        self.trail.retain(|old| old.epoch < epoch);
        self.trail.push(row);
    }

    /// This network answers from now on. Choices that it does not know are dropped.
    pub fn adopt(&mut self, model: ModelInfo) {
        self.look.class = self.look.class.filter(|&class| (class as usize) < model.classes.len());
        self.look.layer = self.look.layer.take().filter(|layer| model.layers.contains(layer));
        self.model = Some(model);
        self.fetching = None;
    }

    fn ask_evaluation(&mut self) {
        self.failure = None;
        self.evaluating = true;
    }

    /// The network was evaluated.
    pub fn evaluated(&mut self, evaluation: Evaluation) {
        self.evaluating = false;
        self.evaluation = Some(Rc::new(evaluation));
    }

    /// A request failed, and with it all that are under way.
    pub fn fail(&mut self, message: String) {
        self.failure = Some(message);
        self.give_up();
    }

    /// The request that carried this id has ended: nothing waits for its answer any more.
    pub fn request_ended(&mut self, id: u32) {
        self.pending.retain(|question| question.id != id);
    }

    /// Nothing that is under way will be answered.
    pub fn give_up(&mut self) {
        self.pending.clear();
        self.evaluating = false;
        self.fetching = None;
    }

    /// The engine is gone, and with it the network that answered.
    pub fn forget(&mut self) {
        self.give_up();
        self.model = None;
        self.from_file = false;
        self.evaluation = None;
        self.look = Look { network: self.look.network + 1, ..Look::default() };
        if self.shipped == Shipped::Asked {
            self.shipped = Shipped::Untried;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(name: &str) -> OpenPicture {
        OpenPicture { name: name.into(), url: ObjectUrl::made_up(&format!("blob:{name}")) }
    }

    fn answer(id: u32, predictions: Vec<Result<Prediction, String>>) -> Answer {
        Answer {
            id,
            predictions,
            milliseconds: 3.0,
            model: ModelInfo::default(),
            filters: Vec::new(),
        }
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

    fn church(probability: f32) -> Vec<Result<Prediction, String>> {
        let seen = Picture { width: 1, height: 1, rgb: vec![0; 3] };
        let classes = vec![("church".to_string(), probability)];
        vec![Ok(Prediction {
            name: "a".into(),
            seen,
            classes,
            heat: None,
            activity: Vec::new(),
            activations: None,
            unlike: false,
        })]
    }

    #[test]
    fn a_pinned_picture_is_asked_again_after_an_epoch_and_once() {
        let mut state = PredictState::default();
        state.open(1, vec![picture("a")]);
        assert_eq!(state.due(), None, "it is on its way");
        state.answer(answer(1, church(0.2)));
        assert_eq!(state.due(), None);
        state.other_network(false);
        assert_eq!(state.due(), Some(picture("a")));
        state.open(2, vec![picture("a")]);
        let mut second = answer(2, church(0.9));
        second.model.history.push(Default::default());
        state.answer(second);
        assert_eq!((state.shown.len(), state.due()), (1, None));
        let trail: Vec<_> = state.trail.iter().map(|row| (row.epoch, row.probability)).collect();
        assert_eq!(trail, [(None, 0.2), (Some(0), 0.9)]);
        state.pinned = false;
        state.other_network(false);
        assert_eq!(state.due(), None, "it is not pinned");
        state.ask_class(Some(0));
        assert_eq!(state.due(), Some(picture("a")), "another heat map is wanted");
        state.open(3, vec![picture("a")]);
        state.fail("broken".into());
        assert_eq!(state.due(), None, "what failed is not asked for again by itself");
    }

    #[test]
    fn choices_that_a_network_does_not_know_are_forgotten() {
        let look = Look { class: Some(3), layer: Some("stem.0".into()), network: 0 };
        let mut state = PredictState { look, ..PredictState::default() };
        state.adopt(ModelInfo {
            classes: vec!["a".into(); 4],
            layers: vec!["stem.0".into()],
            ..ModelInfo::default()
        });
        assert_eq!((state.look.class, state.look.layer.as_deref()), (Some(3), Some("stem.0")));
        state.adopt(ModelInfo { classes: vec!["a".into(); 2], ..ModelInfo::default() });
        assert_eq!((state.look.class, state.look.layer.as_deref()), (None, None));
    }
}
