//! The demo of the evidence for a class in each cell of the last grid, and of its mean.

use resnette_lesson::Grid;
use resnette_protocol::lesson::{Look, Request};
use yew::prelude::*;

use crate::lesson::demos::cell_layout::{largest, tint};
use crate::lesson::demos::cells::Cells;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::Slider;
use crate::lesson::demos::experiment::Experiment;
use crate::lesson::demos::figures::figure;
use crate::lesson::demos::picture_chooser::PictureChooser;
use crate::lesson::demos::residual::BLOCK;
use crate::shell::commands::use_commands;
use crate::widgets::picture::PictureView;

/// Properties of [`EvidenceMap`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the picture and what was found in it.
    pub context: DemoContext,
}

/// The demo of the evidence in each cell of the last grid.
#[component]
pub fn EvidenceMap(props: &Props) -> Html {
    let commands = use_commands();
    let size = use_state(|| 128_u32);
    let chosen = use_state(|| 0_usize);
    let context = &props.context;
    let look = context.lesson.look.clone();
    let ask = move |size: u32, context: &DemoContext, block: u32| Request::Look {
        picture: (*context.chosen_picture.picture).clone(),
        size,
        block,
        seed: context.seed(),
    };
    let block = look.as_ref().map_or(BLOCK, |look| look.block.block);
    let on_size = {
        let (size, context, again) = (size.clone(), context.clone(), look.is_some());
        Callback::from(move |value: f64| {
            size.set(value as u32);
            // Once there is an answer, another size starts the experiment again.
            if again && context.lesson.busy.is_none() {
                commands.experiment(ask(value as u32, &context, block));
            }
        })
    };
    html! {
        <>
            <div class="knob-row">
                <PictureChooser id="evidence-picture"
                    chosen_picture={context.chosen_picture.clone()}
                    on_picture={context.on_picture.clone()} />
                <Slider id="evidence-size" label="Seen at" min=64.0 max=256.0 step=32.0
                    value={f64::from(*size)} shown={format!("{} px", *size)} on_change={on_size} />
            </div>
            <Experiment label="Look at the picture" ask={ask(*size, context, block)}
                context={context.clone()}
                about={
                    "with the network of this page's run; where there is none, the lesson trains \
                     a small one first"
                } />
            if let Some(look) = &look { {found(look, *chosen, &chosen, context)} }
        </>
    }
}

fn found(look: &Look, chosen: usize, set: &UseStateHandle<usize>, context: &DemoContext) -> Html {
    let Some(evidence) = look.classes.get(chosen).or(look.classes.first()) else {
        return Html::default();
    };
    let (rows, columns) = (look.grid[0] as usize, look.grid[1] as usize);
    let Ok(grid) = Grid::new(rows, columns, evidence.cells.clone()) else { return Html::default() };
    let chips = look.classes.iter().enumerate().map(|(index, class)| {
        let set = set.clone();
        let pressed = class == evidence;
        html! {
            <button key={index} type="button" class="chip" aria-pressed={pressed.to_string()}
                onclick={move |_: MouseEvent| set.set(index)}>
                {format!("{} {}", class.class, figure(class.score, 2))}
            </button>
        }
    });
    let mean = figure(grid.mean(), 3);
    html! {
        <>
            <p class="help">{format!("Seen by {}.", look.network)}</p>
            <div class="chips" role="group"
                aria-label="Class whose evidence is shown, with its score">
                {for chips}
            </div>
            <div class="panels">
                <figure>
                    <div class="shot-room">
                        <PictureView picture={(*context.chosen_picture.picture).clone()}
                            label={format!("The picture: {}", context.chosen_picture.name)} />
                        {over(&grid)}
                    </div>
                    <figcaption>
                        {format!("Evidence for {}: blue for, orange against", evidence.class)}
                    </figcaption>
                </figure>
                if columns <= 8 {
                    <figure>
                        <div class="drawing-room">
                            <Cells grid={grid.clone()} digits=1
                                label={format!(
                                    "Evidence for {} in {rows} × {columns} cells, mean {mean}",
                                    evidence.class
                                )} />
                        </div>
                        <figcaption>
                            {format!("The head at each of the {rows} × {columns} cells")}
                        </figcaption>
                    </figure>
                }
            </div>
            <p class="demo-says" aria-live="polite">
                {format!("The mean of the {} cells is ", rows * columns)}
                <b>{mean}</b>
                {format!(", and the network's score for {} is ", evidence.class)}
                <b>{figure(evidence.score, 3)}</b>
                {": the same number, since a mean of scores is the score of the mean."}
            </p>
        </>
    }
}

/// Tinted cells over the picture.
fn over(grid: &Grid) -> Html {
    let scale = largest(grid.values());
    let cells = (0..grid.height())
        .flat_map(|row| (0..grid.width()).map(move |column| (row, column)))
        .map(|(row, column)| {
            let value = grid.get(row, column).unwrap_or_default();
            html! {
                <rect class={if value < 0.0 { "over-below" } else { "over-above" }}
                    x={column.to_string()} y={row.to_string()} width="1" height="1"
                    fill-opacity={format!("{:.3}", tint(value, scale, 0.75))} />
            }
        });
    html! {
        <svg class="shot-cross" viewBox={format!("0 0 {} {}", grid.width(), grid.height())}
            preserveAspectRatio="none" aria-hidden="true">
            {for cells}
        </svg>
    }
}
