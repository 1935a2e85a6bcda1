//! `resnette evaluate`: measures a network on the validation set.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use resnette_engine::predict;
use resnette_engine::predict::classify::Classifier;
use resnette_protocol::predict::Evaluation;
use resnette_spec::confusion::{MixUp, most_confused, per_class};
use resnette_spec::recorded::RecordedRun;
use resnette_spec::run_link;

use crate::arguments::{Common, settings_from};
use crate::epoch_times::add_times;
use crate::like::LikeArgs;
use crate::output::print;
use crate::predict::open;
use crate::{device, drawn_samples, pictures, unlike, whole_file};

/// Maximum number of confused pairs of classes that are listed.
const MAX_CONFUSIONS: usize = 8;

/// Arguments of `evaluate`.
#[derive(Clone, Debug, clap::Args)]
pub struct EvaluateArgs {
    #[command(flatten)]
    common: Common,
    /// Network: a safetensors file.
    #[arg(long)]
    model: PathBuf,
    #[command(flatten)]
    like: LikeArgs,
    /// Write the network's run and what was measured into this file (JSON), for the page to show.
    #[arg(long)]
    record: Option<PathBuf>,
    /// The run's history.csv, from which --record takes how long the epochs took: the file of a
    /// network does not say it.
    #[arg(long, requires = "record")]
    table: Option<PathBuf>,
    /// List mix-ups of two classes that happen at least so often: fastai's most_confused(min_val).
    #[arg(long, default_value_t = 1)]
    min_val: u32,
    /// Also say how many of the ten drawn pictures that the page's Predict offers are named
    /// correctly.
    #[arg(long)]
    samples: bool,
    /// Also say how many pictures of none of the classes are flagged as unlike anything that the
    /// network was trained on: plain colours, noise, drawn backgrounds and faces.
    #[arg(long)]
    unlike: bool,
    /// A folder of pictures of none of the classes, for --unlike. May be given several times.
    #[arg(long, value_name = "FOLDER", requires = "unlike")]
    others: Vec<PathBuf>,
    /// Replace the file of --record if there is one.
    #[arg(long, requires = "record")]
    force: bool,
}

/// Measures a network and prints the results as Markdown, as the page shows them. The settings
/// select the pictures; their size, the augmentation and the loss are those of the network.
///
/// # Errors
/// If a setting is refused, the model or the pictures cannot be used, the engine does not start, or
/// the record cannot be written.
pub async fn evaluate(args: EvaluateArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.record {
        whole_file::try_out(path, args.force)?;
    }
    let mut wanted = settings_from(&args.common.settings)?;
    device::use_threads(wanted.threads)?;
    let (device, _) = device::start(args.common.engine).await?;
    let (file, network) = open(&args.model, &args.like, &device)?;
    if args.samples {
        drawn_samples::check(&file.info.classes)?;
    }
    wanted.data.size = file.info.size;
    wanted.recipe.see_as(&file.config.recipe);
    wanted.recipe.smoothing = file.config.recipe.smoothing;
    let set = Arc::new(
        pictures::load(&wanted, args.common.data.as_deref(), &args.common.corrections.read()?)
            .await?,
    );
    let classifier = Classifier {
        network: &network,
        info: &file.info,
        device: &device,
        familiarity: file.familiarity.as_ref(),
    };
    let found = predict::evaluate::evaluate(classifier, &wanted, &set, None, async || {}).await?;
    print(render(&found, args.min_val))?;
    if args.samples {
        print(drawn_samples::measure(classifier).await?)?;
    }
    if args.unlike {
        print(unlike::measure(classifier, &args.others).await?)?;
    }
    let Some(path) = args.record else { return Ok(()) };
    let mut rows = file.info.history;
    if let Some(table) = &args.table {
        add_times(&mut rows, table)?;
    }
    let link = run_link(&file.config);
    let run =
        RecordedRun { link, rows, accuracy: found.accuracy, top5: found.top5, tta: found.tta };
    Ok(whole_file::write(&path, &serde_json::to_vec(&run)?)?)
}

fn render(found: &Evaluation, min_val: u32) -> String {
    let mut out = String::new();
    let percent = |share: f32| share * 100.0;
    let _ = writeln!(
        out,
        "Accuracy {:.2} %, top-5 {:.2} %, with test-time augmentation {:.2} %\n",
        percent(found.accuracy),
        percent(found.top5),
        percent(found.tta)
    );
    let names = &found.classes;
    let _ = writeln!(out, "| is \\ said to be | {} | recall | precision |", names.join(" | "));
    let _ = writeln!(out, "|--|{}", "--:|".repeat(names.len() + 2));
    for ((name, row), score) in names.iter().zip(&found.confusion).zip(per_class(&found.confusion))
    {
        let cells: Vec<String> = row.iter().map(u32::to_string).collect();
        let _ = writeln!(
            out,
            "| {name} | {} | {:.1} % | {:.1} % |",
            cells.join(" | "),
            percent(score.recall),
            percent(score.precision)
        );
    }
    let _ = writeln!(out, "\nMost often mixed up:\n");
    for MixUp { truth, guess, pictures } in
        most_confused(&found.confusion, min_val).into_iter().take(MAX_CONFUSIONS)
    {
        let of: u32 = found.confusion[truth].iter().sum();
        let _ = writeln!(out, "- {} said to be {}: {pictures} of {of}", names[truth], names[guess]);
    }
    let _ = writeln!(out, "\nLargest losses:\n");
    let class = |class: u32| names.get(class as usize).map_or("", String::as_str);
    for top in &found.top_losses {
        let _ = writeln!(
            out,
            "- {}, said to be {} with {:.0} % (loss {:.2}, {:.2} % for the truth)",
            class(top.truth),
            class(top.guess),
            percent(top.confidence),
            top.loss,
            percent(top.probability)
        );
    }
    render_reliability(&mut out, found);
    out
}

/// The bins of the reliability diagram that have pictures.
fn render_reliability(out: &mut String, found: &Evaluation) {
    let percent = |share: f32| share * 100.0;
    let error = percent(found.reliability.error);
    let _ = writeln!(out, "\nProbabilities are off by {error:.1} % on average:\n");
    let _ = writeln!(out, "| probability of the first guess | pictures | of these right |");
    let _ = writeln!(out, "|--:|--:|--:|");
    for bin in found.reliability.bins.iter().filter(|bin| bin.pictures > 0) {
        let (said, right) = (percent(bin.confidence), percent(bin.accuracy));
        let _ = writeln!(out, "| {said:.1} % | {} | {right:.1} % |", bin.pictures);
    }
}

#[cfg(test)]
mod tests {
    use resnette_protocol::predict::{Reliability, ReliabilityBin};

    use super::*;

    #[test]
    fn the_table_has_every_number() {
        let found = Evaluation {
            classes: vec!["dog".into(), "cat".into()],
            confusion: vec![vec![3, 1], vec![2, 4]],
            accuracy: 0.7,
            top5: 1.0,
            tta: 0.75,
            reliability: Reliability {
                bins: vec![
                    ReliabilityBin::default(),
                    ReliabilityBin { pictures: 10, confidence: 0.81, accuracy: 0.7 },
                ],
                error: 0.11,
            },
            ..Evaluation::default()
        };
        let mix_ups = |min_val| render(&found, min_val).matches(" said to be ").count();
        // Beside the one in the table's head.
        assert_eq!([1, 2, 3].map(mix_ups), [3, 2, 1]);
        let text = render(&found, 1);
        for part in [
            "70.00 %",
            "75.00 %",
            "| dog | 3 | 1 | 75.0 % | 60.0 % |",
            "| cat | 2 | 4 | 66.7 % | 80.0 % |",
            "- cat said to be dog: 2 of 6",
            "off by 11.0 % on average:\n\n",
            "|--:|--:|--:|\n| 81.0 % | 10 | 70.0 % |\n",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
