//! What a block adds to its input on a real picture.

use resnette_picture::Picture;
use resnette_protocol::lesson::{Channel, Look, Request};
use yew::prelude::*;

use crate::lesson::demos::cell_layout::largest;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::Slider;
use crate::lesson::demos::experiment::Experiment;
use crate::lesson::demos::figures::{figure, shape};
use crate::lesson::demos::picture_chooser::PictureChooser;
use crate::shell::commands::use_commands;
use crate::widgets::format::percent;
use crate::widgets::picture::PictureView;

/// Side at which the network sees the picture, unless the evidence map has chosen another.
const SIZE: u32 = 128;
/// The index of the block that is shown first: of the network that comes with the page the last of
/// its second stage, whose grid has many cells.
pub const BLOCK: u32 = 3;
/// Stands for the last stage of any network.
pub const LAST: u32 = u32::MAX;

/// Properties of [`Residual`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the picture and what was found in it.
    pub context: DemoContext,
}

/// The demo of what a block adds to its input.
#[component]
pub fn Residual(props: &Props) -> Html {
    let commands = use_commands();
    let block = use_state(|| BLOCK);
    let context = &props.context;
    let look = context.lesson.look.clone();
    let (size, stage) = look.as_ref().map_or((SIZE, LAST), |look| (look.size, look.stage));
    let ask = move |block: u32, context: &DemoContext| Request::Look {
        picture: (*context.chosen_picture.picture).clone(),
        size,
        stage,
        block,
        seed: context.seed(),
    };
    let on_block = {
        let (block, context, again) = (block.clone(), context.clone(), look.is_some());
        Callback::from(move |value: f64| {
            let chosen = value as u32 - 1;
            block.set(chosen);
            if again && context.lesson.busy.is_none() {
                commands.look(ask(chosen, &context), context.shipped);
            }
        })
    };
    // How many blocks there are is not known until a network has looked.
    let blocks = look.as_ref().map_or(*block + 1, |look| look.block.blocks).max(1);
    let shown = (*block).min(blocks - 1) + 1;
    html! {
        <>
            <div class="knob-row">
                <PictureChooser id="residual-picture"
                    chosen_picture={context.chosen_picture.clone()}
                    on_picture={context.on_picture.clone()} />
                if look.is_some() {
                    <Slider id="residual-block" label="Block" min=1.0 max={f64::from(blocks)}
                        value={f64::from(shown)} shown={format!("{shown} of {blocks}")}
                        on_change={on_block} />
                }
            </div>
            <Experiment label="Look at the block" ask={ask(shown - 1, context)}
                context={context.clone()}
                about="uses the same network as the evidence map" />
            if let Some(look) = &look { {found(look)} }
        </>
    }
}

fn found(look: &Look) -> Html {
    let block = &look.block;
    let [_, height, width] = block.shape;
    let rows = block.channels.iter().map(|channel| {
        let [around, own] = scales(channel);
        let view = |values: &[f32], scale: f32, what: &str| {
            html! {
                <td>
                    <PictureView picture={signed(values, width, height, scale)} class="pixels"
                        label={format!("Channel {}, {what}", channel.channel)} />
                    <span class="help">{format!("±{}", figure(scale, 2))}</span>
                </td>
            }
        };
        html! {
            <tr key={channel.channel}>
                <th scope="row">{channel.channel}</th>
                {view(&channel.input, around, "its input")}
                {view(&channel.added, own, "what was added")}
                {view(&channel.output, around, "its output")}
            </tr>
        }
    });
    let says = if block.skip {
        format!(
            "What block {} added is {} of the size of its output.",
            block.block + 1,
            percent(block.share)
        )
    } else {
        format!(
            "Block {} has no skip connection: it does not add to its input, it replaces it.",
            block.block + 1
        )
    };
    html! {
        <>
            <p class="demo-says" aria-live="polite">
                {says}
                {format!(" Its output is {}.", shape(&block.shape.map(|side| side as usize)))}
            </p>
            <div class="table-room" tabindex="0" role="region" aria-label="Channels of the block">
                <table class="residual">
                    <thead>
                        <tr>
                            <th scope="col">{"channel"}</th>
                            <th scope="col">{"input: x"}</th>
                            <th scope="col">{"added: f(x)"}</th>
                            <th scope="col">{"output: ReLU(x + f(x))"}</th>
                        </tr>
                    </thead>
                    <tbody>{for rows}</tbody>
                </table>
            </div>
            <p class="help">
                {format!(
                    "The channels with the most added, seen by {}. White is 0, blue above it, \
                     orange below. In each row x and the output share a scale, and f(x) has its \
                     own: the number below a picture is the value of its strongest colours.",
                    look.network
                )}
            </p>
        </>
    }
}

/// The values of the strongest colours of a channel: one for input and output, so that they can be
/// compared, and one for what was added, which is often much smaller.
fn scales(channel: &Channel) -> [f32; 2] {
    [largest(&channel.input).max(largest(&channel.output)), largest(&channel.added)]
}

/// Numbers as pixels: white at 0, blue at `scale`, orange at minus `scale`.
fn signed(values: &[f32], width: u32, height: u32, scale: f32) -> Picture {
    const ABOVE: [f32; 3] = [43.0, 108.0, 176.0];
    const BELOW: [f32; 3] = [194.0, 65.0, 12.0];
    let pixel = |value: &f32| {
        let share =
            if scale > 0.0 && value.is_finite() { (value.abs() / scale).min(1.0) } else { 0.0 };
        let colour = if *value < 0.0 { BELOW } else { ABOVE };
        colour.map(|full| (255.0 + (full - 255.0) * share).round() as u8)
    };
    Picture { width, height, rgb: values.iter().flat_map(pixel).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_residual_is_seen_beside_a_large_input() {
        let channel = Channel {
            channel: 0,
            input: vec![8.0, 0.0],
            added: vec![-0.1, 0.2],
            output: vec![7.9, 0.2],
        };
        let [around, own] = scales(&channel);
        assert_eq!([around, own], [8.0, 0.2]);
        let full = signed(&[0.2], 1, 1, 0.2).rgb;
        assert_eq!(signed(&channel.added, 2, 1, own).rgb[3..], full);
        assert_eq!(signed(&channel.input, 2, 1, around).rgb[..3], full);
    }

    #[test]
    fn zero_is_white_and_the_ends_have_their_colours() {
        let picture = signed(&[0.0, 2.0, -2.0, f32::NAN], 4, 1, 2.0);
        assert_eq!(picture.rgb, [255, 255, 255, 43, 108, 176, 194, 65, 12, 255, 255, 255]);
        assert_eq!(signed(&[1.0], 1, 1, 0.0).rgb, [255; 3]);
    }
}
