//! `resnette bench`.

use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use serde_json::json;

use super::{EngineChoice, decoding, device, settings_from};
use crate::config::RunConfig;
use crate::model::{Plan, ResNet};
use crate::train::adam::Adam;
use crate::train::learner::LearnerError;
use crate::train::loss::{soft_cross_entropy, targets};
use crate::train::random::{Purpose, stream};
use crate::train::schedule;

const CLASSES: usize = 10;

/// Arguments of `bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Settings, as in the page's link; network, size and batch count.
    #[arg(default_value = "")]
    settings: String,
    /// Engine.
    #[arg(long, value_enum, default_value_t)]
    engine: EngineChoice,
    /// Measured steps.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    steps: u32,
    /// Steps before them, which compile and warm up.
    #[arg(long, default_value_t = 3)]
    warm_up: u32,
    /// Measure the decoding of the pictures there (parquet files, or a folder) in place of training steps.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["engine", "steps", "warm_up"])]
    pictures: Option<PathBuf>,
    /// One JSON object instead of words.
    #[arg(long)]
    json: bool,
}

/// Measures training steps on random pictures: forward, loss, backward, Adam. Threads are rayon's (`RAYON_NUM_THREADS`).
///
/// # Errors
/// Settings or engine.
pub async fn bench(args: BenchArgs) -> anyhow::Result<()> {
    let config = settings_from(&args.settings)?;
    if let Some(path) = &args.pictures {
        let told = decoding::measure(&config, path).await?;
        match args.json {
            true => println!("{}", serde_json::to_string(&told)?),
            false => println!(
                "{} pictures on one thread: {:.0} a second decoded, {:.0} a second decoded and shrunk for {} px",
                told.pictures, told.decoded_per_second, told.kept_per_second, config.data.size
            ),
        }
        return Ok(());
    }
    let (device, _) = device::start(args.engine).await?;
    let (steps, cpu) = measure(&config, &device, args.warm_up, args.steps).await?;
    let mean = steps.iter().sum::<f64>() / steps.len() as f64;
    let (median, least) = summary(steps);
    // By the mean: a GPU's queue lets some steps through and makes the next ones wait.
    let rate = f64::from(config.recipe.bs) / mean * 1e3;
    if args.json {
        println!("{}", json!({ "mean_ms": mean, "median_ms": median, "least_ms": least, "cpu_ms": cpu, "pictures_per_second": rate }));
        return Ok(());
    }
    let cpu = cpu.map_or(String::new(), |ms| format!(", {ms:.1} ms of processor time"));
    println!("{mean:.1} ms a step of {} (median {median:.1}, least {least:.1}){cpu}, {rate:.0} pictures/s", config.recipe.bs);
    Ok(())
}

/// Milliseconds of each step, and the processor's milliseconds a step where the system tells.
async fn measure(config: &RunConfig, device: &Device, warm_up: u32, steps: u32) -> Result<(Vec<f64>, Option<f64>), LearnerError> {
    let device = device.clone().autodiff();
    let mut model = ResNet::new(&Plan::new(&config.net, CLASSES as u32), stream(config.seed, Purpose::Init, 0), &device);
    let mut adam = Adam::new(config.recipe.wd);
    let (bs, side) = (config.recipe.bs as usize, config.data.size as usize);
    let mut rng = stream(config.seed, Purpose::Augment, 0);
    let pixels: Vec<f32> = (0..bs * 3 * side * side).map(|_| rng.random_range(-2.0..2.0)).collect();
    let images = Tensor::<4>::from_data(TensorData::new(pixels, [bs, 3, side, side]), &device);
    let labels: Vec<u32> = (0..bs).map(|_| rng.random_range(0..CLASSES as u32)).collect();
    let hyper = schedule::at(config.recipe.schedule, config.recipe.lr, 0.0);
    let mut times = Vec::new();
    let mut cpu_before = None;
    for step in 0..warm_up + steps {
        if step == warm_up {
            cpu_before = cpu_milliseconds();
        }
        let began = Instant::now();
        let wanted = targets(&labels, CLASSES, config.recipe.smoothing, None, &device);
        let loss = soft_cross_entropy(model.forward(images.clone()), wanted);
        let mut grads = loss.backward();
        model = adam.step(model, &mut grads, hyper, |_| 1.0);
        loss.inner().into_data_async().await?;
        if step + 1 == warm_up + steps {
            // The last weights, so that no work is left over.
            model.head.bias.val().inner().into_data_async().await?;
        }
        if step >= warm_up {
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    let cpu = cpu_before.zip(cpu_milliseconds()).map(|(before, after)| (after - before) / f64::from(steps));
    Ok((times, cpu))
}

/// Median and least.
fn summary(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    let median = if times.len() % 2 == 1 { times[middle] } else { (times[middle - 1] + times[middle]) / 2.0 };
    (median, times[0])
}

/// Processor time of this process so far, all threads, from Linux's `/proc/self/stat`; nothing elsewhere.
fn cpu_milliseconds() -> Option<f64> {
    parse_stat(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 14 and 15 (`utime`, `stime`) in hundredths of a second; the name in field 2 may hold blanks and brackets.
fn parse_stat(stat: &str) -> Option<f64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(summary(vec![3.0, 1.0, 2.0]), (2.0, 1.0));
        assert_eq!(summary(vec![4.0, 1.0, 2.0, 3.0]), (2.5, 1.0));
    }

    #[test]
    fn processor_time_is_read_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 99";
        assert_eq!(parse_stat(stat), Some(3000.0));
        assert_eq!(parse_stat("nonsense"), None);
    }
}
