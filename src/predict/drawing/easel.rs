//! The drawing on its canvas, and the questions about it.
//!
//! It stays while another place of the page is open, so that the reader finds the drawing again.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Date;
use resnette_spec::RunConfig;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlCanvasElement;

use crate::predict::commands::DrawingVersion;
use crate::predict::drawing::pace::Pace;
use crate::predict::drawing::paint::{Painter, blank_canvas};
use crate::predict::drawing::strokes::{Colour, Drawing, Ink, Point};
use crate::predict::state::Look;
use crate::shell::commands::Commands;

thread_local! {
    static EASEL: Easel = Easel::default();
}

/// The easel of the page. Clones are the same easel.
#[derive(Clone, Default)]
pub struct Easel(Rc<RefCell<Inner>>);

/// What is needed to ask the network.
#[derive(Clone)]
pub struct Asker {
    /// Sends the question.
    pub commands: Commands,
    /// The settings.
    pub run: RunConfig,
    /// Whether the model that comes with the page should answer.
    pub shipped: bool,
    /// What is requested about the drawing.
    pub look: Look,
    /// Whether an answer about the drawing is awaited. Until it has come, no further question is
    /// asked.
    pub is_waiting: bool,
}

#[derive(Default)]
struct Inner {
    drawing: Drawing,
    /// The canvas on the page; `None` while another place is open.
    canvas: Option<HtmlCanvasElement>,
    /// The strokes that cannot be taken back any more, on a canvas of their own.
    settled: Option<HtmlCanvasElement>,
    /// The pointer that draws, while it is down.
    pen: Option<i32>,
    pace: Pace,
    /// The next question, and when it is due.
    timer: Option<(f64, Timeout)>,
    asker: Option<Asker>,
    /// Whether a question is being put together: it does not count as awaited yet.
    is_asking: bool,
}

impl Easel {
    /// The easel of this page.
    pub fn of_the_page() -> Self {
        EASEL.with(Self::clone)
    }

    /// Shows the drawing on a canvas of the page.
    pub fn put_up(&self, canvas: Option<HtmlCanvasElement>) {
        let mut inner = self.0.borrow_mut();
        inner.canvas = canvas;
        inner.repaint();
        drop(inner);
        self.plan();
    }

    /// The canvas is not on the page any more.
    pub fn take_down(&self) {
        let mut inner = self.0.borrow_mut();
        inner.lift();
        (inner.canvas, inner.asker, inner.timer) = (None, None, None);
    }

    /// From now on this asks.
    pub fn ask_by(&self, asker: Asker) {
        self.0.borrow_mut().asker = Some(asker);
        self.plan();
    }

    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().drawing.is_empty()
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        self.0.borrow().drawing.can_undo()
    }

    /// The colour of the background.
    pub fn background(&self) -> Colour {
        self.0.borrow().drawing.background()
    }

    /// A pointer comes down and draws from here on, unless another one does. Returns whether the
    /// browser lets the page draw.
    pub fn pen_down(&self, pen: i32, ink: Ink, at: Point) -> bool {
        let mut inner = self.0.borrow_mut();
        let Some(painter) = inner.painter() else { return false };
        if inner.pen.is_some_and(|drawing| drawing != pen) {
            return true;
        }
        inner.pen = Some(pen);
        inner.drawing.begin(ink, at);
        inner.settle();
        painter.dot(ink, at);
        inner.pace.changed(Date::now());
        drop(inner);
        self.plan();
        true
    }

    /// A pointer moves; if it draws, a line is drawn.
    pub fn pen_moves(&self, pen: i32, to: Point) {
        let mut inner = self.0.borrow_mut();
        if inner.pen != Some(pen) {
            return;
        }
        let Some(line) = inner.drawing.go_on(to) else { return };
        inner.settle();
        if let Some(painter) = inner.painter() {
            painter.line(line);
        }
        inner.pace.changed(Date::now());
        drop(inner);
        self.plan();
    }

    /// A pointer is lifted, or taken away from the page.
    pub fn pen_up(&self, pen: i32) {
        let mut inner = self.0.borrow_mut();
        if inner.pen == Some(pen) {
            inner.lift();
        }
        drop(inner);
        self.plan();
    }

    /// Takes the last stroke back, or undoes [`Self::clear`].
    pub fn undo(&self) {
        self.change(Drawing::undo);
    }

    /// Clears the drawing away.
    pub fn clear(&self) {
        self.change(Drawing::clear);
    }

    /// Gives the drawing another background.
    pub fn set_background(&self, colour: Colour) {
        self.change(|drawing| drawing.set_background(colour));
    }

    fn change(&self, change: impl FnOnce(&mut Drawing)) {
        let mut inner = self.0.borrow_mut();
        let before = inner.drawing.version();
        inner.lift();
        change(&mut inner.drawing);
        if inner.drawing.version() == before {
            return;
        }
        inner.repaint();
        if inner.drawing.is_empty() {
            inner.pace.done();
        } else {
            let now = Date::now();
            inner.pace.changed(now);
            inner.pace.lifted(now);
        }
        drop(inner);
        self.plan();
    }

    /// Sets the timer for the next question, if there is one to ask and nothing in its way. What is
    /// in its way calls this again when it is over.
    fn plan(&self) {
        let mut inner = self.0.borrow_mut();
        let due = if inner.may_ask() { inner.pace.due() } else { None };
        if due == inner.timer.as_ref().map(|(due, _)| *due) {
            return;
        }
        inner.timer = due.map(|due| {
            let easel = self.clone();
            // A clock that was set meanwhile must not put it off.
            let wait = (due - Date::now()).clamp(0.0, 1_000.0) as u32;
            (due, Timeout::new(wait, move || spawn_local(easel.ask())))
        });
    }

    /// Asks about the drawing as it is now.
    async fn ask(self) {
        let Some((canvas, asker, number)) = self.0.borrow_mut().take_turn() else { return };
        let Asker { commands, run, shipped, look, .. } = asker;
        let version = DrawingVersion { number, look };
        commands.predict_drawing(&canvas, version, run, shipped).await;
        self.0.borrow_mut().is_asking = false;
        self.plan();
    }
}

impl Inner {
    fn painter(&self) -> Option<Painter> {
        self.canvas.as_ref().and_then(Painter::of)
    }

    fn lift(&mut self) {
        if self.pen.take().is_some() {
            self.pace.lifted(Date::now());
        }
    }

    /// Whether a question can be asked now: one at a time.
    fn may_ask(&self) -> bool {
        let is_free = self.asker.as_ref().is_some_and(|asker| !asker.is_waiting);
        is_free && !self.is_asking && self.canvas.is_some()
    }

    fn take_turn(&mut self) -> Option<(HtmlCanvasElement, Asker, u32)> {
        self.timer = None;
        if !self.may_ask() {
            return None;
        }
        let turn = (self.canvas.clone()?, self.asker.clone()?, self.drawing.version());
        self.is_asking = true;
        self.pace.done();
        Some(turn)
    }

    /// Paints strokes that are too much to be kept on a canvas of their own.
    fn settle(&mut self) {
        let is_first = !self.drawing.has_settled();
        let strokes = self.drawing.settle();
        if strokes.is_empty() {
            return;
        }
        if self.settled.is_none() {
            self.settled = blank_canvas();
        }
        // Without it these strokes are seen until the drawing is painted again.
        let Some(painter) = self.settled.as_ref().and_then(Painter::of) else { return };
        if is_first {
            // What is on it belongs to a drawing that was cleared away.
            painter.wipe();
        }
        strokes.iter().for_each(|stroke| painter.stroke(stroke));
    }

    fn repaint(&self) {
        let Some(painter) = self.painter() else { return };
        painter.fill(self.drawing.background());
        if self.drawing.has_settled()
            && let Some(settled) = &self.settled
        {
            painter.copy(settled);
        }
        self.drawing.strokes().for_each(|stroke| painter.stroke(stroke));
    }
}
