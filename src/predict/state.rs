//! The reader's pictures and what the network says about them.

use std::rc::Rc;

use resnette_picture::Picture;
use resnette_protocol::predict::{Answer, Evaluation, Explain, ModelInfo, Prediction};

use crate::widgets::object_url::ObjectUrl;

/// The name of the picture that the reader draws on the page.
pub const DRAWING: &str = "your drawing";

/// A picture that the reader opened or drew.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenPicture {
    /// The name of its file; [`DRAWING`] for a drawing.
    pub name: String,
    /// The address under which the browser shows it, as long as it is on the page.
    pub url: ObjectUrl,
    /// The version of the reader's drawing that it shows; `None` if it was opened.
    pub drawing: Option<u32>,
}

impl OpenPicture {
    /// Whether an answer about one takes the place of an answer about the other: they are the same
    /// file, or both are versions of the drawing.
    fn is_same(&self, other: &Self) -> bool {
        self.url == other.url || (self.drawing.is_some() && other.drawing.is_some())
    }
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
    /// A version of the drawing is on its way to the network, in the request with this id, which
    /// asks for this look.
    Draw(u32, OpenPicture, Look),
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
            PredictAction::Draw(id, picture, look) => self.draw(id, picture, look),
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

    fn draw(&mut self, id: u32, picture: OpenPicture, look: Look) {
        self.failure = None;
        // As in `open`: it counts as requested.
        if let Some(shown) = self.shown.iter_mut().find(|shown| shown.picture.is_same(&picture)) {
            shown.look = look.clone();
        }
        self.pending.push(Question { id, look, pictures: vec![picture] });
    }

    /// The drawing with the latest answer about it.
    pub fn drawing(&self) -> Option<&Shown> {
        self.shown.iter().find(|shown| shown.picture.drawing.is_some())
    }

    /// What is requested about the next version of the drawing: the same as about the shown one, so
    /// that what the reader looks at stays in sight from stroke to stroke.
    pub fn look_at_drawing(&self) -> Look {
        match self.drawing() {
            Some(_) => self.look.clone(),
            None => Look { network: self.look.network, ..Look::default() },
        }
    }

    /// Whether a version of the drawing is on its way that is newer than the one shown. That a
    /// known one is asked about again after an epoch is no reason to wait with the next.
    pub fn awaits_drawing(&self) -> bool {
        let shown = self.drawing().and_then(|shown| shown.picture.drawing);
        let mut awaited = self.pending.iter().flat_map(|question| &question.pictures);
        awaited.any(|picture| picture.drawing > shown)
    }

    /// Whether to say that an answer is awaited. A drawing that has one gets others by itself, up
    /// to one a second.
    pub fn says_looking(&self) -> bool {
        let is_awaited =
            |picture: &OpenPicture| picture.drawing.is_none() || self.drawing().is_none();
        self.pending.iter().any(|question| question.pictures.iter().any(is_awaited))
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
            match self.shown.iter().position(|old| old.picture.is_same(&shown.picture)) {
                Some(index) => self.replace(index, shown),
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

    /// Puts an answer in the place of an earlier one about the same picture. The answer about a new
    /// version of the drawing is opened; one about an older version comes too late.
    fn replace(&mut self, index: usize, shown: Shown) {
        let Some(old) = self.shown.get_mut(index) else { return };
        let (new, known) = (shown.picture.drawing, old.picture.drawing);
        if new >= known {
            *old = shown;
        }
        if new > known {
            self.pick(index);
        }
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
mod tests;
