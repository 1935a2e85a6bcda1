//! The frame of a chart, and the drag across it that zooms. Scales and lines:
//! [`crate::charts::axis`].

use web_sys::Element;
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::span::Span;

/// A frame with labels.
#[derive(Properties, PartialEq)]
pub struct ChartProps {
    /// What is drawn.
    pub name: AttrValue,
    /// What runs along the lower edge.
    #[prop_or(AttrValue::Static("epoch"))]
    pub by: AttrValue,
    /// The newest figures, in words: what a reader without the picture needs.
    pub words: AttrValue,
    /// Lower edge.
    pub x: Axis,
    /// Left edge.
    pub y: Axis,
    /// Beside the name: what the lines are.
    pub key_of: Html,
    /// Half as high.
    #[prop_or_default]
    pub small: bool,
    /// Gets the stretch of the lower edge that was dragged across; without it the chart can't be
    /// zoomed.
    #[prop_or_default]
    pub on_span: Option<Callback<Span>>,
    /// Lines that leave the frame are cut off.
    #[prop_or_default]
    pub cut: bool,
    /// The lines.
    pub children: Html,
}

/// The frame.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let (width, height) = (axis::WIDTH, axis::HEIGHT);
    let plot = use_node_ref();
    // Shares of the width: where the drag began, and where it is.
    let drag = use_state(|| None::<(f64, f64)>);
    let grid = |count: usize, of: fn(f64) -> String| -> String {
        (0..count).map(|tick| of(tick as f64 / (count.max(2) - 1) as f64)).collect()
    };
    let lines = grid(props.y.ticks.len(), |share| {
        format!("M0 {:.1}H{}", share * axis::HEIGHT, axis::WIDTH)
    }) + &grid(props.x.ticks.len(), |share| {
        format!("M{:.1} 0V{}", share * axis::WIDTH, axis::HEIGHT)
    });
    let label = format!("{} by {}, {}", props.name, props.by, props.words);
    let share = {
        let plot = plot.clone();
        move |event: &PointerEvent| -> Option<f64> {
            let area = plot.cast::<Element>()?.get_bounding_client_rect();
            (area.width() > 0.0).then(|| (f64::from(event.client_x()) - area.left()) / area.width())
        }
    };
    let zooms = props.on_span.is_some();
    let onpointerdown = {
        let (drag, plot, share) = (drag.clone(), plot.clone(), share.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(at) = share(&event).filter(|_| zooms && event.button() == 0) {
                // Without it a drag that leaves the chart would only be lost.
                let _ =
                    plot.cast::<Element>().map(|plot| plot.set_pointer_capture(event.pointer_id()));
                drag.set(Some((at, at)));
            }
        })
    };
    let onpointermove = {
        let (drag, share) = (drag.clone(), share.clone());
        Callback::from(move |event: PointerEvent| {
            if let (Some((from, _)), Some(at)) = (*drag, share(&event)) {
                drag.set(Some((from, at)));
            }
        })
    };
    let onpointerup = {
        let (drag, on_span) = (drag.clone(), props.on_span.clone());
        let now = Span { from: props.x.low, to: props.x.high };
        Callback::from(move |event: PointerEvent| {
            if let (Some((from, _)), Some(at), Some(on_span)) = (*drag, share(&event), &on_span)
                && let Some(span) = now.between(from, at)
            {
                on_span.emit(span);
            }
            drag.set(None);
        })
    };
    let onpointercancel = {
        let drag = drag.clone();
        Callback::from(move |_: PointerEvent| drag.set(None))
    };
    let brush = drag.map(|(a, b)| {
        let (low, high) = (a.min(b).clamp(0.0, 1.0), a.max(b).clamp(0.0, 1.0));
        html! { <rect class="chart-brush" x={(low * width).to_string()} y="0" width={((high - low) * width).to_string()} height={height.to_string()} /> }
    });
    html! {
        <figure class={classes!("chart", "card", props.small.then_some("chart-small"))}>
            <figcaption><h3>{&props.name}</h3>{props.key_of.clone()}</figcaption>
            <div class={classes!("plot", zooms.then_some("plot-zooms"), props.cut.then_some("plot-cut"))}>
                <div class="ticks-y" aria-hidden="true">{for props.y.ticks.iter().rev().map(|tick| html! { <span>{tick}</span> })}</div>
                <svg ref={plot} viewBox={format!("0 0 {width} {height}")} preserveAspectRatio="none" role="img" aria-label={label}
                    {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
                    <path class="chart-grid" d={lines} />
                    {props.children.clone()}
                    {brush}
                </svg>
                <div class="ticks-x" aria-hidden="true">{for props.x.ticks.iter().map(|tick| html! { <span>{tick}</span> })}</div>
            </div>
        </figure>
    }
}
