//! The drawing of a network from the picture to the scores. Its geometry is in
//! [`crate::diagram::layout`].

use resnette_spec::architecture::Architecture;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::diagram::layout::{Group, Plate, PlateKind, WIDTH};
use crate::diagram::marks::Mark;
use crate::diagram::{layout, marks};
use crate::shell::platform;
use crate::widgets::format;

/// Properties of [`Ribbon`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The network.
    pub plan: Architecture,
    /// Side of its input pictures, in pixels.
    pub size: u32,
    /// One number for each block, the `log10` of a magnitude, which tints it. An empty list means
    /// no tint.
    #[prop_or_default]
    pub tint: Vec<f32>,
    /// What the magnitude is.
    #[prop_or_default]
    pub tint_name: AttrValue,
    /// Numbered marks under the parts of the network, for the map of the lesson.
    #[prop_or_default]
    pub marks: Vec<Mark>,
    /// Whether the table of layers is left out.
    #[prop_or_default]
    pub brief: bool,
    /// Called with the name of the layer or block whose plate is pressed; the average and the head
    /// have none.
    #[prop_or_default]
    pub on_press: Option<Callback<String>>,
    /// The name that was pressed last.
    #[prop_or_default]
    pub pressed: Option<String>,
    /// Buttons over the arcs, for cutting the skip that is pressed. Without them the arcs are drawn
    /// alone.
    #[prop_or_default]
    pub cuts: Option<Html>,
}

/// The drawing of a network, with the layers of the plate that is pointed at.
#[component]
pub fn Ribbon(props: &Props) -> Html {
    let drawn =
        use_memo((props.plan.clone(), props.size), |(plan, size)| layout::Ribbon::new(plan, *size));
    let open = use_state(|| None::<usize>);
    let focused = use_state(|| 0_usize);
    let prefix = use_state(|| format!("plate-{}", (js_sys::Math::random() * 1e9) as u32));
    let last = drawn.plates.len().saturating_sub(1);
    let press = {
        let (drawn, on_press) = (drawn.clone(), props.on_press.clone());
        Callback::from(move |index: usize| {
            let output = drawn.plates.get(index).and_then(Plate::output);
            if let (Some(on_press), Some(output)) = (&on_press, output) {
                on_press.emit(output);
            }
        })
    };
    let onkeydown = {
        let (open, focused, prefix) = (open.clone(), focused.clone(), prefix.clone());
        let (press, presses) = (press.clone(), props.on_press.is_some());
        Callback::from(move |event: KeyboardEvent| {
            let at = (*focused).min(last);
            let next = match event.key().as_str() {
                "ArrowRight" => (at + 1).min(last),
                "ArrowLeft" => at.saturating_sub(1),
                "Home" => 0,
                "End" => last,
                "Escape" => {
                    open.set(None);
                    return;
                }
                // Marks under the plates are links, which the browser follows by itself.
                "Enter" | " " if presses => {
                    event.prevent_default();
                    press.emit(at);
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            focused.set(next);
            platform::focus(&format!("{}-{next}", *prefix));
        })
    };
    let middle = drawn.middle();
    let tints = tints(&props.tint);
    let plates = drawn.plates.iter().enumerate().map(|(index, plate)| {
        let show = |open: &UseStateHandle<Option<usize>>| {
            let open = open.clone();
            move || open.set(Some(index))
        };
        let (enter, focus, look) = (show(&open), show(&open), show(&open));
        let press = press.clone();
        let is_pressed = match &props.on_press {
            Some(_) => props.pressed.is_some() && props.pressed == plate.output(),
            None => *open == Some(index),
        };
        // Where pressing shows an output, what has none is no button.
        let is_button = props.on_press.is_none() || plate.output().is_some();
        let focused_here = focused.clone();
        let tint = block_of(plate).and_then(|block| tints.get(block)).copied();
        html! {
            <g key={index} id={format!("{}-{index}", *prefix)}
                class={classes!(
                    "plate",
                    kind_class(plate.kind),
                    (*open == Some(index) || is_pressed).then_some("plate-open"),
                )} tabindex={if index == (*focused).min(last) { "0" } else { "-1" }}
                role={if is_button { "button" } else { "img" }}
                aria-label={label(plate, size_in_words(props, plate))}
                aria-pressed={is_button.then(|| is_pressed.to_string())}
                onmouseenter={move |_| enter()}
                onclick={move |_: MouseEvent| { look(); press.emit(index); }}
                onfocus={move |_: FocusEvent| { focused_here.set(index); focus(); }}>
                // Plates of deep networks are thin, so the whole column reacts to the pointer.
                <rect class="plate-column" x={format!("{:.1}", plate.x - 2.0)} y="0"
                    width={format!("{:.1}", plate.width + 4.0)}
                    height={format!("{:.1}", drawn.height)} />
                {arc(plate, middle)}
                <path class="plate-shape" d={plate.outline(middle)}
                    fill-opacity={format!(
                        "{:.2}",
                        tint.unwrap_or_else(|| plain_opacity(plate.kind))
                    )} />
            </g>
        }
    });
    let leave = {
        let open = open.clone();
        move |_: MouseEvent| {
            // The plate that has the keyboard focus stays open.
            let inside = platform::document()
                .and_then(|document| document.active_element())
                .is_some_and(|element| {
                    element.get_attribute("class").is_some_and(|class| class.starts_with("plate"))
                });
            if !inside {
                open.set(None);
            }
        }
    };
    let foot = drawn.height + LABELS;
    let height = foot + if props.marks.is_empty() { 0.0 } else { marks::ROOM };
    html! {
        <figure class="ribbon card">
            <div class="ribbon-room" {onkeydown} onmouseleave={leave}>
                <svg translate="no" viewBox={format!("0 0 {WIDTH} {height:.0}")} role="group"
                    aria-label="The network from left to right; the arrow keys go from block \
                                to block">
                    <path class="ribbon-line" d={format!("M46 {middle:.1}H{:.1}", WIDTH - 6.0)} />
                    {picture(middle, drawn.height, props.size)}
                    {for plates}
                    {for props.cuts.clone()}
                    {for drawn.groups.iter().map(|group| labels(group, drawn.height))}
                    if !props.marks.is_empty() { {marks::row(&props.marks, &drawn.groups, foot)} }
                </svg>
            </div>
            <figcaption>
                { match open.and_then(|index| drawn.plates.get(index)) {
                    Some(plate) => details(plate, size_in_words(props, plate)),
                    None => html! {
                        <p class="help">
                            {"Each shape is a block, each arc its skip connection: "}
                            <span class="key-pool">{"○"}</span>
                            {" marks a pool, "}
                            <span class="key-conv">{"□"}</span>
                            {" a 1×1 convolution on it. Point at a shape to see its layers."}
                            if props.on_press.is_some() {
                                {" Press a block, or a convolution or pool before the blocks, to \
                                   see what it puts out for this picture."}
                            }
                            if props.cuts.is_some() {
                                {" Press an arc to cut that skip: the run then goes on twice, with \
                                  it and without it."}
                            }
                            if !tints.is_empty() {
                                {format!(
                                    " Tint: {} in each block, on a log scale.",
                                    props.tint_name
                                )}
                            }
                        </p>
                    },
                } }
            </figcaption>
            if !props.brief { <Summary plan={props.plan.clone()} size={props.size} /> }
        </figure>
    }
}

/// Height that the labels take under the plates.
const LABELS: f64 = 58.0;

fn kind_class(kind: PlateKind) -> &'static str {
    match kind {
        PlateKind::Conv => "plate-conv",
        PlateKind::Pool => "plate-pool",
        PlateKind::Block(_) => "plate-block",
        PlateKind::Average => "plate-average",
        PlateKind::Head => "plate-head",
    }
}

/// Opacity of a plate without a number. It is an attribute, because a rule of the style sheet would
/// override every tint.
fn plain_opacity(kind: PlateKind) -> f32 {
    if matches!(kind, PlateKind::Pool | PlateKind::Average) { 1.0 } else { 0.42 }
}

/// Opacities from numbers on any scale. The smallest number stays visible.
fn tints(numbers: &[f32]) -> Vec<f32> {
    let finite = || numbers.iter().copied().filter(|number| number.is_finite());
    let (low, high) =
        (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    let span = (high - low).max(0.1);
    numbers
        .iter()
        .map(|number| if number.is_finite() { 0.15 + 0.85 * (number - low) / span } else { 0.0 })
        .collect()
}

fn block_of(plate: &Plate) -> Option<usize> {
    match plate.kind {
        PlateKind::Block(block) => Some(block),
        _ => None,
    }
}

/// The tint of a plate in words, for a reader who does not see it: “, size of the gradient 4.2e-3”.
fn size_in_words(props: &Props, plate: &Plate) -> String {
    let size = block_of(plate).and_then(|block| props.tint.get(block));
    size.map_or_else(String::new, |size| {
        format!(", {} {:.1e}", props.tint_name, 10_f32.powf(*size))
    })
}

fn label(plate: &Plate, size: String) -> String {
    let shape = plate.layers.last().map_or([0; 3], |layer| layer.shape);
    format!(
        "{}: {}, {} channels, grid {}{size}",
        plate.title,
        format::plural(plate.layers.len() as u64, "layer"),
        shape[0],
        layout::grid(shape)
    )
}

fn arc(plate: &Plate, middle: f64) -> Html {
    let Some(skip) = plate.skip else { return Html::default() };
    let marks: Vec<bool> = [(skip.pool, false), (skip.conv, true)]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, conv)| conv)
        .collect();
    html! {
        <>
            <path class="arc" d={plate.arc(middle)} />
            {for marks.iter().enumerate().map(|(index, conv)| {
                let (x, y) = plate.mark(middle, index, marks.len());
                if *conv {
                    html! {
                        <rect class="arc-mark" x={format!("{:.1}", x - 3.5)}
                            y={format!("{:.1}", y - 3.5)} width="7" height="7" />
                    }
                } else {
                    html! {
                        <circle class="arc-mark" cx={format!("{x:.1}")} cy={format!("{y:.1}")}
                            r="4" />
                    }
                }
            })}
        </>
    }
}

/// The input picture at the left end.
fn picture(middle: f64, height: f64, size: u32) -> Html {
    html! {
        <g class="ribbon-picture">
            <rect x="6" y={format!("{:.1}", middle - 20.0)} width="40" height="40" rx="3" />
            <path
                d={format!(
                    "M8 {:.1}L20 {:.1}L28 {:.1}L36 {:.1}L44 {:.1}",
                    middle + 14.0, middle - 2.0, middle + 8.0, middle, middle + 12.0
                )} />
            <circle cx="36" cy={format!("{:.1}", middle - 11.0)} r="4" />
            {lines(layout::PICTURE, height, "picture", format!("{size}×{size}"), "3".into())}
        </g>
    }
}

fn labels(group: &Group, height: f64) -> Html {
    lines(group.centre, height, &group.name, layout::grid(group.shape), group.shape[0].to_string())
}

fn lines(x: f64, height: f64, name: &str, grid: String, channels: String) -> Html {
    let x = format!("{x:.1}");
    let y = |line: f64| format!("{:.1}", height + 14.0 + 18.0 * line);
    html! {
        <g aria-hidden="true">
            <text class="ribbon-name" x={x.clone()} y={y(0.0)}>{name.to_string()}</text>
            <text class="ribbon-grid" x={x.clone()} y={y(1.0)}>{grid}</text>
            <text class="ribbon-channels" {x} y={y(2.0)}>{format!("× {channels}")}</text>
        </g>
    }
}

fn details(plate: &Plate, size: String) -> Html {
    html! {
        <div class="plate-details">
            <p>
                <strong>{&plate.title}</strong>
                {format!(
                    ": {} parameters, {} multiply-adds{size}",
                    format::count(plate.parameters()), format::short(plate.multiply_adds())
                )}
            </p>
            <ul>{for plate.layers.iter().map(|layer| html! {
                <li>
                    {&layer.kind}
                    {" → "}
                    <span class="shape">
                        {format!("{} × {}", layer.shape[0], layout::grid(layer.shape))}
                    </span>
                </li>
            })}</ul>
        </div>
    }
}

/// Properties of [`Summary`].
#[derive(Properties, PartialEq)]
struct SummaryProps {
    plan: Architecture,
    size: u32,
}

/// The network as a table, like fastai's `learn.summary()`. Its rows are drawn only when it is
/// opened.
#[component]
fn Summary(props: &SummaryProps) -> Html {
    let open = use_state(|| false);
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let details = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::HtmlDetailsElement>().ok());
            open.set(details.is_some_and(|details| details.open()));
        })
    };
    let rows = if *open { props.plan.rows(props.size) } else { Vec::new() };
    html! {
        <details class="summary" {ontoggle}>
            <summary>{"The network as a table"}</summary>
            <div class="steps-room" tabindex="0" role="region" aria-label="Layer table">
                <table class="figures" translate="no">
                    <caption>{"Layers"}</caption>
                    <thead><tr>
                        <th scope="col" class="text">{"layer"}</th>
                        <th scope="col" class="text">{"kind"}</th>
                        <th scope="col">{"output"}</th>
                        <th scope="col">{"parameters"}</th>
                        <th scope="col">{"multiply-adds"}</th>
                    </tr></thead>
                    <tbody>{for rows.iter().map(|row| html! {
                        <tr key={row.name.clone()}>
                            <th scope="row" class="text">{&row.name}</th>
                            <td class="text">{&row.kind}</td>
                            <td>{format!("{} × {}", row.shape[0], layout::grid(row.shape))}</td>
                            <td>{format::count(row.parameters)}</td>
                            <td>{format::count(row.multiply_adds)}</td>
                        </tr>
                    })}</tbody>
                </table>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tints_span_the_range_and_survive_nonsense() {
        let tints = tints(&[-3.0, -2.0, f32::NAN, -1.0]);
        assert_eq!(tints[0], 0.15);
        assert!((tints[3] - 1.0).abs() < 1e-6 && tints[2] == 0.0 && tints[1] > 0.5);
    }
}
