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
    pub context: DemoContext,
}

/// A demo under its heading.
#[component]
pub fn DemoView(props: &Props) -> Html {
    let demo = props.demo;
    let context = props.context.clone();
    let id = Target::Demo(demo).element();
    html! {
        <section class="demo card" aria-labelledby={id.clone()}>
            <h3 {id} tabindex="-1">{demo.title()}</h3>
            <p class="help">{demo.invitation()}</p>
            { match demo {
                Demo::Kernel => html! { <Kernel /> },
                Demo::GridToVector => html! { <GridToVector /> },
                Demo::AdaptivePooling => html! { <AdaptivePooling /> },
                Demo::OneByOne => html! { <OneByOne {context} /> },
                Demo::SkipConnections => html! { <SkipConnections {context} /> },
                Demo::Work => html! { <Work {context} /> },
                Demo::Bottleneck => html! { <Bottleneck {context} /> },
                Demo::OneChange => html! { <OneChange {context} /> },
                Demo::EvidenceMap => html! { <EvidenceMap {context} /> },
                Demo::Residual => html! { <Residual {context} /> },
                Demo::LossSurface => html! { <LossSurface {context} /> },
            } }
        </section>
    }
}
