//! The frame around a demo, and which demo is in it.

use std::rc::Rc;

use resnette_lesson::Demo;
use yew::prelude::*;

use crate::ui::lesson::demos;
use crate::ui::lesson::shot::Shot;
use crate::ui::lesson::target::Target;
use crate::ui::lesson::ways::Ways;
use crate::ui::state::LessonState;

/// What the demos have in common.
#[derive(Clone, PartialEq)]
pub struct Lab {
    /// The picture that they look at.
    pub shot: Shot,
    /// Gets another picture.
    pub on_shot: Callback<Shot>,
    /// Makes addresses, and knows the run.
    pub ways: Ways,
    /// What the experiments have found.
    pub lesson: Rc<LessonState>,
}

impl Lab {
    /// Decides the experiments' weights and pictures.
    pub fn seed(&self) -> u32 {
        self.ways.run().seed
    }
}

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which demo.
    pub demo: Demo,
    /// What the demos have in common.
    pub lab: Lab,
}

/// A demo under its heading.
#[component]
pub fn DemoView(props: &Props) -> Html {
    let demo = props.demo;
    let lab = props.lab.clone();
    let id = Target::Demo(demo).element();
    html! {
        <section class="demo card" aria-labelledby={id.clone()}>
            <h3 {id} tabindex="-1">{demo.title()}</h3>
            <p class="help">{demo.invitation()}</p>
            { match demo {
                Demo::Kernel => html! { <demos::Kernel /> },
                Demo::GridToVector => html! { <demos::GridToVector /> },
                Demo::AdaptivePooling => html! { <demos::AdaptivePooling /> },
                Demo::OneByOne => html! { <demos::OneByOne {lab} /> },
                Demo::SkipConnections => html! { <demos::SkipConnections {lab} /> },
                Demo::Work => html! { <demos::Work {lab} /> },
                Demo::Bottleneck => html! { <demos::Bottleneck {lab} /> },
                Demo::OneChange => html! { <demos::OneChange {lab} /> },
                Demo::EvidenceMap => html! { <demos::EvidenceMap {lab} /> },
                Demo::Residual => html! { <demos::Residual {lab} /> },
                Demo::LossSurface => html! { <demos::LossSurface {lab} /> },
            } }
        </section>
    }
}
