//! `resnette bench`: measures training steps, or the decoding of pictures.

use std::path::PathBuf;

use resnette_engine::chip_of;
use resnette_engine::train::bench::measure;
use resnette_engine::train::product_rate::product_rate;
use resnette_spec::architecture::Architecture;
use resnette_spec::statistics::median;
use serde_json::json;

use crate::arguments::{EngineChoice, settings_from};
use crate::output::print_line;
use crate::{decoding, device};

/// Arguments of `bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Settings, as in the page's link; network, size and batch count.
    #[arg(default_value = "")]
    settings: String,
    /// Engine.
    #[arg(long, value_enum, default_value_t)]
    engine: EngineChoice,
    /// Measured steps that are waited for one by one.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    steps: u32,
    /// Steps before them, which compile and warm up; one at least.
    #[arg(long, default_value_t = 3)]
    warm_up: u32,
    /// Measure the decoding of the pictures there (parquet files, or a folder) in place of
    /// training steps.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["engine", "steps", "warm_up"])]
    pictures: Option<PathBuf>,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
}

/// Measures training steps on random pictures: forward pass, loss, backward pass and Adam, each
/// waited for, and then several with one read at the end, as in a run. On the CPU they run on
/// rayon's threads, whose number the setting `threads` or `RAYON_NUM_THREADS` sets.
///
/// # Errors
/// If a setting is refused, the engine does not start, or the pictures cannot be read.
pub async fn bench(args: BenchArgs) -> anyhow::Result<()> {
    let config = settings_from(&args.settings)?;
    if let Some(path) = &args.pictures {
        let rates = decoding::measure(&config, path).await?;
        match args.json {
            true => print_line(serde_json::to_string(&rates)?)?,
            false => print_line(format_args!(
                "{} pictures on one thread: {:.0} a second decoded, {:.0} a second decoded and \
                 shrunk for {} px",
                rates.pictures, rates.decoded_per_second, rates.kept_per_second, config.data.size
            ))?,
        }
        return Ok(());
    }
    device::use_threads(config.threads)?;
    let (device, _) = device::start(args.engine).await?;
    let mut before = None;
    let measured =
        measure(&config, &device, args.warm_up, args.steps, || before = cpu_milliseconds()).await?;
    let cpu = before
        .zip(cpu_milliseconds())
        .map(|(before, after)| (after - before) / f64::from(measured.measured_steps()));
    let product = product_rate(&device).await?;
    let kernels = chip_of(&device);
    let mean = measured.steps_ms.iter().sum::<f64>() / measured.steps_ms.len() as f64;
    let least = measured.steps_ms.iter().copied().fold(f64::INFINITY, f64::min);
    let (median, enqueue) = (median(&measured.steps_ms), median(&measured.enqueue_ms));
    let rate = f64::from(config.recipe.bs) / median * 1e3;
    if args.json {
        print_line(json!({
            "mean_ms": mean, "median_ms": median, "least_ms": least, "cpu_ms": cpu,
            "pictures_per_second": rate,
            "first_step_ms": measured.first_ms, "enqueue_ms": enqueue,
            "queued_steps": measured.queued_steps, "queued_ms": measured.queued_ms,
            "kernels": kernels.map(|chip| chip.to_string()), "product_gflops": product,
        }))?;
        return Ok(());
    }
    let cpu = cpu.map_or(String::new(), |ms| format!(", {ms:.1} ms of processor time"));
    print_line(format_args!(
        "{median:.1} ms a step of {} (mean {mean:.1}, least {least:.1}, first {:.0}), handed over \
         in {enqueue:.1}{cpu}, {rate:.0} pictures/s",
        config.recipe.bs, measured.first_ms
    ))?;
    print_line(format_args!(
        "{:.1} ms a step when {} are handed over and waited for together",
        measured.queued_ms, measured.queued_steps
    ))?;
    if let Some((chip, product)) = kernels.zip(product) {
        let classes = 10;
        let architecture = Architecture::new(&config.net, classes);
        let forward = architecture.multiply_adds(config.data.size) as f64;
        // A multiply-add is two operations, and the backward pass two forward passes.
        let gflop = 6.0 * forward * f64::from(config.recipe.bs) / 1e9;
        print_line(format_args!(
            "{:.0} % of a plain matrix product's {product:.1} GFLOP/s, kernels for {chip}",
            gflop / measured.queued_ms * 1e3 / product * 100.0
        ))?;
    }
    Ok(())
}

/// The CPU time in milliseconds that all threads of this process have used so far, from Linux's
/// `/proc/self/stat`; `None` on other systems.
fn cpu_milliseconds() -> Option<f64> {
    parse_stat(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Adds up fields 14 and 15 (`utime` and `stime`), which count hundredths of a second (`man 5
/// proc_pid_stat`). The program's name in field 2 may contain spaces and brackets, so the fields
/// are counted from its closing bracket.
fn parse_stat(stat: &str) -> Option<f64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 99";
        assert_eq!(parse_stat(stat), Some(3000.0));
        assert_eq!(parse_stat("nonsense"), None);
    }
}
