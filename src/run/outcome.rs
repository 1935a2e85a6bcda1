//! How good a run is, and what to try next: in words, from its table.

use resnette_spec::Source;
use resnette_spec::epoch::EpochRow;

use crate::run::book_runs::RUNS;
use crate::widgets::format;

/// The best accuracy of ours on 1,500 photos: a run of 30 epochs with Mixup (docs/results.md).
const PHOTOS: f32 = 0.718;
/// The best accuracy of ours on drawings: 300 a class, 20 epochs (docs/results.md).
const DRAWINGS: f32 = 0.97;
/// From so many photos on, [`PHOTOS`] is no measure any more.
const MANY_PHOTOS: u64 = 3_000;

/// What is known about a run that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Its table.
    pub rows: &'a [EpochRow],
    /// The epoch whose network it has, if it kept its best one.
    pub kept: Option<u32>,
    /// The number of its classes.
    pub classes: usize,
    /// The number of pictures that it was validated with, if that is known.
    pub validated: Option<u64>,
    /// The largest number of pictures that it was trained on, by its settings.
    pub trained: u64,
    /// Where its pictures came from.
    pub source: Source,
    /// Whether its losses in training are measured on blends of pictures.
    pub mixup: bool,
}

/// How good the run is, what that can be compared with, and what to try next, as a sentence or two
/// each; nothing if it has no epoch.
pub fn sentences(facts: &Facts) -> Vec<String> {
    let Some(last) = facts.rows.last() else { return Vec::new() };
    if !last.valid_loss.is_finite() || !last.train_loss.is_finite() {
        return vec![
            "The loss is not a number any more, so the run has come to nothing. Try a third of \
             the learning rate."
                .into(),
        ];
    }
    let kept = facts.rows.iter().find(|row| Some(row.epoch) == facts.kept);
    vec![result(facts, kept.unwrap_or(last)), comparison(facts), next(facts, last)]
}

fn result(facts: &Facts, last: &EpochRow) -> String {
    let of = facts.validated.map_or("the validation pictures".into(), |pictures| {
        format!("{} validation pictures", format::count(pictures))
    });
    let words = format!(
        "The network names {} of {of} correctly; guessing one of {} classes would get {}.",
        format::percent(last.accuracy),
        facts.classes,
        format::percent(guessing(facts))
    );
    match guesses(facts, last) {
        true if last.accuracy <= guessing(facts) => words + " That is no better than guessing.",
        true => words + " That is hardly better than guessing.",
        false => words,
    }
}

/// The accuracy of a guess.
fn guessing(facts: &Facts) -> f32 {
    1.0 / facts.classes.max(1) as f32
}

/// Whether the accuracy may be one of guesses: it is at most two standard errors above.
fn guesses(facts: &Facts, last: &EpochRow) -> bool {
    let guess = guessing(facts);
    // Where the number of pictures is not known, a fifth above a guess is taken for one.
    let error = facts
        .validated
        .map_or(guess / 10.0, |pictures| (guess * (1.0 - guess) / pictures.max(1) as f32).sqrt());
    last.accuracy <= guess + 2.0 * error
}

fn comparison(facts: &Facts) -> String {
    let [five, twenty] = RUNS.map(|run| {
        let accuracy = run.rows.last().map_or(0.0, |row| row[2]);
        (format::percent(accuracy as f32), run.rows.len())
    });
    match facts.source {
        Source::Drawn => format!(
            "These are drawings, which are easier than photos: 90 % on drawings is not 90 % on \
             photos, of which this network knows nothing. With 300 drawings a class and 20 epochs \
             ours got {}.",
            format::percent(DRAWINGS)
        ),
        Source::HuggingFace | Source::Url => {
            let few = match facts.trained < MANY_PHOTOS {
                true => {
                    format!("; with 1,500 photos the best of ours got {}", format::percent(PHOTOS))
                }
                false => String::new(),
            };
            format!(
                "The book’s ResNet gets {} in {} epochs and its ResNet-50 {} in {}, both on all \
                 9,469 photos{few}.",
                five.0, five.1, twenty.0, twenty.1
            )
        }
        Source::Files => "These are pictures of your own, for which there are no figures to compare \
                          with but those of your other runs. Pictures that look alike make it easy: \
                          try it on new ones."
            .into(),
    }
}

fn next(facts: &Facts, last: &EpochRow) -> String {
    let before = facts.rows.iter().rev().nth(1);
    let lowest = facts.rows.iter().map(|row| row.valid_loss).fold(f32::INFINITY, f32::min);
    let by_heart =
        !facts.mixup && last.train_loss < 0.5 * last.valid_loss && last.valid_loss > 1.1 * lowest;
    let words = if guesses(facts, last) {
        "train for more epochs, or look for a better learning rate (“Which learning rate?”)."
    } else if by_heart {
        "more pictures a class, stronger augmentation or Mixup. valid_loss has risen while \
         train_loss went on falling: the network has begun to learn its pictures by heart."
    } else if before.is_some_and(|before| is_better(last, before)) {
        "more epochs, as it was still getting better in the last one."
    } else {
        "more pictures a class or a wider network, as it had stopped getting better."
    };
    format!("What to try next: {words}")
}

/// Whether an epoch was plainly better than the one before.
fn is_better(last: &EpochRow, before: &EpochRow) -> bool {
    last.accuracy >= before.accuracy + 0.01 || last.valid_loss < 0.99 * before.valid_loss
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: u32, train_loss: f32, valid_loss: f32, accuracy: f32) -> EpochRow {
        EpochRow { epoch, train_loss, valid_loss, accuracy, ..EpochRow::default() }
    }

    fn facts(rows: &[EpochRow], source: Source) -> Facts<'_> {
        Facts {
            rows,
            kept: None,
            classes: 10,
            validated: Some(300),
            trained: 1_000,
            source,
            mixup: false,
        }
    }

    #[test]
    fn a_result_stands_beside_guessing_and_what_others_got() {
        let rows = [row(0, 2.0, 1.9, 0.4), row(1, 1.5, 1.4, 0.65)];
        let told = sentences(&facts(&rows, Source::HuggingFace));
        assert_eq!(
            told[0],
            "The network names 65.0 % of 300 validation pictures correctly; guessing one of 10 \
             classes would get 10.0 %."
        );
        let kept = Facts { kept: Some(0), ..facts(&rows, Source::HuggingFace) };
        assert!(sentences(&kept)[0].contains("names 40.0 % of 300"));
        assert!(told[1].contains("75.7 % in 5 epochs") && told[1].contains("87.3 % in 20"));
        assert!(told[1].contains("1,500 photos") && told[2].contains("still getting better"));
        let many = Facts { trained: 9_469, ..facts(&rows, Source::HuggingFace) };
        assert!(!comparison(&many).contains("1,500"));
        let drawn = sentences(&facts(&rows, Source::Drawn));
        assert!(drawn[1].contains("not 90 % on photos") && !drawn[1].contains("75.7 %"));
        let own = Facts { classes: 2, validated: None, ..facts(&rows, Source::Files) };
        assert!(sentences(&own)[0].contains("of the validation pictures correctly"));
        assert!(sentences(&own)[0].contains("one of 2 classes would get 50.0 %"));
    }

    #[test]
    fn what_to_try_follows_from_the_table() {
        let told = |rows: &[EpochRow]| next(&facts(rows, Source::Drawn), &rows[rows.len() - 1]);
        assert!(told(&[row(0, 2.3, 2.3, 0.12)]).contains("learning rate"));
        let flat = [row(0, 1.0, 1.1, 0.7), row(1, 0.9, 1.1, 0.7)];
        assert!(told(&flat).contains("stopped getting better"));
        let falls = [row(0, 2.2, 2.0, 0.37), row(1, 2.1, 1.9, 0.35)];
        assert!(told(&falls).contains("more epochs"), "the loss still falls");
        let by_heart = [row(0, 1.0, 1.1, 0.7), row(1, 0.2, 1.4, 0.72)];
        assert!(told(&by_heart).contains("by heart"));
        let blends = Facts { mixup: true, ..facts(&by_heart, Source::Drawn) };
        assert!(!next(&blends, &by_heart[1]).contains("by heart"));
    }

    #[test]
    fn a_run_without_figures_is_not_praised() {
        assert!(sentences(&facts(&[], Source::Drawn)).is_empty());
        let broken = [row(0, f32::NAN, f32::NAN, 0.1)];
        assert!(sentences(&facts(&broken, Source::Drawn))[0].contains("learning rate"));
        let guess = [row(0, 2.3, 2.3, 0.13)];
        assert!(result(&facts(&guess, Source::Drawn), &guess[0]).contains("hardly better"));
        let worse = [row(0, 2.3, 2.3, 0.075)];
        assert!(result(&facts(&worse, Source::Drawn), &worse[0]).contains("no better"));
    }
}
