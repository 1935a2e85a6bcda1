//! The confusion matrix, with precision and recall, and the pictures behind each cell.

use resnette_protocol::predict::{Evaluation, TopLoss};
use resnette_spec::confusion::{MixUp, most_confused, per_class};
use web_sys::Element;
use yew::prelude::*;

use crate::predict::measured_pictures::MeasuredPictures;
use crate::shell::platform;
use crate::widgets::format;

/// The largest number of pictures that a cell shows.
const SHOWN: usize = 24;

/// The largest number of confusions that are put into words.
const MIX_UPS: usize = 5;

/// How often a confusion has to happen to be put into words.
const MIN_VAL: u32 = 2;

/// Properties of [`Confusion`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The results on the validation pictures.
    pub evaluation: std::rc::Rc<Evaluation>,
}

/// The confusion matrix, with a row for each true class and a column for each predicted one. A
/// click on a cell shows its pictures.
#[component]
pub fn Confusion(props: &Props) -> Html {
    let evaluation = &props.evaluation;
    let cell = use_state(|| None::<(usize, usize)>);
    {
        let cell = cell.clone();
        // Another evaluation has other pictures, so the open cell is closed.
        use_effect_with(evaluation.clone(), move |_| cell.set(None));
    }
    let pictures_ref = use_node_ref();
    {
        let pictures = pictures_ref.clone();
        use_effect_with(*cell, move |cell| {
            if let Some(pictures) = pictures.cast::<Element>().filter(|_| cell.is_some()) {
                platform::bring_into_sight(&pictures);
            }
        });
    }
    let scores = per_class(&evaluation.confusion);
    let count = |truth: usize, guess: usize, count: u32| {
        if count == 0 {
            return html! { <span aria-hidden="true">{"·"}</span> };
        }
        let open = *cell == Some((truth, guess));
        let onclick = {
            let cell = cell.clone();
            Callback::from(move |_: MouseEvent| {
                cell.set(if open { None } else { Some((truth, guess)) })
            })
        };
        let label = format!(
            "{}: {} predicted as {}",
            evaluation.classes[truth], count, evaluation.classes[guess]
        );
        html! {
            <button type="button" class="cell" aria-label={label} aria-pressed={open.to_string()}
                {onclick}>
                {count}
            </button>
        }
    };
    let classes = evaluation.classes.len();
    let rows = evaluation.classes.iter().zip(&evaluation.confusion).zip(&scores).enumerate();
    html! {
        <>
            <div class="table-room" tabindex="0" role="region" aria-label="Confusion matrix">
                <table class="confusion" translate="no">
                    <caption>
                        {"Confusion matrix: a row for what a picture is, a column for what the \
                          network says. Press a number to see its pictures."}
                    </caption>
                    <thead><tr>
                        <td></td>
                        {for evaluation.classes.iter().map(|name| html! {
                            <th scope="col"><span>{name}</span></th>
                        })}
                        <th scope="col"><span>{"recall"}</span></th>
                    </tr></thead>
                    <tbody>
                        {for rows.map(|(truth, ((name, row), score))| {
                            let sum = row.iter().sum::<u32>().max(1);
                            html! {
                                <tr>
                                    <th scope="row">{name}</th>
                                    {for row.iter().take(classes).enumerate().map(|(guess, said)| {
                                        let pictures = *said;
                                        let kind = if guess == truth { "hit" } else { "miss" };
                                        html! {
                                            <td class={classes!(kind, shade(pictures, sum))}>
                                                {count(truth, guess, pictures)}
                                            </td>
                                        }
                                    })}
                                    <td>{format::percent(score.recall)}</td>
                                </tr>
                            }
                        })}
                    </tbody>
                    <tfoot><tr>
                        <th scope="row">{"precision"}</th>
                        {for scores.iter().map(|score| html! {
                            <td>{format::percent(score.precision)}</td>
                        })}
                        <td></td>
                    </tr></tfoot>
                </table>
            </div>
            <div ref={pictures_ref} aria-live="polite">
                if let Some((truth, guess)) = *cell {
                    {behind(evaluation, truth, guess)}
                }
            </div>
            <p class="help">
                {"Recall: of the pictures that belong to a class, the share that the network puts \
                  in it. Precision: of the pictures that the network puts in a class, the share \
                  that belongs there."}
            </p>
            {mix_ups(evaluation)}
        </>
    }
}

/// The largest numbers off the diagonal, in words.
fn mix_ups(evaluation: &Evaluation) -> Html {
    let found = most_confused(&evaluation.confusion, MIN_VAL);
    if found.is_empty() {
        return Html::default();
    }
    let name = |class: usize| evaluation.classes.get(class).map_or("", String::as_str);
    html! {
        <>
            <h3>{"Most often mixed up"}</h3>
            <ol class="mix-ups" aria-label="Most often mixed up">
                {for found.into_iter().take(MIX_UPS).map(|MixUp { truth, guess, pictures }| html! {
                    <li>
                        {format!(
                            "{} mistaken for {}: {}",
                            name(truth), name(guess), format::plural(pictures.into(), "picture")
                        )}
                    </li>
                })}
            </ol>
        </>
    }
}

/// The pictures of a cell.
fn behind(evaluation: &Evaluation, truth: usize, guess: usize) -> Html {
    let found = of_cell(evaluation, truth, guess);
    let all = evaluation.confusion.get(truth).and_then(|row| row.get(guess)).copied().unwrap_or(0);
    let names = (&evaluation.classes[truth], &evaluation.classes[guess]);
    let some = if (found.len() as u32) < all {
        format!(", the first {} of {all}, largest loss first", found.len())
    } else {
        String::new()
    };
    html! {
        <section class="cell-pictures" aria-label="Pictures of the cell">
            <h3>{format!("{}, predicted as {}{some}", names.0, names.1)}</h3>
            <MeasuredPictures classes={evaluation.classes.clone()} pictures={found} />
        </section>
    }
}

fn of_cell(evaluation: &Evaluation, truth: usize, guess: usize) -> Vec<TopLoss> {
    let own = evaluation
        .pictures
        .iter()
        .filter(|picture| picture.truth as usize == truth && picture.guess as usize == guess);
    own.take(SHOWN).cloned().collect()
}

/// The class of one of six shades.
fn shade(count: u32, sum: u32) -> String {
    format!("shade-{}", (f64::from(count) / f64::from(sum) * 5.0).ceil().min(5.0))
}

#[cfg(test)]
mod tests {
    use resnette_picture::Picture;

    use super::*;

    #[test]
    fn shades_begin_at_nothing_and_end_at_all() {
        assert_eq!(
            [shade(0, 50), shade(1, 50), shade(25, 50), shade(50, 50)],
            ["shade-0", "shade-1", "shade-3", "shade-5"]
        );
    }

    #[test]
    fn a_cell_has_its_own_pictures() {
        let picture = |truth, guess, loss| TopLoss {
            seen: Picture { width: 1, height: 1, rgb: vec![0; 3] },
            guess,
            confidence: 0.5,
            truth,
            loss,
            probability: 0.5,
        };
        let pictures =
            vec![picture(0, 1, 3.0), picture(1, 0, 2.0), picture(0, 1, 1.0), picture(0, 0, 0.1)];
        let evaluation = Evaluation { pictures, ..Evaluation::default() };
        let losses = |truth, guess| {
            of_cell(&evaluation, truth, guess).iter().map(|top| top.loss).collect::<Vec<_>>()
        };
        assert_eq!((losses(0, 1), losses(1, 0), losses(1, 1)), (vec![3.0, 1.0], vec![2.0], vec![]));
    }
}
