//! `resnette lr-find`: searches for a learning rate.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;
use resnette_engine::train::lr_find::{LrFind, LrTick};
use resnette_engine::train::pretrained::Pretrained;
use resnette_spec::lr_curve::{LrPoint, LrSearch, STEPS};

use crate::arguments::{Common, settings_from};
use crate::fine_tune::open_base;
use crate::like::LikeArgs;
use crate::output::print;
use crate::{device, pictures};

/// Arguments of `lr-find`.
#[derive(Clone, Debug, clap::Args)]
pub struct LrFindArgs {
    #[command(flatten)]
    common: Common,
    /// Search for the rate of fine-tuning this network, with a new head and a frozen body: a ResNet
    /// of torchvision or timm, or a file of this program. Left out: for training from first
    /// weights.
    #[arg(long)]
    model: Option<PathBuf>,
    #[command(flatten)]
    like: LikeArgs,
}

/// Trains with increasing learning rates and prints the curve of the losses with the suggested
/// rates, as fastai's `lr_find` does.
///
/// # Errors
/// If a setting is refused, the model or the pictures cannot be used, or the engine fails.
pub async fn lr_find(LrFindArgs { common: args, model, like }: LrFindArgs) -> anyhow::Result<()> {
    let config = settings_from(&args.settings)?;
    let file = model.as_deref().map(|model| open_base(model, &like)).transpose()?;
    device::use_threads(config.threads)?;
    let data = pictures::load(&config, args.data.as_deref(), &args.corrections.read()?).await?;
    let (device, _) = device::start(args.engine).await?;
    let data = Arc::new(data);
    let mut finder = match &file {
        Some(file) => LrFind::fine_tune(config, data, &device, Pretrained::new(file, &device)?)?,
        None => LrFind::new(config, data, &device)?,
    };
    let bar = ProgressBar::new(u64::from(STEPS));
    while let LrTick::Tried(_) = finder.tick().await? {
        bar.inc(1);
    }
    bar.finish_and_clear();
    print(render(finder.search()))?;
    Ok(())
}

/// Renders the curve, with one line for each learning rate, and the suggestions.
fn render(search: &LrSearch) -> String {
    const WIDTH: f64 = 40.0;
    let least = search.points().iter().map(|point| point.smooth).fold(f64::INFINITY, f64::min);
    // The last points of a search whose loss blew up would flatten all others.
    let most = search.trimmed().iter().map(|point| point.smooth).fold(least, f64::max);
    let mut out = format!("{:>10}  {:>8}  {:>8}\n", "lr", "loss", "smoothed");
    for LrPoint { lr, loss, smooth } in search.points() {
        let share = (smooth - least) / (most - least).max(1e-9);
        let length = (share * WIDTH).round().clamp(0.0, WIDTH) as usize;
        let _ =
            writeln!(out, "{lr:>10.2e}  {loss:>8.4}  {smooth:>8.4}  {}", "█".repeat(length + 1));
    }
    match search.suggest() {
        Some(found) => {
            let _ = writeln!(
                out,
                "\nvalley {:.2e}   (fastai's default: try this one first)",
                found.valley
            );
            let _ = writeln!(
                out,
                "slide {:.2e}   minimum / 10 {:.2e}   steep {:.2e}",
                found.slide, found.minimum, found.steep
            );
        }
        None => {
            out += "\nThe loss blew up within 17 batches: too few to suggest a rate. Try other \
                    settings.\n"
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_printed_with_its_suggestions() {
        let mut search = LrSearch::default();
        for step in 0..100 {
            search.push(2.3 - (f64::from(step) / 100.0).powi(2));
        }
        let text = render(&search);
        assert_eq!(text.lines().count(), 1 + 100 + 3, "{text}");
        assert!(text.contains("1.00e-7") && text.contains("valley"), "{text}");
        assert!(render(&LrSearch::default()).contains("too few"));
        // However large a loss has become, the columns stay apart.
        let mut search = LrSearch::default();
        search.push(2.3);
        search.push(987_654_321.123_4);
        let text = render(&search);
        let last = text.lines().nth(2).unwrap_or_default();
        assert!(last.contains("  987654321.1234  "), "{text}");
    }
}
