//! Adaptive pooling: any grid to any grid, average beside maximum.

use resnette_lesson::Grid;
use resnette_lesson::pooling::{
    adaptive_average, adaptive_maximum, adaptive_windows, shared_cells,
};
use yew::prelude::*;

use crate::lesson::demos::cells::{Cells, Window};
use crate::lesson::demos::controls::{Number, Slider};
use crate::lesson::demos::figures::figure;
use crate::shell::platform;

/// The largest number of rows and columns.
const MOST: usize = 16;

/// What the reader has set up.
#[derive(Clone, PartialEq)]
struct Set {
    /// Numbers for the largest grid, so that a grid which grows again shows what it showed before.
    numbers: [[f32; MOST]; MOST],
    from: (usize, usize),
    to: (usize, usize),
    /// The chosen cell of the input grid.
    cell: (usize, usize),
    /// The chosen cell of the output grids.
    window: (usize, usize),
}

impl Set {
    fn new() -> Self {
        // Numbers of one digit in a random-looking order that is always the same.
        let numbers = std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                ((row * 7 + column * 5 + row * column * 3 + 1) % 10) as f32
            })
        });
        Self { numbers, from: (5, 5), to: (3, 3), cell: (0, 0), window: (1, 1) }
    }

    fn resize(&mut self, from: (usize, usize), to: (usize, usize)) {
        let hold = |size: (usize, usize)| (size.0.clamp(1, MOST), size.1.clamp(1, MOST));
        (self.from, self.to) = (hold(from), hold(to));
        self.cell = (self.cell.0.min(self.from.0 - 1), self.cell.1.min(self.from.1 - 1));
        self.window = (self.window.0.min(self.to.0 - 1), self.window.1.min(self.to.1 - 1));
    }

    fn grid(&self) -> Option<Grid> {
        Grid::from_fn(self.from.0, self.from.1, |row, column| self.numbers[row][column]).ok()
    }
}

/// A number of rows and a number of columns.
type Sides = (usize, usize);

const PRESETS: [(&str, Sides, Sides); 5] = [
    ("2×2 to 1×1", (2, 2), (1, 1)),
    ("4×4 to 1×1", (4, 4), (1, 1)),
    ("6×6 to 3×3", (6, 6), (3, 3)),
    ("5×5 to 3×3", (5, 5), (3, 3)),
    ("3×3 to 5×5", (3, 3), (5, 5)),
];

/// The demo of adaptive pooling.
#[component]
pub fn AdaptivePooling() -> Html {
    let set = use_state(Set::new);
    let change = |change: fn(&mut Set, f64)| {
        let set = set.clone();
        Callback::from(move |value: f64| {
            let mut next = (*set).clone();
            change(&mut next, value);
            set.set(next);
        })
    };
    let pick = |change: fn(&mut Set, (usize, usize))| {
        let set = set.clone();
        Callback::from(move |cell: (usize, usize)| {
            let mut next = (*set).clone();
            change(&mut next, cell);
            set.set(next);
        })
    };
    let Some(grid) = set.grid() else { return Html::default() };
    let (down, across) =
        (adaptive_windows(set.from.0, set.to.0), adaptive_windows(set.from.1, set.to.1));
    let (Ok(average), Ok(maximum)) =
        (adaptive_average(&grid, set.to.0, set.to.1), adaptive_maximum(&grid, set.to.0, set.to.1))
    else {
        return Html::default();
    };
    let (Some(rows), Some(columns)) =
        (down.get(set.window.0).cloned(), across.get(set.window.1).cloned())
    else {
        return Html::default();
    };
    let mut windows: Vec<Window> = down
        .iter()
        .flat_map(|rows| {
            across.iter().map(move |columns| Window {
                rows: rows.clone(),
                columns: columns.clone(),
                chosen: false,
            })
        })
        .collect();
    windows.push(Window { rows: rows.clone(), columns: columns.clone(), chosen: true });
    let inside: Vec<String> = rows
        .clone()
        .flat_map(|row| columns.clone().map(move |column| (row, column)))
        .filter_map(|(row, column)| grid.get(row, column))
        .map(|value| figure(value, 2))
        .collect();
    let (row, column) = set.cell;
    let value = grid.get(row, column).unwrap_or_default();
    let shared = shared_cells(set.from.0, set.to.0) + shared_cells(set.from.1, set.to.1) > 0;
    let here = |grid: &Grid| figure(grid.get(set.window.0, set.window.1).unwrap_or_default(), 3);
    let on_value = {
        let set = set.clone();
        Callback::from(move |value: f32| {
            let mut next = (*set).clone();
            let (row, column) = next.cell;
            next.numbers[row][column] = value;
            set.set(next);
        })
    };
    // Enter moves to the next cell, as in a spreadsheet.
    let on_enter = {
        let set = set.clone();
        Callback::from(move |()| {
            let mut next = (*set).clone();
            let (rows, columns) = next.from;
            let cell = (next.cell.0 * columns + next.cell.1 + 1) % (rows * columns);
            next.cell = (cell / columns, cell % columns);
            set.set(next);
        })
    };
    let on_cell = {
        let pick = pick(|set, cell| set.cell = cell);
        Callback::from(move |cell| {
            pick.emit(cell);
            platform::focus("pool-value");
        })
    };
    let on_window = pick(|set, window| set.window = window);
    let presets = PRESETS.iter().map(|&(name, from, to)| {
        let set = set.clone();
        let pressed = (set.from, set.to) == (from, to);
        let onclick = move |_: MouseEvent| {
            let mut next = (*set).clone();
            next.resize(from, to);
            set.set(next);
        };
        html! {
            <button type="button" class="chip" aria-pressed={pressed.to_string()} {onclick}>
                {name}
            </button>
        }
    });
    let size = |id: &'static str, label: &'static str, value: usize, on_change: Callback<f64>| {
        html! { <Slider {id} {label} min=1.0 max={MOST as f64} value={value as f64} {on_change} /> }
    };
    let along = |name: &str, at: usize, from: usize, to: usize, window: &std::ops::Range<usize>| {
        format!(
            "{name} {} to {}: from ⌊{at}·{from}/{to}⌋ = {} to before ⌈{}·{from}/{to}⌉ = {}",
            window.start + 1,
            window.end,
            window.start,
            at + 1,
            window.end
        )
    };
    html! {
        <>
            <div class="chips" role="group" aria-label="Grids to try">{for presets}</div>
            <div class="knob-row">
                {size(
                    "pool-in-rows",
                    "Rows in",
                    set.from.0,
                    change(|set, value| set.resize((value as usize, set.from.1), set.to)),
                )}
                {size(
                    "pool-in-columns",
                    "Columns in",
                    set.from.1,
                    change(|set, value| set.resize((set.from.0, value as usize), set.to)),
                )}
                {size(
                    "pool-out-rows",
                    "Rows out",
                    set.to.0,
                    change(|set, value| set.resize(set.from, (value as usize, set.to.1))),
                )}
                {size(
                    "pool-out-columns",
                    "Columns out",
                    set.to.1,
                    change(|set, value| set.resize(set.from, (set.to.0, value as usize))),
                )}
            </div>
            <div class="panels">
                <figure>
                    <div class="drawing-room">
                        <Cells grid={grid.clone()}
                            label={format!(
                                "The grid that goes in, {} × {}; the chosen window holds {}",
                                set.from.0, set.from.1, inside.join(", ")
                            )} {windows} brackets={Some((down.clone(), across.clone()))}
                            picked={Some(set.cell)} on_pick={Some(on_cell)} />
                    </div>
                    <figcaption>
                        {format!(
                            "In: {} × {}. Press a number to change it",
                            set.from.0, set.from.1
                        )}
                    </figcaption>
                </figure>
                <figure>
                    <div class="drawing-room">
                        <Cells grid={average.clone()}
                            label={format!("Averages, {} × {}", set.to.0, set.to.1)}
                            picked={Some(set.window)} on_pick={Some(on_window.clone())} />
                    </div>
                    <figcaption>{format!("Average: {} × {}", set.to.0, set.to.1)}</figcaption>
                </figure>
                <figure>
                    <div class="drawing-room">
                        <Cells grid={maximum.clone()}
                            label={format!("Maxima, {} × {}", set.to.0, set.to.1)}
                            picked={Some(set.window)} on_pick={Some(on_window)} />
                    </div>
                    <figcaption>{format!("Maximum: {} × {}", set.to.0, set.to.1)}</figcaption>
                </figure>
            </div>
            <p class="demo-says" aria-live="polite">
                {format!(
                    "The window of row {}, column {} holds {}: average ",
                    set.window.0 + 1, set.window.1 + 1, list(&inside)
                )}
                <b>{here(&average)}</b>
                {", maximum "}
                <b>{here(&maximum)}</b>
                {". "}
                {if shared {
                    "Some cells are in more than one window, because the sizes do not divide \
                     evenly."
                } else {
                    "No cell is in two windows."
                }}
            </p>
            <p class="help">
                {along("Rows", set.window.0, set.from.0, set.to.0, &rows)}
                {"; "}
                {along("columns", set.window.1, set.from.1, set.to.1, &columns)}
                {"."}
            </p>
            <div class="knob-row">
                <Slider id="pool-row" label="Row of the number" min=1.0 max={set.from.0 as f64}
                    value={(row + 1) as f64}
                    on_change={change(
                        |set,
                        value| set.cell.0 = (value as usize).clamp(1, set.from.0) - 1,
                    )} />
                <Slider id="pool-column" label="Column of the number" min=1.0 max={set.from.1 as f64}
                    value={(column + 1) as f64}
                    on_change={change(
                        |set,
                        value| set.cell.1 = (value as usize).clamp(1, set.from.1) - 1,
                    )} />
                <Number id="pool-value" label={format!("Row {}, column {}", row + 1, column + 1)}
                    {value} on_change={on_value} {on_enter} />
            </div>
            <div class="knob-row">
                <Slider id="pool-window-row" label="Row of the window" min=1.0 max={set.to.0 as f64}
                    value={(set.window.0 + 1) as f64}
                    on_change={change(
                        |set,
                        value| set.window.0 = (value as usize).clamp(1, set.to.0) - 1,
                    )} />
                <Slider id="pool-window-column" label="Column of the window" min=1.0
                    max={set.to.1 as f64} value={(set.window.1 + 1) as f64}
                    on_change={change(
                        |set,
                        value| set.window.1 = (value as usize).clamp(1, set.to.1) - 1,
                    )} />
            </div>
        </>
    }
}

/// The first dozen of the numbers, and how many more there are.
fn list(numbers: &[String]) -> String {
    const SHOWN: usize = 12;
    match numbers.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", numbers[..SHOWN].join(", ")),
        _ => numbers.join(", "),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn whatever_is_chosen_stays_inside() {
        let mut set = Set::new();
        set.cell = (4, 4);
        set.resize((2, 40), (0, 2));
        assert_eq!((set.from, set.to, set.cell, set.window), ((2, MOST), (1, 2), (1, 4), (0, 1)));
        assert_eq!(set.grid().unwrap().values().len(), 2 * MOST);
    }

    #[test]
    fn long_lists_are_cut() {
        let numbers: Vec<String> = (0..14).map(|number| number.to_string()).collect();
        assert_eq!(list(&numbers), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more");
        assert_eq!(list(&numbers[..12]), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11");
    }
}
