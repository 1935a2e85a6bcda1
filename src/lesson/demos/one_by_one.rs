//! A 1 × 1 convolution: a dot product across channels, at one pixel and on a whole picture.

use resnette_lesson::Channels;
use resnette_lesson::one_by_one::{apply, dot};
use resnette_picture::Picture;
use yew::prelude::*;

use crate::lesson::demos::cell_layout::grey;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::{Chooser, Number, Slider};
use crate::lesson::demos::figures::{figure, shape};
use crate::lesson::demos::picture_chooser::{PictureChooser, SIDE};
use crate::widgets::picture::PictureView;

/// The largest number of filters.
const MOST: usize = 16;

/// Filters to start from. The first three and the last are known to photographers.
const FILTERS: [(&str, [f32; 3]); 4] = [
    ("brightness", [0.299, 0.587, 0.114]),
    ("red against blue", [1.0, 0.0, -1.0]),
    ("green against the rest", [-0.5, 1.0, -0.5]),
    ("negative", [-0.333, -0.333, -0.333]),
];

const CHANNELS: [&str; 3] = ["red", "green", "blue"];

/// Properties of [`OneByOne`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the picture.
    pub context: DemoContext,
}

/// The demo of a 1 × 1 convolution.
#[component]
pub fn OneByOne(props: &Props) -> Html {
    let weights = use_state(|| [0.5_f32, -1.0, 2.0]);
    let vector = use_state(|| [1.0_f32, 2.0, 3.0]);
    let filters = use_state(|| 4_usize);
    let place = use_state(|| (SIDE / 2, SIDE / 2));
    let picture = props.context.chosen_picture.picture.clone();
    let maps = use_memo((picture.clone(), *weights, *filters), |(picture, weights, filters)| {
        maps(picture, &bank(weights, *filters))
    });
    let on_place = |change: fn((u32, u32), u32) -> (u32, u32)| {
        let (place, vector, picture) = (place.clone(), vector.clone(), picture.clone());
        Callback::from(move |value: f64| {
            let next = change(*place, (value as u32).min(SIDE - 1));
            place.set(next);
            vector.set(pixel(&picture, next));
        })
    };
    let on_filter = {
        let weights = weights.clone();
        Callback::from(move |index: usize| {
            if let Some((_, filter)) = FILTERS.get(index) {
                weights.set(*filter);
            }
        })
    };
    let on_count = {
        let filters = filters.clone();
        Callback::from(move |value: f64| filters.set((value as usize).clamp(1, MOST)))
    };
    let field = |of: &UseStateHandle<[f32; 3]>, index: usize, what: &str, id: &str| {
        let of = of.clone();
        let value = of[index];
        let on_change = Callback::from(move |value: f32| {
            let mut changed = *of;
            changed[index] = value;
            of.set(changed);
        });
        html! {
            <Number id={format!("{id}-{index}")} label={format!("{what} {}", CHANNELS[index])}
                quiet=true {value} {on_change} />
        }
    };
    let rows = (0..3).map(|index| {
        html! {
            <tr key={index}>
                <th scope="row">{CHANNELS[index]}</th>
                <td>{field(&vector, index, "Value of", "dot-value")}</td>
                <td>{"×"}</td>
                <td>{field(&weights, index, "Weight of", "dot-weight")}</td>
                <td>{"="}</td>
                <td class="dot-product">{figure(vector[index] * weights[index], 3)}</td>
            </tr>
        }
    });
    let sum = dot(&*vector, &*weights);
    let (before, after) =
        ([3, SIDE as usize, SIDE as usize], [*filters, SIDE as usize, SIDE as usize]);
    let thumbs = maps.iter().enumerate().map(|(index, map)| {
        let label = if index == 0 {
            "The channel that your filter makes".to_string()
        } else {
            format!("The channel of filter {}", index + 1)
        };
        html! {
            <li key={index}>
                <PictureView picture={map.clone()} {label} />
                <span class="help">
                    {if index == 0 { "yours".into() } else { format!("filter {}", index + 1) }}
                </span>
            </li>
        }
    });
    html! {
        <>
            <div class="panels panels-even">
                <div>
                    <h4>{"At one pixel"}</h4>
                    <div class="table-room">
                        <table class="dot" aria-label="Products, channel by channel">
                            <thead>
                                <tr>
                                    <th scope="col">
                                        <span class="visually-hidden">{"Channel"}</span>
                                    </th>
                                    <th scope="col">{"x"}</th>
                                    <td></td>
                                    <th scope="col">{"filter"}</th>
                                    <td></td>
                                    <th scope="col">{"product"}</th>
                                </tr>
                            </thead>
                            <tbody>{for rows}</tbody>
                            <tfoot>
                                <tr>
                                    <th scope="row">{"sum"}</th>
                                    <td></td>
                                    <td></td>
                                    <td></td>
                                    <td></td>
                                    <td class="dot-product"><b>{figure(sum, 3)}</b></td>
                                </tr>
                            </tfoot>
                        </table>
                    </div>
                    <p class="demo-says" aria-live="polite">
                        {format!(
                            "Three numbers and three weights make one number: {}.",
                            figure(sum, 3)
                        )}
                    </p>
                </div>
                <div class="shot">
                    <h4>{"On a picture"}</h4>
                    <PictureChooser id="one-picture"
                        chosen_picture={props.context.chosen_picture.clone()}
                        on_picture={props.context.on_picture.clone()} />
                    <div class="shot-room">
                        <PictureView picture={(*picture).clone()}
                            label={format!("The picture: {}", props.context.chosen_picture.name)} />
                        {cross(*place)}
                    </div>
                    <Slider id="one-row" label="Row of the pixel" min=0.0
                        max={f64::from(SIDE - 1)} value={f64::from(place.1)}
                        on_change={on_place(|(x, _), row| (x, row))} />
                    <Slider id="one-column" label="Column of the pixel" min=0.0 max={f64::from(SIDE - 1)}
                        value={f64::from(place.0)}
                        on_change={on_place(|(_, y), column| (column, y))} />
                </div>
            </div>
            <div class="knob-row">
                <Chooser id="one-filter" label="Your filter"
                    options={
                        FILTERS.iter().map(|(name, _)| AttrValue::from(*name)).collect::<Vec<_>>()
                    }
                    chosen={FILTERS.iter().position(|(_, filter)| filter == &*weights)}
                    on_change={on_filter} />
                <Slider id="one-count" label="Filters" min=1.0 max={MOST as f64}
                    value={*filters as f64} on_change={on_count} />
            </div>
            <p class="demo-says" aria-live="polite">
                {"In: "}<b>{shape(&before)}</b>{". Out: "}<b>{shape(&after)}</b>
                {format!(
                    ". The filters have {} × 3 = {} weights, however large the picture is.",
                    *filters, *filters * 3
                )}
            </p>
            <ul class="maps" aria-label="The new channels">{for thumbs}</ul>
            <p class="help">
                {"In each channel the smallest number is black and the largest white. Filters 2 to \
                  16 are fixed."}
            </p>
        </>
    }
}

/// Red, green and blue of a pixel from 0 to 1, rounded to hundredths so that they are easy to type
/// and read.
fn pixel(picture: &Picture, (x, y): (u32, u32)) -> [f32; 3] {
    let inside = x < picture.width && y < picture.height;
    if inside {
        picture.pixel(x, y).map(|colour| (f32::from(colour) / 2.55).round() / 100.0)
    } else {
        [0.0; 3]
    }
}

/// The reader's filter and as many fixed ones as are wanted, no two of them equal.
fn bank(own: &[f32; 3], count: usize) -> Vec<Vec<f32>> {
    let fixed = (1..count).map(|index| {
        let turn = index as f32 * 2.399_963;
        vec![turn.sin(), (turn * 1.7 + 1.0).sin(), (turn * 2.3 + 2.0).sin()]
    });
    std::iter::once(own.to_vec()).chain(fixed).collect()
}

/// The output channels as grey pictures.
fn maps(picture: &Picture, bank: &[Vec<f32>]) -> Vec<Picture> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let planes = (0..3)
        .flat_map(|channel| picture.rgb.iter().skip(channel).step_by(3))
        .map(|colour| f32::from(*colour) / 255.0)
        .collect();
    let made = Channels::new(3, height, width, planes).and_then(|channels| apply(&channels, bank));
    let Ok(made) = made else { return Vec::new() };
    let grey = made.values().chunks_exact(width * height).map(grey);
    grey.map(|plane| Picture {
        width: picture.width,
        height: picture.height,
        rgb: plane.into_iter().flat_map(|shade| [shade; 3]).collect(),
    })
    .collect()
}

/// A mark at the chosen pixel.
fn cross((x, y): (u32, u32)) -> Html {
    let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
    html! {
        <svg class="shot-cross" viewBox={format!("0 0 {SIDE} {SIDE}")} aria-hidden="true">
            <circle class="cross-ground" cx={x.to_string()} cy={y.to_string()} r="4" />
            <circle class="cross-line" cx={x.to_string()} cy={y.to_string()} r="4" />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use resnette_picture::drawn;

    use super::*;

    #[test]
    fn brightness_of_grey_is_grey() {
        let picture = Picture { width: 2, height: 1, rgb: vec![0, 0, 0, 255, 255, 255] };
        let maps = maps(&picture, &bank(&FILTERS[0].1, 1));
        assert_eq!(maps, [Picture { width: 2, height: 1, rgb: vec![0, 0, 0, 255, 255, 255] }]);
        assert_eq!(pixel(&picture, (1, 0)), [1.0; 3]);
        assert_eq!(pixel(&picture, (2, 0)), [0.0; 3]);
    }

    #[test]
    fn every_filter_makes_a_channel_of_its_own() {
        let maps = maps(&drawn::draw(1, 0, 1, SIDE), &bank(&FILTERS[1].1, MOST));
        assert_eq!(maps.len(), MOST);
        for (index, map) in maps.iter().enumerate() {
            assert!(maps[..index].iter().all(|other| other != map), "{index}");
        }
    }
}
