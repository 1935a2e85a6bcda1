//! A network's running statistics as one row of numbers, out of it and into it.

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor, TensorData};
use resnette_spec::architecture::LayerRow;

use crate::model::params::{FlatParam, ParamMapper, flat_params, map_params};

/// Whether a tensor with this name is a running statistic.
fn is_running(name: &str) -> bool {
    name.contains(".running_")
}

/// Reads all running statistics, in the order of the modules' fields.
///
/// # Errors
/// The device failed.
pub(in crate::train) async fn read_running<M: Module>(
    model: &M,
) -> Result<Vec<f32>, ExecutionError> {
    let found: Vec<Tensor<1>> = running(model).map(|param| param.tensor).collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Tensor::cat(found, 0).into_data_async().await?.iter::<f32>().collect())
}

/// The running statistics, flattened.
pub(super) fn running<M: Module>(model: &M) -> impl Iterator<Item = FlatParam> {
    flat_params(model).into_iter().filter(|param| is_running(&param.name))
}

/// Replaces all running statistics by `numbers`, which are in the order of [`read_running`]. Clones
/// of a network share them, so this one changes in place.
pub(in crate::train) fn set_running<M: Module>(model: &M, numbers: &[f32]) {
    map_params(model.clone(), &mut Writer { numbers });
}

/// For each running statistic, what its observed number is multiplied with before it counts: 1, and
/// for a biased variance `n / (n − 1)`, where n is how many numbers of a batch a channel has.
/// `pictures` are those of a batch, and `rows` the layers of the network.
pub(in crate::train) fn variance_scales<M: Module>(
    model: &M,
    rows: &[LayerRow],
    pictures: u32,
) -> Vec<f64> {
    let scales = running(model).flat_map(|param| {
        let layer = param.name.strip_suffix(".norm.running_var");
        let row = layer.and_then(|layer| rows.iter().find(|row| row.name == layer));
        let scale = row.map_or(1.0, |row| {
            let [_, height, width] = row.shape.map(f64::from);
            let count = f64::from(pictures) * height * width;
            count / (count - 1.0).max(1.0)
        });
        vec![scale; param.shape.iter().product()]
    });
    scales.collect()
}

struct Writer<'a> {
    numbers: &'a [f32],
}

impl ParamMapper for Writer<'_> {
    fn map<const D: usize>(&mut self, name: &str, old: Tensor<D>) -> Tensor<D> {
        if !is_running(name) {
            return old;
        }
        let shape = old.dims();
        let count: usize = shape.iter().product();
        // If there are too few, what is there stays.
        let Some((mine, rest)) = self.numbers.split_at_checked(count) else { return old };
        self.numbers = rest;
        Tensor::from_data(TensorData::new(mine.to_vec(), shape), &old.device())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::{Device, Distribution};
    use futures::executor::block_on;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;
    use crate::model::batch_norm::{MOMENTUM, observing};
    use crate::model::{Network, ResNet};

    #[test]
    fn statistics_are_put_where_they_were_read_and_the_weights_stay() {
        let architecture = Architecture::new(&read_run("layers=1,1&width=8&stem=4").0.net, 3);
        let device = Device::flex().autodiff();
        let rng = stream(1, Purpose::Init, 0);
        let model = Network::Chapter(ResNet::new(&architecture, rng, &device));
        let weights = |model: &Network| -> Vec<Vec<f32>> {
            let own = flat_params(model).into_iter().filter(|param| !is_running(&param.name));
            own.map(|param| param.tensor.into_data().iter::<f32>().collect()).collect()
        };
        let (before, first) = (weights(&model), block_on(read_running(&model)).unwrap());
        assert!(first.contains(&0.0) && first.contains(&1.0), "means are 0 and variances 1");
        let other: Vec<f32> = (0..first.len()).map(|index| index as f32).collect();
        set_running(&model, &other);
        assert_eq!(block_on(read_running(&model)).unwrap(), other);
        assert_eq!(weights(&model), before);
    }

    /// Every batch norm has a layer in the summary, with the grid that it normalises.
    #[test]
    fn observed_statistics_are_scaled_to_what_moves_the_running_ones() {
        for settings in ["layers=1,2&width=8&stem=4,8", "layers=1,1&expansion=1&width=8&stem=4,8"] {
            let architecture = Architecture::new(&read_run(settings).0.net, 3);
            let device = Device::flex().autodiff();
            let rng = stream(1, Purpose::Init, 0);
            let model = Network::Chapter(ResNet::new(&architecture, rng, &device));
            let input = Tensor::<4>::random([6, 3, 32, 32], Distribution::Default, &device);
            let before = block_on(read_running(&model)).unwrap();
            let _ = observing(|| model.forward(input.clone()));
            let seen = block_on(read_running(&model)).unwrap();
            set_running(&model, &before);
            let _ = model.forward(input);
            let moved = block_on(read_running(&model)).unwrap();
            let scales = variance_scales(&model, &architecture.rows(32), 6);
            assert!(scales.len() == before.len() && scales.iter().any(|scale| *scale > 1.0));
            for (index, scale) in scales.iter().enumerate() {
                let kept = f64::from(before[index]) * (1.0 - MOMENTUM);
                let found = (kept + f64::from(seen[index]) * MOMENTUM * scale) as f32;
                assert_eq!(found.to_bits(), moved[index].to_bits(), "{settings}: {index}");
            }
            let variances = running(&model).filter(|param| param.name.ends_with("running_var"));
            let variances: usize = variances.map(|param| param.shape[0]).sum();
            assert_eq!(scales.iter().filter(|scale| **scale > 1.0).count(), variances);
        }
    }
}
