//! The frame around a demo, and which demo is in it.

use std::rc::Rc;

use resnette_lesson::Demo;
use yew::prelude::*;

use crate::lesson::demos::adaptive_pooling::AdaptivePooling;
use crate::lesson::demos::bottleneck::Bottleneck;
use crate::lesson::demos::evidence_map::EvidenceMap;
use crate::lesson::demos::grid_to_vector::GridToVector;
use crate::lesson::demos::kernel::Kernel;
use crate::lesson::demos::loss_surface::LossSurface;
use crate::lesson::demos::one_by_one::OneByOne;
use crate::lesson::demos::one_change::OneChange;
use crate::lesson::demos::picture_chooser::Shot;
use crate::lesson::demos::residual::Residual;
use crate::lesson::demos::skip_connections::SkipConnections;
use crate::lesson::demos::work::Work;
use crate::lesson::state::LessonState;
use crate::lesson::target::Target;
use crate::lesson::ways::Ways;

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
                Demo::Kernel => html! { <Kernel /> },
                Demo::GridToVector => html! { <GridToVector /> },
                Demo::AdaptivePooling => html! { <AdaptivePooling /> },
                Demo::OneByOne => html! { <OneByOne {lab} /> },
                Demo::SkipConnections => html! { <SkipConnections {lab} /> },
                Demo::Work => html! { <Work {lab} /> },
                Demo::Bottleneck => html! { <Bottleneck {lab} /> },
                Demo::OneChange => html! { <OneChange {lab} /> },
                Demo::EvidenceMap => html! { <EvidenceMap {lab} /> },
                Demo::Residual => html! { <Residual {lab} /> },
                Demo::LossSurface => html! { <LossSurface {lab} /> },
            } }
        </section>
    }
}
