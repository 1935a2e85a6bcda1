//! The confusion matrix.

use yew::prelude::*;

use crate::protocol::predict::Evaluation;
use crate::ui::text;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The network, measured.
    pub evaluation: std::rc::Rc<Evaluation>,
}

/// The matrix: a row is a truth, a column a guess.
#[component]
pub fn Confusion(props: &Props) -> Html {
    let evaluation = &props.evaluation;
    html! {
        <div class="table-room" tabindex="0" role="region" aria-label="Confusion matrix">
            <table class="confusion">
                <caption>{"Confusion matrix: a row for what a picture is, a column for what the network says"}</caption>
                <thead><tr>
                    <td></td>
                    {for evaluation.classes.iter().map(|name| html! { <th scope="col"><span>{name}</span></th> })}
                    <th scope="col"><span>{"right"}</span></th>
                </tr></thead>
                <tbody>{for evaluation.classes.iter().zip(&evaluation.confusion).enumerate().map(|(truth, (name, row))| {
                    let sum = row.iter().sum::<u32>().max(1);
                    let right = row.get(truth).copied().unwrap_or(0);
                    html! {
                        <tr>
                            <th scope="row">{name}</th>
                            {for row.iter().enumerate().map(|(guess, &count)| {
                                let kind = if guess == truth { "hit" } else { "miss" };
                                html! { <td class={classes!(kind, shade(count, sum))}>{if count == 0 { String::new() } else { count.to_string() }}</td> }
                            })}
                            <td>{text::percent(right as f32 / sum as f32)}</td>
                        </tr>
                    }
                })}</tbody>
            </table>
        </div>
    }
}

/// One of six shades.
fn shade(count: u32, sum: u32) -> String {
    format!("shade-{}", (f64::from(count) / f64::from(sum) * 5.0).ceil().min(5.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_begin_at_nothing_and_end_at_all() {
        assert_eq!([shade(0, 50), shade(1, 50), shade(25, 50), shade(50, 50)], ["shade-0", "shade-1", "shade-3", "shade-5"]);
    }
}
