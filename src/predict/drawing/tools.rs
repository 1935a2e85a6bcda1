//! What is drawn with, and the ways back.

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::predict::drawing::strokes::{COLOURS, Colour, Ink, WIDTHS};

/// Properties of [`Tools`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is drawn with.
    pub ink: Ink,
    /// The colour of the background.
    pub background: Colour,
    /// Whether there is something to take back.
    pub can_undo: bool,
    /// Whether there is something to clear away.
    pub can_clear: bool,
    /// Receives what the reader will draw with.
    pub on_ink: Callback<Ink>,
    /// Receives the colour of the background.
    pub on_background: Callback<Colour>,
    /// Takes the last stroke back.
    pub on_undo: Callback<()>,
    /// Clears the drawing away.
    pub on_clear: Callback<()>,
}

/// Colours, widths, the background, Undo and Clear.
#[component]
pub fn Tools(props: &Props) -> Html {
    let colours = COLOURS.iter().map(|&colour| {
        let ink = Ink { colour, ..props.ink };
        let swatch = html! {
            // The policy of the page forbids a style of its own.
            <svg class="easel-swatch" viewBox="0 0 18 18" aria-hidden="true" focusable="false">
                <circle cx="9" cy="9" r="8" fill={colour.css} />
            </svg>
        };
        choice("drawing-colour", colour.name, ink, swatch, props)
    });
    let widths = WIDTHS.iter().map(|&(name, width)| {
        let ink = Ink { width, ..props.ink };
        choice("drawing-width", name, ink, Html::default(), props)
    });
    let on_background = {
        let on_background = props.on_background.clone();
        Callback::from(move |event: Event| {
            let chosen = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
                .map(|select| select.value());
            let colour = COLOURS.iter().find(|colour| chosen.as_deref() == Some(colour.name));
            if let Some(&colour) = colour {
                on_background.emit(colour);
            }
        })
    };
    html! {
        <div class="easel-tools">
            <fieldset>
                <legend>{"Colour"}</legend>
                {for colours}
            </fieldset>
            <fieldset>
                <legend>{"Width"}</legend>
                {for widths}
            </fieldset>
            <div class="actions">
                <label class="switch">
                    {"Background"}
                    <select onchange={on_background}>
                        {for COLOURS.iter().map(|colour| html! {
                            <option value={colour.name} selected={*colour == props.background}>
                                {colour.name}
                            </option>
                        })}
                    </select>
                </label>
                {way_back("Undo", props.can_undo, &props.on_undo)}
                {way_back("Clear", props.can_clear, &props.on_clear)}
            </div>
        </div>
    }
}

/// One of several inks.
fn choice(group: &'static str, name: &'static str, ink: Ink, swatch: Html, props: &Props) -> Html {
    let on_ink = props.on_ink.clone();
    let onchange = Callback::from(move |_: Event| on_ink.emit(ink));
    html! {
        <label class="switch">
            <input type="radio" name={group} value={name} checked={ink == props.ink} {onchange} />
            {swatch}
            {name}
        </label>
    }
}

/// A button that keeps the focus when there is nothing left to do for it.
fn way_back(name: &'static str, can: bool, on_press: &Callback<()>) -> Html {
    let on_press = on_press.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        if can {
            on_press.emit(());
        }
    });
    html! {
        <button type="button" class="button quiet-button" aria-disabled={(!can).to_string()}
            {onclick}>
            {name}
        </button>
    }
}
