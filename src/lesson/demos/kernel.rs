//! The demo of one 3 × 3 kernel at one pixel.

use resnette_lesson::convolution::{LEFT_EDGE, TOP_EDGE};
use resnette_lesson::{Grid, convolution};
use yew::prelude::*;

use crate::lesson::demos::cells::{Cells, Window};
use crate::lesson::demos::controls::{Chooser, Number, Slider};
use crate::lesson::demos::figures::figure;

const ROWS: usize = 7;
const COLUMNS: usize = 8;

/// A dark bar on a light ground with its left end in sight, so that it has edges of both kinds.
fn picture() -> Option<Grid> {
    Grid::from_fn(
        ROWS,
        COLUMNS,
        |row, column| if (2..5).contains(&row) && column >= 2 { 0.9 } else { 0.1 },
    )
    .ok()
}

const KERNELS: [(&str, convolution::Kernel); 3] = [
    ("top edge (chapter 13)", TOP_EDGE),
    ("left edge (chapter 13)", LEFT_EDGE),
    ("mean of the nine", [[1.0 / 9.0; 3]; 3]),
];

/// The demo of one 3 × 3 kernel at one pixel.
#[component]
pub fn Kernel() -> Html {
    let kernel = use_state(|| TOP_EDGE);
    let place = use_state(|| (2_usize, 4_usize));
    let (row, column) = *place;
    let Some(grid) = picture() else { return Html::default() };
    let (Some(here), Ok(map)) =
        (convolution::apply(&grid, &kernel, row, column), convolution::convolve(&grid, &kernel))
    else {
        return Html::default();
    };
    let on_pick = {
        let place = place.clone();
        Callback::from(move |picked| place.set(picked))
    };
    let move_to = |change: fn((usize, usize), usize) -> (usize, usize)| {
        let place = place.clone();
        Callback::from(move |value: f64| place.set(change(*place, value as usize - 1)))
    };
    let on_kernel = {
        let kernel = kernel.clone();
        Callback::from(move |index: usize| {
            if let Some((_, chosen)) = KERNELS.get(index) {
                kernel.set(*chosen);
            }
        })
    };
    let weights = (0..9).map(|index| {
        let (up, left) = (index / 3, index % 3);
        let on_change = {
            let kernel = kernel.clone();
            Callback::from(move |weight: f32| {
                let mut changed = *kernel;
                changed[up][left] = weight;
                kernel.set(changed);
            })
        };
        html! {
            <Number id={format!("kernel-{up}-{left}")}
                label={format!("Weight in row {}, column {}", up + 1, left + 1)} quiet=true
                value={kernel[up][left]} {on_change} />
        }
    });
    let products = Grid::new(3, 3, here.products.iter().flatten().copied().collect());
    let terms: Vec<String> =
        here.products.iter().flatten().map(|product| figure(*product, 2)).collect();
    // At the border a part of the window lies outside the grid, on padding of zeros.
    let (rows, columns) = (
        row.saturating_sub(1)..(row + 2).min(ROWS),
        column.saturating_sub(1)..(column + 2).min(COLUMNS),
    );
    let window = Window { rows, columns, chosen: true };
    html! {
        <>
            <div class="knob-row">
                <Chooser id="kernel-kind" label="Kernel"
                    options={
                        KERNELS.iter().map(|(name, _)| AttrValue::from(*name)).collect::<Vec<_>>()
                    }
                    chosen={KERNELS.iter().position(|(_, known)| known == &*kernel)}
                    on_change={on_kernel} />
                <Slider id="kernel-row" label="Row" min=1.0 max={ROWS as f64}
                    value={(row + 1) as f64}
                    on_change={move_to(|(_, column), row| (row, column))} />
                <Slider id="kernel-column" label="Column" min=1.0 max={COLUMNS as f64}
                    value={(column + 1) as f64}
                    on_change={move_to(|(row, _), column| (row, column))} />
            </div>
            <div class="panels">
                <figure>
                    <Cells grid={grid.clone()} digits=1
                        label={format!(
                            "A grid of {ROWS} rows and {COLUMNS} columns; the kernel lies on row \
                             {}, column {}",
                            row + 1, column + 1
                        )} windows={vec![window]} picked={Some((row, column))}
                        on_pick={Some(on_pick.clone())} />
                    <figcaption>{"The grid: a bar of 0.9 on 0.1"}</figcaption>
                </figure>
                <div class="panel-stack">
                    <figure>
                        <div class="number-grid number-grid-3" role="group"
                            aria-label="The kernel's nine weights">
                            {for weights}
                        </div>
                        <figcaption>{"Times the kernel: type other weights"}</figcaption>
                    </figure>
                    if let Ok(products) = products {
                        <figure>
                            <Cells grid={products}
                                label={format!("The nine products: {}", terms.join(", "))} />
                            <figcaption>{"Nine products"}</figcaption>
                        </figure>
                    }
                </div>
                <figure>
                    <Cells grid={map}
                        label={format!(
                            "The new grid; row {}, column {} is {}",
                            row + 1, column + 1, figure(here.sum, 2)
                        )} picked={Some((row, column))} on_pick={Some(on_pick)} />
                    <figcaption>{"The same at every place: a new grid"}</figcaption>
                </figure>
            </div>
            <p class="demo-says" aria-live="polite">
                {format!("{} = ", terms.join(" + ").replace("+ −", "− "))}
                <b>{figure(here.sum, 2)}</b>
                {". Outside the grid the kernel reads zeros."}
            </p>
        </>
    }
}
