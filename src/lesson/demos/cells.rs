//! A grid of numbers drawn as tinted cells.

use std::ops::Range;

use resnette_lesson::Grid;
use yew::prelude::*;

use crate::lesson::demos::cell_layout::{CELL, LEVEL, largest, levels, pixels, tint};
use crate::lesson::demos::figures::figure;

/// A frame around some cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The rows inside the frame.
    pub rows: Range<usize>,
    /// The columns inside the frame.
    pub columns: Range<usize>,
    /// Whether the frame is drawn strongly.
    pub chosen: bool,
}

/// Ranges of rows, and ranges of columns.
pub type Brackets = (Vec<Range<usize>>, Vec<Range<usize>>);

/// Properties of [`Cells`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The numbers.
    pub grid: Grid,
    /// The grid in words, for a reader who does not see the drawing.
    pub label: AttrValue,
    /// The number of decimals.
    #[prop_or(2)]
    pub digits: usize,
    /// Frames around cells.
    #[prop_or_default]
    pub windows: Vec<Window>,
    /// Windows along the rows and along the columns, drawn as brackets at the edges.
    #[prop_or_default]
    pub brackets: Option<Brackets>,
    /// A marked cell.
    #[prop_or_default]
    pub picked: Option<(usize, usize)>,
    /// Receives the cell that was pressed. Whoever listens also offers a way by keyboard.
    #[prop_or_default]
    pub on_pick: Option<Callback<(usize, usize)>>,
}

/// A grid of numbers: blue above zero, orange below, the stronger the further from it.
#[component]
pub fn Cells(props: &Props) -> Html {
    let grid = &props.grid;
    let (rows, columns) = (grid.height(), grid.width());
    let scale = largest(grid.values());
    let brackets = props.brackets.as_ref().map(|(down, across)| (levels(down), levels(across)));
    let left = brackets.as_ref().map_or(0.0, |((_, count), _)| *count as f64 * LEVEL + 4.0);
    let top = brackets.as_ref().map_or(0.0, |(_, (_, count))| *count as f64 * LEVEL + 4.0);
    let (width, height) = (left + columns as f64 * CELL, top + rows as f64 * CELL);
    // Frames lie on the outer edges of their cells.
    let (full_width, full_height) = (width + 3.0, height + 3.0);
    let screen = full_width * pixels(columns) / CELL;
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))).map(
        |(row, column)| {
            let value = grid.get(row, column).unwrap_or_default();
            let (x, y) = (left + column as f64 * CELL, top + row as f64 * CELL);
            let onclick = props
                .on_pick
                .clone()
                .map(|pick| Callback::from(move |_: MouseEvent| pick.emit((row, column))));
            let opacity = format!("{:.3}", tint(value, scale, 0.42));
            html! {
                <g key={row * columns + column}
                    class={classes!(
                        "cell",
                        (props.picked == Some((row, column))).then_some("cell-picked"),
                    )} {onclick}>
                    <rect class="cell-ground" x={px(x)} y={px(y)} width={CELL.to_string()}
                        height={CELL.to_string()} />
                    <rect class={if value < 0.0 { "cell-below" } else { "cell-above" }} x={px(x)}
                        y={px(y)} width={CELL.to_string()} height={CELL.to_string()}
                        fill-opacity={opacity} />
                    <text x={px(x + CELL / 2.0)} y={px(y + CELL * 0.62)}>
                        {figure(value, props.digits)}
                    </text>
                </g>
            }
        },
    );
    // Every other frame is inset, so that a cell shared by neighbours shows both frames.
    let frames = props.windows.iter().enumerate().map(|(index, window)| {
        let inset = if window.chosen { 1.5 } else { 2.0 + 3.0 * (index % 2) as f64 };
        html! {
            <rect class={classes!("frame", window.chosen.then_some("frame-chosen"))} rx="4"
                x={px(left + window.columns.start as f64 * CELL + inset)}
                y={px(top + window.rows.start as f64 * CELL + inset)}
                width={px(window.columns.len() as f64 * CELL - 2.0 * inset)}
                height={px(window.rows.len() as f64 * CELL - 2.0 * inset)} />
        }
    });
    let edges = match (&props.brackets, &brackets) {
        (
            Some((down, across)),
            Some(((down_levels, down_count), (across_levels, across_count))),
        ) => {
            let down = down.iter().zip(down_levels).map(|(window, level)| {
                let x = (down_count - level) as f64 * LEVEL - 4.0;
                let (from, to) =
                    (top + window.start as f64 * CELL + 3.0, top + window.end as f64 * CELL - 3.0);
                format!("M{} {}H{}V{}H{}", px(x + 4.0), px(from), px(x), px(to), px(x + 4.0))
            });
            let across = across.iter().zip(across_levels).map(|(window, level)| {
                let y = (across_count - level) as f64 * LEVEL - 4.0;
                let (from, to) = (
                    left + window.start as f64 * CELL + 3.0,
                    left + window.end as f64 * CELL - 3.0,
                );
                format!("M{} {}V{}H{}V{}", px(from), px(y + 4.0), px(y), px(to), px(y + 4.0))
            });
            html! { <path class="brackets" d={down.chain(across).collect::<String>()} /> }
        }
        _ => Html::default(),
    };
    // The picked cell is drawn last so that no neighbour covers its edge.
    let picked = props.picked.map(|(row, column)| {
        html! {
            <rect class="cell-edge" x={px(left + column as f64 * CELL)}
                y={px(top + row as f64 * CELL)} width={CELL.to_string()}
                height={CELL.to_string()} />
        }
    });
    html! {
        <svg class={classes!("cells", props.on_pick.is_some().then_some("cells-pick"))}
            viewBox={format!("-1.5 -1.5 {} {}", px(full_width), px(full_height))}
            width={px(screen)} height={px(screen * full_height / full_width)} role="img"
            aria-label={props.label.clone()}>
            {for cells}
            {edges}
            {for frames}
            {picked}
        </svg>
    }
}

fn px(number: f64) -> String {
    format!("{number:.1}")
}
