//! The demo of the evidence for a class in each cell of a stage's grid, and of its mean.

use resnette_lesson::Grid;
use resnette_protocol::lesson::{Look, Request};
use yew::prelude::*;

use crate::lesson::demos::cell_layout::{largest, tint};
use crate::lesson::demos::cells::Cells;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::{Chooser, Slider};
use crate::lesson::demos::experiment::Experiment;
use crate::lesson::demos::figures::figure;
use crate::lesson::demos::picture_chooser::PictureChooser;
use crate::lesson::demos::residual::{BLOCK, LAST};
use crate::shell::commands::use_commands;
use crate::widgets::format::count;
use crate::widgets::picture::PictureView;

/// Properties of [`EvidenceMap`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the picture and what was found in it.
    pub context: DemoContext,
}

/// The most columns of a grid whose cells are drawn apart from each other.
const MOST_DRAWN: usize = 16;
/// The most columns of a grid whose numbers are shown.
const MOST_NUMBERS: usize = 8;

/// The demo of the evidence in each cell of a stage's grid.
#[component]
pub fn EvidenceMap(props: &Props) -> Html {
    let commands = use_commands();
    let size = use_state(|| 128_u32);
    let chosen = use_state(|| 0_usize);
    let context = &props.context;
    let look = context.lesson.look.clone();
    let ask = move |size: u32, stage: u32, context: &DemoContext, block: u32| Request::Look {
        picture: (*context.chosen_picture.picture).clone(),
        size,
        stage,
        block,
        seed: context.seed(),
    };
    let block = look.as_ref().map_or(BLOCK, |look| look.block.block);
    let stage = look.as_ref().map_or(LAST, |look| look.stage);
    // Once there is an answer, another size or stage starts the experiment again.
    let again = {
        let (context, seen) = (context.clone(), look.is_some());
        move |size: u32, stage: u32| {
            if seen && context.lesson.busy.is_none() {
                commands.look(ask(size, stage, &context, block), context.shipped);
            }
        }
    };
    let on_size = {
        let (size, again) = (size.clone(), again.clone());
        Callback::from(move |value: f64| {
            size.set(value as u32);
            again(value as u32, stage);
        })
    };
    let on_stage = {
        let size = *size;
        Callback::from(move |stage: usize| again(size, stage as u32))
    };
    html! {
        <>
            <div class="knob-row">
                <PictureChooser id="evidence-picture"
                    chosen_picture={context.chosen_picture.clone()}
                    on_picture={context.on_picture.clone()} />
                <Slider id="evidence-size" label="Seen at" min=64.0 max=256.0 step=32.0
                    value={f64::from(*size)} shown={format!("{} px", *size)} on_change={on_size} />
                if let Some(look) = &look {
                    <Chooser id="evidence-stage" label="Grid of" options={stages(look.stages)}
                        chosen={Some(look.stage as usize)} on_change={on_stage} />
                }
            </div>
            <Experiment label="Look at the picture" ask={ask(*size, stage, context, block)}
                context={context.clone()}
                about={
                    "uses the network you trained or opened, or else the one that comes with this \
                     page"
                } />
            if let Some(look) = &look { {found(look, *chosen, &chosen, context)} }
        </>
    }
}

/// The stages of a network, to choose from.
fn stages(count: u32) -> Vec<AttrValue> {
    let name = |stage| {
        let last = if stage == count { ", which the head reads" } else { "" };
        AttrValue::from(format!("stage {stage}{last}"))
    };
    (1..=count).map(name).collect()
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
    // fastai's head is not linear, so that its cells have no scores of their own.
    let by_head = look.stage + 1 == look.stages && look.head_is_linear;
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
                        {format!(
                            "Evidence for {} in {rows} × {columns} cells: blue for, orange against",
                            evidence.class
                        )}
                    </figcaption>
                </figure>
                if columns <= MOST_NUMBERS {
                    <figure>
                        <div class="drawing-room">
                            <Cells grid={grid.clone()} digits=1
                                label={format!(
                                    "Evidence for {} in {rows} × {columns} cells, mean {mean}",
                                    evidence.class
                                )} />
                        </div>
                        <figcaption>
                            {if by_head {
                                format!("The head at each of the {rows} × {columns} cells")
                            } else {
                                format!("What each of the {rows} × {columns} cells contributes")
                            }}
                        </figcaption>
                    </figure>
                }
            </div>
            <p class="demo-says" aria-live="polite">
                {format!("The mean of the {} cells is ", count((rows * columns) as u64))}
                <b>{mean}</b>
                {format!(", and the network's score for {} is ", evidence.class)}
                <b>{figure(evidence.score, 3)}</b>
                {if by_head {
                    ": the same number, since a mean of scores is the score of the mean."
                } else {
                    ". Here a cell counts with what it contributes to the score through the later \
                     layers. The rest of the score comes from the constants that those layers add."
                }}
            </p>
        </>
    }
}

/// Tinted cells over the picture.
fn over(grid: &Grid) -> Html {
    let scale = largest(grid.values());
    let apart = (grid.width() <= MOST_DRAWN).then_some("over-cell");
    let cells = (0..grid.height())
        .flat_map(|row| (0..grid.width()).map(move |column| (row, column)))
        .map(|(row, column)| {
            let value = grid.get(row, column).unwrap_or_default();
            html! {
                <rect class={classes!(if value < 0.0 { "over-below" } else { "over-above" }, apart)}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_reads_the_last_stage() {
        assert_eq!(stages(3), ["stage 1", "stage 2", "stage 3, which the head reads"]);
    }
}
