//! Sliders, number fields and lists of options for the demos.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::lesson::demos::figures;

/// Properties of [`Slider`].
#[derive(Properties, PartialEq)]
pub struct SliderProps {
    /// The id of the element.
    pub id: AttrValue,
    /// The name of the slider.
    pub label: AttrValue,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The distance between two values.
    #[prop_or(1.0)]
    pub step: f64,
    /// The current value.
    pub value: f64,
    /// The value in words. If it is empty, the number is shown.
    #[prop_or_default]
    pub shown: AttrValue,
    /// Receives every change.
    pub on_change: Callback<f64>,
}

/// A slider with its name and its value.
#[component]
pub fn Slider(props: &SliderProps) -> Html {
    let (min, max) = (props.min, props.max);
    let on_change = props.on_change.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(value) =
            input.map(|input| input.value_as_number()).filter(|value| value.is_finite())
        {
            on_change.emit(value.clamp(min, max));
        }
    });
    let shown = if props.shown.is_empty() {
        AttrValue::from(props.value.to_string())
    } else {
        props.shown.clone()
    };
    html! {
        <div class="slider">
            <label for={props.id.clone()}>{&props.label}</label>
            <input type="range" id={props.id.clone()} min={min.to_string()} max={max.to_string()}
                step={props.step.to_string()} value={props.value.to_string()}
                aria-valuetext={shown.clone()} {oninput} />
            <span class="slider-value" aria-hidden="true">{shown}</span>
        </div>
    }
}

/// Properties of [`Number`].
#[derive(Properties, PartialEq)]
pub struct NumberProps {
    /// The id of the element.
    pub id: AttrValue,
    /// The name of the number.
    pub label: AttrValue,
    /// Whether the name is only for screen readers.
    #[prop_or_default]
    pub quiet: bool,
    /// The current number.
    pub value: f32,
    /// Receives every number that can be read.
    pub on_change: Callback<f32>,
    /// Called when the reader presses Enter.
    #[prop_or_default]
    pub on_enter: Callback<()>,
}

/// A field for one number. Text that cannot be read stays in it, is marked, and changes nothing.
#[component]
pub fn Number(props: &NumberProps) -> Html {
    let draft = use_state(|| None::<String>);
    {
        let draft = draft.clone();
        // The number changed from outside, for example because the reader picked another cell.
        use_effect_with((props.value, props.label.clone()), move |(value, _)| {
            if draft.as_ref().is_some_and(|text| figures::read(text) != Ok(*value)) {
                draft.set(None);
            }
        });
    }
    let text = (*draft)
        .clone()
        .unwrap_or_else(|| figures::figure(props.value, 3).replace('−', "-").replace(',', ""));
    let trouble = figures::read(&text).err();
    let error_id = format!("{}-error", props.id);
    let oninput = {
        let (draft, on_change) = (draft.clone(), props.on_change.clone());
        Callback::from(move |event: InputEvent| {
            let Some(input) =
                event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let text: String = input.value().chars().take(24).collect();
            if let Ok(number) = figures::read(&text) {
                on_change.emit(number);
            }
            draft.set(Some(text));
        })
    };
    let onblur = Callback::from(move |_: FocusEvent| draft.set(None));
    let onkeydown = {
        let on_enter = props.on_enter.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                event.prevent_default();
                on_enter.emit(());
            }
        })
    };
    html! {
        <div class={classes!("number", trouble.is_some().then_some("number-bad"))}>
            <label for={props.id.clone()} class={props.quiet.then_some("visually-hidden")}>
                {&props.label}
            </label>
            <input type="text" inputmode="decimal" autocomplete="off" id={props.id.clone()}
                value={text} aria-invalid={trouble.is_some().to_string()}
                aria-describedby={trouble.is_some().then(|| error_id.clone())} {oninput} {onblur}
                {onkeydown} />
            if let Some(trouble) = trouble {
                <span class="field-error" id={error_id}>{trouble}</span>
            }
        </div>
    }
}

/// Properties of [`Chooser`].
#[derive(Properties, PartialEq)]
pub struct ChooserProps {
    /// The id of the element.
    pub id: AttrValue,
    /// The name of the choice.
    pub label: AttrValue,
    /// The options.
    pub options: Vec<AttrValue>,
    /// The index of the chosen option.
    pub chosen: Option<usize>,
    /// Receives the index of the option that was chosen.
    pub on_change: Callback<usize>,
}

/// A list of options to choose from. It says "your own" if none is chosen.
#[component]
pub fn Chooser(props: &ChooserProps) -> Html {
    let on_change = props.on_change.clone();
    let onchange = Callback::from(move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(index) = select.and_then(|select| select.value().parse().ok()) {
            on_change.emit(index);
        }
    });
    html! {
        <div class="chooser">
            <label for={props.id.clone()}>{&props.label}</label>
            <select id={props.id.clone()} {onchange}>
                if props.chosen.is_none() { <option value="" selected=true>{"your own"}</option> }
                {for props.options.iter().enumerate().map(|(index, name)| html! {
                    <option key={index} value={index.to_string()}
                        selected={props.chosen == Some(index)}>
                        {name}
                    </option>
                })}
            </select>
        </div>
    }
}
