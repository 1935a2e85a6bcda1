//! The frame around every demo, and the component of each.

use resnette_lesson::Demo;
use yew::prelude::*;

use crate::lesson::demos::adaptive_pooling::AdaptivePooling;
use crate::lesson::demos::bottleneck::Bottleneck;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::evidence_map::EvidenceMap;
use crate::lesson::demos::grid_to_vector::GridToVector;
use crate::lesson::demos::kernel::Kernel;
use crate::lesson::demos::loss_surface::LossSurface;
use crate::lesson::demos::one_by_one::OneByOne;
use crate::lesson::demos::one_change::OneChange;
use crate::lesson::demos::residual::Residual;
use crate::lesson::demos::skip_connections::SkipConnections;
use crate::lesson::demos::work::Work;
use crate::lesson::target::Target;

/// Properties of [`DemoView`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The demo to draw.
    pub demo: Demo,
    /// What all demos share.
    pub lab: DemoContext,
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
