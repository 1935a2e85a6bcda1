//! A network's running statistics as one row of numbers, out of it and into it.

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor, TensorData};

use crate::model::params::{FlatParam, ParamMapper, flat_params, map_params};

/// Whether a tensor with this name is a running statistic.
pub(super) fn is_running(name: &str) -> bool {
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

/// Replaces all running statistics by `numbers`, which are in the order of [`read_running`], or by
/// zeros without any. Clones of a network share them, so this one changes in place.
pub(in crate::train) fn set_running<M: Module>(model: &M, numbers: Option<&[f32]>) {
    map_params(model.clone(), &mut Writer { numbers });
}

struct Writer<'a> {
    numbers: Option<&'a [f32]>,
}

impl ParamMapper for Writer<'_> {
    fn map<const D: usize>(&mut self, name: &str, old: Tensor<D>) -> Tensor<D> {
        if !is_running(name) {
            return old;
        }
        let shape = old.dims();
        let count: usize = shape.iter().product();
        let values = match &mut self.numbers {
            None => vec![0.0; count],
            Some(numbers) => match numbers.split_at_checked(count) {
                Some((mine, rest)) => {
                    *numbers = rest;
                    mine.to_vec()
                }
                // Too few: what is there stays.
                None => return old,
            },
        };
        Tensor::from_data(TensorData::new(values, shape), &old.device())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::Device;
    use futures::executor::block_on;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;
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
        set_running(&model, Some(&other));
        assert_eq!(block_on(read_running(&model)).unwrap(), other);
        set_running(&model, None);
        assert_eq!(block_on(read_running(&model)).unwrap(), vec![0.0; first.len()]);
        assert_eq!(weights(&model), before);
    }
}
