//! Notes on what may surprise in the epoch table.

use resnette_spec::epoch::EpochRow;
use yew::prelude::*;

/// Properties of [`TableNotes`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The rows of the epochs that have ended.
    pub rows: Vec<EpochRow>,
    /// The Mixup of the run.
    pub mixup: f64,
}

/// Notes on what surprises in the table. They stay folded so that nothing moves during a run, and
/// their heading says when they are about this run.
#[component]
pub fn TableNotes(props: &Props) -> Html {
    let jump = jump(&props.rows);
    html! {
        <details class="card fold note">
            <summary>
                <h3>
                    {jump.map_or_else(
                        || "Why does valid_loss jump about?".to_string(),
                        |epoch| format!("valid_loss rose in epoch {epoch}: why that may happen"),
                    )}
                </h3>
            </summary>
            <p>
                {"In the middle of a run the learning rate is at its highest: every step moves the \
                  weights far, so the network that is measured at the end of an epoch is a \
                  snapshot of something in motion. It may be sure of itself and wrong, which costs \
                  much loss, while accuracy hardly moves. In the book's own run of 20 epochs \
                  valid_loss goes to 4.5 in epoch 2 and ends at 0.41. Once the rate falls, the \
                  weights settle, and so does the curve."}
            </p>
            <p>
                {"train_loss is a running mean over the last hundred batches or so, and so it lags \
                  behind at first."}
            </p>
            if props.mixup > 0.0 {
                <p>
                    {"This run uses Mixup or CutMix: train_loss is measured on two pictures in one, \
                      which nobody could get fully right. That is why it sits above valid_loss."}
                </p>
            }
        </details>
    }
}

/// The last epoch in which the validation loss rose by a tenth or more.
fn jump(rows: &[EpochRow]) -> Option<u32> {
    rows.windows(2)
        .rev()
        .find(|pair| pair[1].valid_loss > 1.1 * pair[0].valid_loss)
        .map(|pair| pair[1].epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rise_is_told() {
        let rows = |losses: &[f32]| -> Vec<EpochRow> {
            losses
                .iter()
                .zip(0..)
                .map(|(&valid_loss, epoch)| EpochRow { epoch, valid_loss, ..EpochRow::default() })
                .collect()
        };
        assert_eq!(jump(&rows(&[1.47, 2.05, 4.51, 2.57])), Some(2));
        assert_eq!(jump(&rows(&[1.8, 1.5, 1.55, 0.9])), None);
        assert_eq!(jump(&[]), None);
    }
}
