//! The activations of a layer under a microscope: one channel large, and for the cell that is
//! pointed at the pixels of the picture that it sees.

use std::rc::Rc;

use resnette_picture::Picture;
use resnette_protocol::predict::{Activations, ModelInfo};
use resnette_spec::HeadKind;
use resnette_spec::architecture::{Architecture, ReceptiveField};
use web_sys::Element;
use yew::prelude::*;

use crate::widgets::channels::{channel_pictures, channels_in_words};
use crate::widgets::picture::PictureView;

/// Properties of [`Microscope`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the layer puts out.
    pub activations: Activations,
    /// The network's input.
    pub seen: Picture,
    /// What the layer's cells see; `None` if the network's layers are not known.
    pub field: Option<ReceptiveField>,
    /// Whether the network's blocks have squeeze-and-excitation, which looks at the whole picture.
    pub squeezed: bool,
    /// Whether one of them has self-attention, which does too.
    pub attends: bool,
}

/// The network that answered, laid out: one of this page's, or one of torchvision's with its own
/// head or fastai's, which its blocks and the number of its parameters tell. `None` for any other.
pub fn architecture(model: &ModelInfo) -> Option<Architecture> {
    let classes = model.classes.len() as u32;
    if let Some(net) = &model.net {
        return Some(Architecture::new(net, classes));
    }
    let stages = ["layer1.", "layer2.", "layer3.", "layer4."];
    let blocks = stages
        .map(|stage| model.layers.iter().filter(|layer| layer.starts_with(stage)).count() as u32);
    [false, true]
        .into_iter()
        .map(|bottleneck| Architecture::torchvision(blocks, bottleneck, classes))
        .flat_map(|plan| [plan.clone().with_head(HeadKind::Fastai), plan])
        .find(|plan| plan.parameters() == model.parameters && plan.layer_names() == model.layers)
}

/// A layer's channels as small pictures, of which one is shown large beside the network's input.
/// The arrow keys and the pointer choose a cell of it.
#[component]
pub fn Microscope(props: &Props) -> Html {
    let activations = &props.activations;
    let [_, height, width] = activations.shape;
    let shown = use_memo(activations.clone(), channel_pictures);
    let chosen = use_state(|| 0_usize);
    let channel = (*chosen).min(shown.len().saturating_sub(1));
    let choose = {
        let chosen = chosen.clone();
        use_callback((), move |index: usize, ()| chosen.set(index))
    };
    let room = use_node_ref();
    let cell = use_state_eq(|| [height / 2, width / 2]);
    let row = cell[0].min(height.saturating_sub(1));
    let column = cell[1].min(width.saturating_sub(1));
    let onkeydown = {
        let cell = cell.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(next) = next_cell([row, column], [height, width], &event.key()) {
                event.prevent_default();
                cell.set(next);
            }
        })
    };
    let onpointer = {
        let (cell, room) = (cell.clone(), room.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(room) = room.cast::<Element>() else { return };
            let area = room.get_bounding_client_rect();
            cell.set([
                cell_at((f64::from(event.client_y()) - area.top()) / area.height(), height),
                cell_at((f64::from(event.client_x()) - area.left()) / area.width(), width),
            ]);
        })
    };
    let Some(picture) = shown.get(channel).cloned() else { return Html::default() };
    let size = props.seen.width;
    let words = cell_words([row, column], [height, width], props.field, size);
    html! {
        <figure class="activations" aria-label="Activations">
            <figcaption>{channels_in_words(activations, shown.len())}</figcaption>
            <div class="microscope">
                <div ref={room} class="microscope-room" tabindex="0" role="application"
                    aria-label={format!(
                        "Cells of channel {channel}; the arrow keys go from cell to cell"
                    )} aria-describedby="microscope-words" {onkeydown}
                    onpointermove={onpointer.clone()} onpointerdown={onpointer}>
                    <PictureView {picture} label={format!("channel {channel}, large")}
                        class="pixels" />
                    {frame([column, row, 1, 1], [width, height])}
                </div>
                if let Some(field) = props.field {
                    <div class="microscope-room">
                        <PictureView picture={props.seen.clone()}
                            label="What the network sees, with the cell’s receptive field"
                            class="pixels" />
                        {frame(rectangle(field, [row, column], size), [size, props.seen.height])}
                    </div>
                }
            </div>
            <p id="microscope-words" aria-live="polite">{words}</p>
            if props.field.is_some() {
                <p class="help">
                    {if props.squeezed || props.attends {
                        "Those pixels are the cell’s receptive field: they reach it through the \
                         convolutions and pools before it."
                    } else {
                        "Those pixels are the cell’s receptive field: no other pixel can change \
                         its value."
                    }}
                    if props.squeezed {
                        {" From the first block on, squeeze-and-excitation also scales the \
                          channels by averages over the whole picture, so other pixels count a \
                          little too."}
                    }
                    if props.attends {
                        {" From the block with self-attention on, channels are also mixed by how \
                          alike they are over the whole picture, so other pixels count too."}
                    }
                    {" Point at another cell, or go to it with the arrow keys."}
                </p>
            }
            <Channels pictures={shown} {channel} on_choose={choose} />
        </figure>
    }
}

#[derive(Properties, PartialEq)]
struct ChannelsProps {
    pictures: Rc<Vec<Picture>>,
    channel: usize,
    on_choose: Callback<usize>,
}

/// All channels, small, each a button that shows it large.
#[component]
fn Channels(props: &ChannelsProps) -> Html {
    let tiles = props.pictures.iter().enumerate().map(|(index, picture)| {
        let on_choose = props.on_choose.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_choose.emit(index));
        html! {
            <li key={index}>
                <button type="button" class="tile"
                    aria-pressed={(index == props.channel).to_string()} {onclick}>
                    <PictureView picture={picture.clone()} label={format!("channel {index}")}
                        class="pixels" />
                </button>
            </li>
        }
    });
    html! { <ul class="tiles" aria-label="Channels">{for tiles}</ul> }
}

/// A rectangle (left edge, top edge, width, height) over a picture of this width and height.
fn frame([x, y, width, height]: [u32; 4], [whole_width, whole_height]: [u32; 2]) -> Html {
    let [x, y, width, height] = [x, y, width, height].map(|number| number.to_string());
    let lines = |class: &'static str| {
        html! {
            <rect {class} x={x.clone()} y={y.clone()} width={width.clone()}
                height={height.clone()} />
        }
    };
    html! {
        <svg class="microscope-frame" viewBox={format!("0 0 {whole_width} {whole_height}")}
            preserveAspectRatio="none" aria-hidden="true" focusable="false">
            // A light line on a dark one is seen on every picture.
            {lines("frame-under")}
            {lines("frame-over")}
        </svg>
    }
}

/// What a cell sees of a picture: left edge, top edge, width and height in pixels.
fn rectangle(field: ReceptiveField, [row, column]: [u32; 2], size: u32) -> [u32; 4] {
    let (rows, columns) = (field.pixels(row, size), field.pixels(column, size));
    [columns.start, rows.start, columns.end - columns.start, rows.end - rows.start]
}

/// A cell and what it sees, in words. Rows and columns are counted from 1.
fn cell_words(
    [row, column]: [u32; 2],
    [height, width]: [u32; 2],
    field: Option<ReceptiveField>,
    size: u32,
) -> String {
    let cell = format!("Cell in row {} of {height}, column {} of {width}", row + 1, column + 1);
    let Some(field) = field else { return format!("{cell}.") };
    let side = field.side;
    let [_, _, across, down] = rectangle(field, [row, column], size);
    let whole = format!("{cell}: this cell sees {side} × {side} pixels");
    if [across, down] == [side; 2] {
        format!("{whole}.")
    } else if [across, down] == [size; 2] {
        format!("{whole}, more than the picture has: it sees all of it.")
    } else {
        format!("{whole}, of which {across} × {down} lie in the picture.")
    }
}

/// The cell that a key leads to; `None` for another key.
fn next_cell([row, column]: [u32; 2], [height, width]: [u32; 2], key: &str) -> Option<[u32; 2]> {
    let (last_row, last_column) = (height.saturating_sub(1), width.saturating_sub(1));
    match key {
        "ArrowUp" => Some([row.saturating_sub(1), column]),
        "ArrowDown" => Some([(row + 1).min(last_row), column]),
        "ArrowLeft" => Some([row, column.saturating_sub(1)]),
        "ArrowRight" => Some([row, (column + 1).min(last_column)]),
        "Home" => Some([row, 0]),
        "End" => Some([row, last_column]),
        _ => None,
    }
}

/// The cell at a share of a side, from 0 to 1.
fn cell_at(share: f64, cells: u32) -> u32 {
    // A conversion from a number that is not finite or out of range takes the nearest there is.
    ((share * f64::from(cells)).floor() as u32).min(cells.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: ReceptiveField = ReceptiveField { side: 35, jump: 8, start: -13 };

    #[test]
    fn a_cell_says_what_it_sees() {
        let words = |cell, size| cell_words(cell, [12, 12], Some(FIELD), size);
        assert_eq!(
            words([3, 4], 96),
            "Cell in row 4 of 12, column 5 of 12: this cell sees 35 × 35 pixels."
        );
        assert!(
            words([0, 4], 96)
                .ends_with("sees 35 × 35 pixels, of which 35 × 22 lie in the picture.")
        );
        assert!(words([0, 0], 16).ends_with("more than the picture has: it sees all of it."));
        assert_eq!(cell_words([0, 1], [2, 2], None, 16), "Cell in row 1 of 2, column 2 of 2.");
        assert_eq!(rectangle(FIELD, [0, 4], 96), [19, 0, 35, 22]);
    }

    #[test]
    fn keys_and_pointers_stay_on_the_grid() {
        let mut cell = [0, 1];
        let mut visited = Vec::new();
        for key in ["ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Home", "End"]
        {
            cell = next_cell(cell, [2, 3], key).unwrap_or([9, 9]);
            visited.push(cell);
        }
        assert_eq!(visited, [[0, 1], [0, 2], [0, 2], [1, 2], [1, 2], [1, 0], [1, 2]]);
        assert_eq!(next_cell(cell, [2, 3], "Enter"), None);
        let at =
            [-0.1, 0.0, 0.34, 0.99, 1.0, f64::NAN, f64::INFINITY].map(|share| cell_at(share, 3));
        assert_eq!(at, [0, 0, 1, 2, 2, 0, 2]);
    }

    #[test]
    fn a_network_of_torchvision_is_told_by_its_blocks_and_parameters() {
        for (blocks, bottleneck) in
            [([2, 2, 2, 2], false), ([3, 4, 6, 3], false), ([3, 4, 6, 3], true)]
        {
            for head in [HeadKind::Linear, HeadKind::Fastai] {
                let plan = Architecture::torchvision(blocks, bottleneck, 7).with_head(head);
                let model = ModelInfo {
                    classes: vec![String::new(); 7],
                    parameters: plan.parameters(),
                    layers: plan.layer_names(),
                    ..ModelInfo::default()
                };
                assert_eq!(architecture(&model), Some(plan));
            }
        }
        assert_eq!(architecture(&ModelInfo::default()), None);
    }
}
