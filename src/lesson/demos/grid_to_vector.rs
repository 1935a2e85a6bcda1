//! From a grid to one vector: shapes for a chosen picture size, and both heads.

use resnette_lesson::conv_cost::receptive_field;
use resnette_lesson::grid_to_vector::{
    BOOK_CHANNELS, GridShape, Head, SIZES, layers_to_one_cell, shapes,
};
use yew::prelude::*;

use crate::lesson::demos::controls::{Chooser, Slider};
use crate::lesson::demos::figures::shape;
use crate::widgets::format::count;

/// The number of Imagenette's classes.
const CLASSES: usize = 10;
/// Width of the drawing.
const WIDTH: f64 = 1000.0;
/// The line on which the squares stand.
const GROUND: f64 = 190.0;

/// The demo of the way from a grid to one vector.
#[component]
pub fn GridToVector() -> Html {
    let size = use_state(|| 128_usize);
    let trained = use_state(|| 128_usize);
    let layer = use_state(|| BOOK_CHANNELS.len() - 1);
    let all = shapes(*size, &BOOK_CHANNELS);
    let last_of = |size: usize| shapes(size, &BOOK_CHANNELS).last().copied();
    let (Some(last), Some(then)) = (last_of(*size), last_of(*trained)) else {
        return Html::default();
    };
    let on_size = {
        let size = size.clone();
        Callback::from(move |value: f64| size.set(value as usize))
    };
    let on_layer = {
        let layer = layer.clone();
        Callback::from(move |value: f64| layer.set((value as usize).min(BOOK_CHANNELS.len() - 1)))
    };
    let on_trained = {
        let trained = trained.clone();
        Callback::from(move |index: usize| trained.set(SIZES.get(index).copied().unwrap_or(128)))
    };
    let layers: Vec<(usize, usize)> = vec![(3, 2); *layer];
    let field = receptive_field(&layers);
    let rows = all.iter().enumerate().map(|(index, grid)| {
        let name = if index == 0 { "picture".to_string() } else { format!("layer {index}") };
        let field = receptive_field(&vec![(3, 2); index]);
        html! {
            <tr key={index} class={(index == *layer).then_some("row-chosen")}>
                <th scope="row">{name}</th>
                <td>{shape(&[grid.channels, grid.side, grid.side])}</td>
                <td>{count(grid.flattened() as u64)}</td>
                <td>{format!("{field} × {field}")}</td>
            </tr>
        }
    });
    html! {
        <>
            <div class="knob-row">
                <Slider id="grid-size" label="Picture size" min=64.0 max=256.0 step=32.0
                    value={*size as f64} shown={format!("{} px", *size)} on_change={on_size} />
                <Slider id="grid-layer" label="One cell of layer" min=0.0
                    max={(BOOK_CHANNELS.len() - 1) as f64} value={*layer as f64}
                    on_change={on_layer} />
            </div>
            {drawing(&all, *layer, field as usize)}
            <p class="demo-says" aria-live="polite">
                {format!(
                    "A picture of {0} × {0} ends as a grid of {1} × {1}. Getting down to one cell \
                     takes {2} layers. ",
                    *size, last.side, layers_to_one_cell(*size)
                )}
                {if *layer == 0 {
                    "A cell of the picture is a pixel.".to_string()
                } else {
                    format!("One cell of layer {} sees {field} × {field} pixels.", *layer)
                }}
            </p>
            <div class="heads">
                <Chooser id="grid-trained" label="The heads were trained on pictures of"
                    options={
                        SIZES
                            .iter()
                            .map(|size| AttrValue::from(format!("{size} px")))
                            .collect::<Vec<_>>()
                    }
                    chosen={SIZES.iter().position(|known| known == &*trained)}
                    on_change={on_trained} />
                <div class="panels panels-even">
                    {head("Flatten, then linear", Head::Flatten, then, last)}
                    {head("Average, then linear", Head::Average, then, last)}
                </div>
            </div>
            <details class="demo-table">
                <summary>{"The shapes as a table"}</summary>
                <div class="table-room" tabindex="0" role="region" aria-label="Shapes">
                    <table class="figures" translate="no">
                        <caption>{"Channels × rows × columns after each stride-2 layer"}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{"after"}</th>
                                <th scope="col">{"shape"}</th>
                                <th scope="col">{"numbers"}</th>
                                <th scope="col">{"one cell sees"}</th>
                            </tr>
                        </thead>
                        <tbody>{for rows}</tbody>
                    </table>
                </div>
            </details>
        </>
    }
}

/// What a trained head makes of the last grid.
fn head(name: &'static str, head: Head, trained: GridShape, now: GridShape) -> Html {
    let read = head.check_input(trained, now);
    html! {
        <section class={classes!("head", if read.is_ok() { "head-fits" } else { "head-breaks" })}
            aria-label={name}>
            <h4>{name}</h4>
            <p>
                {format!("{} → a vector of ", shape(&[now.channels, now.side, now.side]))}
                <b>{count(head.inputs(now) as u64)}</b>
            </p>
            <p>
                {format!(
                    "The linear layer expects {} numbers and has {} weights.",
                    count(head.inputs(trained) as u64), count(head.weights(trained, CLASSES) as u64)
                )}
            </p>
            <p class="head-verdict">{ match read {
                Ok(_) => "It fits.".to_string(),
                Err(mismatch) => crate::lesson::verdict::sentence(&mismatch.to_string()),
            } }</p>
        </section>
    }
}

/// The grids as squares in proportion to each other, with lines where single cells can be seen.
fn drawing(all: &[GridShape], layer: usize, field: usize) -> Html {
    let largest = all.first().map_or(1, |grid| grid.side) as f64;
    // With the cube root the last grids stay visible beside the picture. Their true sizes are
    // below.
    let side = |grid: &GridShape| (GROUND - 30.0) * (grid.side as f64 / 256.0).cbrt();
    let drawn: f64 = all.iter().map(side).sum();
    let gap = (WIDTH - drawn - 40.0) / (all.len().max(2) - 1) as f64;
    let mut x = 8.0;
    let squares = all.iter().enumerate().map(|(index, grid)| {
        let side = side(grid);
        let (left, top) = (x, GROUND - side);
        x += side + gap;
        let cell = side / grid.side as f64;
        let lines = if cell >= 4.0 {
            (1..grid.side).map(|line| {
                let at = line as f64 * cell;
                format!("M{:.1} {top:.1}v{side:.1}M{left:.1} {:.1}h{side:.1}", left + at, top + at)
            }).collect()
        } else {
            String::new()
        };
        // Sheets behind the square stand for its channels, one more for each doubling.
        let sheets = (1..=index.min(5)).rev().map(|sheet| {
            let shift = 3.0 * sheet as f64;
            html! {
                <rect class="grid-sheet" x={px(left + shift)} y={px(top - shift)} width={px(side)}
                    height={px(side)} />
            }
        });
        let seen = (index == 0 && layer > 0).then(|| {
            let seen = (field as f64).min(largest) * cell;
            html! {
                <rect class="frame frame-chosen" x={px(left + (side - seen) / 2.0)}
                    y={px(top + (side - seen) / 2.0)} width={px(seen)} height={px(seen)} />
            }
        });
        let cell_of_layer = (index == layer).then(|| {
            let middle = (grid.side / 2) as f64 * cell;
            let dot = cell.max(3.0);
            html! {
                <rect class="grid-cell" x={px(left + middle.min(side - dot))}
                    y={px(top + middle.min(side - dot))} width={px(dot)} height={px(dot)} />
            }
        });
        html! {
            <g key={index}>
                {for sheets}
                <rect class={if index == 0 { "grid-square grid-picture" } else { "grid-square" }}
                    x={px(left)} y={px(top)} width={px(side)} height={px(side)} />
                <path class="grid-lines" d={lines} />
                {seen}
                {cell_of_layer}
                <text x={px(left + side / 2.0)} y={px(GROUND + 22.0)}>
                    {format!("{0}×{0}", grid.side)}
                </text>
                <text class="grid-channels" x={px(left + side / 2.0)} y={px(GROUND + 40.0)}>
                    {format!("× {}", grid.channels)}
                </text>
            </g>
        }
    }).collect::<Vec<_>>();
    let words: Vec<String> =
        all.iter().map(|grid| shape(&[grid.channels, grid.side, grid.side])).collect();
    html! {
        // On a phone the drawing is wider than the window, and the keyboard must be able to scroll
        // it.
        <div class="drawing-room" tabindex="0" role="region"
            aria-label="The grids from left to right">
            <svg class="shapes" viewBox={format!("0 0 {WIDTH} {:.0}", GROUND + 50.0)} role="img"
                aria-label={format!(
                    "The grid from the picture to the last layer: {}",
                    words.join(", then ")
                )}>
                {for squares}
            </svg>
        </div>
    }
}

fn px(number: f64) -> String {
    format!("{number:.1}")
}
