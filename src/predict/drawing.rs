//! A picture that the reader draws on the page, and that is answered while it comes about.

mod easel;
mod pace;
mod paint;
mod strokes;
mod tools;

use std::rc::Rc;

use resnette_protocol::{Failure, Subsystem};
use resnette_spec::RunConfig;
use web_sys::Element;
use yew::prelude::*;

use crate::predict::drawing::easel::{Asker, Easel};
use crate::predict::drawing::strokes::{Colour, Ink, Point, SIDE};
use crate::predict::drawing::tools::Tools;
use crate::predict::drawn_sample::NO_CANVAS;
use crate::predict::state::PredictState;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::bar::Bar;
use crate::widgets::format;

/// The number of guesses beside the drawing. The whole answer stands below.
const GUESSES: usize = 3;

/// Properties of [`Draw`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// Whether the model that comes with the page should answer.
    pub shipped: bool,
    /// What the page knows about the reader's pictures.
    pub predict: Rc<PredictState>,
}

/// A square to draw on, its tools, and what the network takes the drawing for.
#[component]
pub fn Draw(props: &Props) -> Html {
    let commands = use_commands();
    let square = use_node_ref();
    let ink = use_state(Ink::default);
    // The tools follow the drawing, which is no state of this component.
    let update = use_force_update();
    // Closed at first; open if the reader comes back to a drawing.
    let is_open = use_state(|| !Easel::of_the_page().is_empty());
    let easel = Easel::of_the_page();
    {
        let (easel, square) = (easel.clone(), square.clone());
        use_effect_with((), move |()| {
            easel.put_up(square.cast());
            move || easel.take_down()
        });
    }
    {
        let (easel, commands) = (easel.clone(), commands.clone());
        use_effect_with(props.clone(), move |props| {
            easel.ask_by(Asker {
                commands,
                run: props.run.clone(),
                shipped: props.shipped,
                look: props.predict.look_at_drawing(),
                is_waiting: props.predict.awaits_drawing(),
            });
        });
    }
    let onpointerdown = {
        let (easel, square, update, ink) = (easel.clone(), square.clone(), update.clone(), *ink);
        Callback::from(move |event: PointerEvent| {
            let Some(square) = square.cast::<Element>().filter(|_| event.button() == 0) else {
                return;
            };
            let Some(at) = place(&square, &event) else { return };
            // Nothing is selected or dragged instead.
            event.prevent_default();
            // If capturing fails, only a stroke that leaves the square is cut there.
            let _ = square.set_pointer_capture(event.pointer_id());
            if easel.pen_down(event.pointer_id(), ink, at) {
                update.force_update();
            } else {
                commands.dispatch(Action::Failed(Failure {
                    during: Subsystem::Predicting,
                    message: NO_CANVAS.into(),
                }));
            }
        })
    };
    let onpointermove = {
        let (easel, square) = (easel.clone(), square.clone());
        Callback::from(move |event: PointerEvent| {
            if event.buttons() == 0 {
                // It was lifted where the page did not hear of it.
                easel.pen_up(event.pointer_id());
            } else if let Some(square) = square.cast::<Element>()
                && let Some(to) = place(&square, &event)
            {
                easel.pen_moves(event.pointer_id(), to);
            }
        })
    };
    let lifted = {
        let easel = easel.clone();
        Callback::from(move |event: PointerEvent| easel.pen_up(event.pointer_id()))
    };
    let on_ink = {
        let ink = ink.clone();
        Callback::from(move |chosen: Ink| ink.set(chosen))
    };
    let on_background = {
        let (easel, update) = (easel.clone(), update.clone());
        Callback::from(move |colour: Colour| {
            easel.set_background(colour);
            update.force_update();
        })
    };
    let on_undo = {
        let (easel, update) = (easel.clone(), update.clone());
        Callback::from(move |()| {
            easel.undo();
            update.force_update();
        })
    };
    let on_clear = {
        let (easel, update) = (easel.clone(), update.clone());
        Callback::from(move |()| {
            easel.clear();
            update.force_update();
        })
    };
    html! {
        <details class="easel" open={*is_open}>
            <summary>{"Draw a picture"}</summary>
            <p class="help" id="drawing-help">
                {"Draw on the square with a mouse, a finger or a pen; it cannot be drawn on with the \
                  keyboard. The network answers after every stroke, and about once a second during a \
                  long one. If it was trained on photos alone, it may well be wrong about drawings."}
            </p>
            <div class="easel-room">
                <canvas ref={square} width={SIDE.to_string()} height={SIDE.to_string()} role="img"
                    aria-label="Your drawing" aria-describedby="drawing-help" {onpointerdown}
                    {onpointermove} onpointerup={lifted.clone()} onpointercancel={lifted.clone()}
                    onlostpointercapture={lifted} />
                <div class="easel-side">
                    <Tools ink={*ink} background={easel.background()}
                        can_undo={easel.can_undo()} can_clear={!easel.is_empty()} {on_ink}
                        {on_background} {on_undo} {on_clear} />
                    if !easel.is_empty() {
                        {guesses(&props.predict)}
                    }
                </div>
            </div>
        </details>
    }
}

/// Where an event is on the square, in pixels of the drawing; `None` if the square is not seen.
fn place(square: &Element, event: &PointerEvent) -> Option<Point> {
    let area = square.get_bounding_client_rect();
    let scaled = |at: i32, from: f64, length: f64| {
        (length > 0.0).then(|| (f64::from(at) - from) / length * f64::from(SIDE))
    };
    Some(Point {
        x: scaled(event.client_x(), area.left(), area.width())?,
        y: scaled(event.client_y(), area.top(), area.height())?,
    })
}

/// The most probable classes of the drawing as it was when the network was asked last.
fn guesses(predict: &PredictState) -> Html {
    let Some(drawing) = predict.drawing() else {
        let words = if predict.awaits_drawing() { "Looking …" } else { "" };
        return html! { <p class="help easel-guesses">{words}</p> };
    };
    match &drawing.answer {
        Ok(prediction) => html! {
            <ol class="easel-guesses" aria-label="First guesses about your drawing">
                {for prediction.classes.iter().take(GUESSES).map(|(name, probability)| html! {
                    <li>
                        <span>{name}</span>
                        <Bar share={f64::from(*probability)} />
                        <span translate="no">{format::percent(*probability)}</span>
                    </li>
                })}
            </ol>
        },
        Err(reason) => html! { <p class="warning easel-guesses">{reason}</p> },
    }
}
