//! The frame of a chart, and the drag across it that zooms. Scales and lines:
//! [`crate::charts::axis`].

use web_sys::Element;
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::span::Span;

/// Properties of [`Chart`].
#[derive(Properties, PartialEq)]
pub struct ChartProps {
    /// The name of the chart, which is its heading.
    pub name: AttrValue,
    /// What the lower edge shows.
    #[prop_or(AttrValue::Static("epoch"))]
    pub by: AttrValue,
    /// The newest figures in words, for a reader who does not see the lines.
    pub words: AttrValue,
    /// The axis along the lower edge.
    pub x: Axis,
    /// The axis along the left edge.
    pub y: Axis,
    /// The legend beside the heading: what each line is.
    pub key_of: Html,
    /// Whether the chart is half as high.
    #[prop_or_default]
    pub small: bool,
    /// Receives the span of the lower edge that was dragged across. Without it the chart cannot be
    /// zoomed.
    #[prop_or_default]
    pub on_span: Option<Callback<Span>>,
    /// Whether lines that leave the frame are cut off.
    #[prop_or_default]
    pub cut: bool,
    /// The lines, as SVG paths.
    pub children: Html,
}

/// A chart with its heading, its ticks and its lines.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let (width, height) = (axis::WIDTH, axis::HEIGHT);
    let plot_ref = use_node_ref();
    // Where the drag began and where it is, as shares of the width.
    let drag = use_state(|| None::<(f64, f64)>);
    let grid = horizontal_lines(&props.y) + &vertical_lines(&props.x);
    let label = format!("{} by {}, {}", props.name, props.by, props.words);
    let share = {
        let plot = plot_ref.clone();
        move |event: &PointerEvent| -> Option<f64> {
            let area = plot.cast::<Element>()?.get_bounding_client_rect();
            (area.width() > 0.0).then(|| (f64::from(event.client_x()) - area.left()) / area.width())
        }
    };
    let zooms = props.on_span.is_some();
    let onpointerdown = {
        let (drag, plot, share) = (drag.clone(), plot_ref.clone(), share.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(at) = share(&event).filter(|_| zooms && event.button() == 0) {
                // If capturing fails, only a drag that leaves the chart is lost.
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
        html! {
            <rect class="chart-brush" x={(low * width).to_string()} y="0"
                width={((high - low) * width).to_string()} height={height.to_string()} />
        }
    });
    let class = classes!("plot", zooms.then_some("plot-zooms"), props.cut.then_some("plot-cut"));
    let svg = html! {
        <svg ref={plot_ref} viewBox={VIEW_BOX} preserveAspectRatio="none" role="img"
            aria-label={label} {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
            <path class="chart-grid" d={grid} />
            {props.children.clone()}
            {brush}
        </svg>
    };
    html! {
        <figure class={classes!("chart", "card", props.small.then_some("chart-small"))}>
            <figcaption><h3>{&props.name}</h3>{props.key_of.clone()}</figcaption>
            {plot(class, &props.x, &props.y, svg, Html::default())}
        </figure>
    }
}

/// The view box of every plot: the coordinates of [`axis`].
pub const VIEW_BOX: &str = "0 0 1000 400";

/// A drawing between the ticks of its two axes, with `below` under the lower ones.
pub fn plot(class: Classes, x: &Axis, y: &Axis, svg: Html, below: Html) -> Html {
    let tick = |tick: &String| html! { <span>{tick}</span> };
    html! {
        <div {class} translate="no">
            <div class="ticks-y" aria-hidden="true">{for y.ticks.iter().rev().map(tick)}</div>
            {svg}
            <div class="ticks-x" aria-hidden="true">{for x.ticks.iter().map(tick)}</div>
            {below}
        </div>
    }
}

/// An SVG path with a line at each tick of the left edge.
pub fn horizontal_lines(y: &Axis) -> String {
    shares(y).map(|share| format!("M0 {:.1}H{}", share * axis::HEIGHT, axis::WIDTH)).collect()
}

/// An SVG path with a line at each tick of the lower edge.
fn vertical_lines(x: &Axis) -> String {
    shares(x).map(|share| format!("M{:.1} 0V{}", share * axis::WIDTH, axis::HEIGHT)).collect()
}

/// Where the ticks lie, from 0 to 1.
fn shares(axis: &Axis) -> impl Iterator<Item = f64> {
    let count = axis.ticks.len();
    (0..count).map(move |tick| tick as f64 / (count.max(2) - 1) as f64)
}
