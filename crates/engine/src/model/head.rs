//! The head: pools the last grid to a vector, and classifies that.
//!
//! A linear head is the chapter's: the average of each channel and one linear layer. fastai's
//! (`create_head`) is what `vision_learner` puts on a pretrained network: the maximum and the
//! average of each channel (`AdaptiveConcatPool2d`), then twice a norm, dropout and a linear layer
//! without bias (`LinBnDrop`), with a ReLU between the two.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use resnette_spec::HeadKind;
use resnette_spec::architecture::HIDDEN;

use crate::model::batch_norm::BatchNorm;
use crate::model::init::Initializer;

/// Pools and layers from the last grid to the logits.
#[derive(Module, Debug)]
pub struct Head {
    /// What comes before the last linear layer in fastai's head; `None` in a linear one.
    pub hidden: Option<Hidden>,
    /// `[classes, features]`, as PyTorch stores it; `[classes, 512]` in fastai's head.
    pub weight: Param<Tensor<2>>,
    /// `[classes]`; `None` in fastai's head, where the norm before the layer has one.
    pub bias: Option<Param<Tensor<1>>>,
}

/// Norm, dropout, linear layer, ReLU, norm and dropout: everything in fastai's head before its last
/// linear layer.
#[derive(Module, Debug)]
pub struct Hidden {
    /// Of the pooled vector, `[2 · features]`.
    pub norm1: BatchNorm,
    /// To 512 numbers.
    pub linear: Unbiased,
    /// Of those.
    pub norm2: BatchNorm,
}

/// PyTorch's `Linear` with `bias=False`: `x · weightᵀ`.
#[derive(Module, Debug)]
pub struct Unbiased {
    /// `[outputs, inputs]`, as PyTorch stores it.
    pub weight: Param<Tensor<2>>,
}

impl Head {
    /// A head with first weights. In a linear one they are PyTorch's: uniform in ±1 / √features,
    /// the bias too. In fastai's they are normally distributed with variance 2 / inputs
    /// (`kaiming_normal_`, which `vision_learner` initializes heads with), and norms begin with
    /// gamma 1 and beta 1e-3. [`HeadKind::Auto`] counts as linear.
    pub fn new(
        kind: HeadKind,
        features: usize,
        classes: usize,
        init: &mut Initializer<'_>,
    ) -> Self {
        match kind {
            HeadKind::Auto | HeadKind::Linear => {
                let bound = 1.0 / (features as f32).sqrt();
                Self {
                    hidden: None,
                    weight: init.uniform([classes, features], bound),
                    bias: Some(init.uniform([classes], bound)),
                }
            }
            HeadKind::Fastai => {
                let (pooled, hidden) = (features * 2, HIDDEN as usize);
                Self {
                    hidden: Some(Hidden {
                        norm1: BatchNorm::new(pooled, false, init),
                        linear: Unbiased { weight: init.kaiming_normal([hidden, pooled]) },
                        norm2: BatchNorm::new(hidden, false, init),
                    }),
                    weight: init.kaiming_normal([classes, hidden]),
                    bias: None,
                }
            }
        }
    }

    /// Which head it is; never [`HeadKind::Auto`].
    pub fn kind(&self) -> HeadKind {
        if self.hidden.is_some() { HeadKind::Fastai } else { HeadKind::Linear }
    }

    /// Channels of the grid that it classifies.
    pub fn features(&self) -> usize {
        match &self.hidden {
            Some(hidden) => hidden.norm1.weight.val().dims()[0] / 2,
            None => self.weight.val().dims()[1],
        }
    }

    /// Numbers in the vector that is classified.
    pub fn pooled(&self) -> usize {
        match self.hidden {
            Some(_) => 2 * self.features(),
            None => self.features(),
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.weight.val().dims()[0]
    }

    /// The vector that is classified: the mean of each channel over the cells of the grid, and in
    /// fastai's head their maximum before it.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, features]` or `[n, 2 · features]`.
    pub fn pool(&self, grid: Tensor<4>) -> Tensor<2> {
        if self.hidden.is_none() {
            return average_pool(grid);
        }
        let [n, channels, h, w] = grid.dims();
        let cells = grid.reshape([n, channels, h * w]);
        let pools = vec![cells.clone().max_dim(2), cells.mean_dim(2)];
        Tensor::cat(pools, 1).reshape([n, 2 * channels])
    }

    /// Logits from the pooled vector. On an autodiff device the norms of fastai's head normalize
    /// with the statistics of the batch, as a network in training does.
    ///
    /// # Shapes
    /// What [`Self::pool`] returns to `[n, classes]`.
    pub fn forward(&self, vectors: Tensor<2>) -> Tensor<2> {
        self.forward_dropped(vectors, |_, vectors| vectors)
    }

    /// The same with dropout: `drop` is called with 0 before the first linear layer and, in
    /// fastai's head, with 1 before the second, and returns what is left of the vectors.
    ///
    /// # Shapes
    /// As [`Self::forward`]; `drop` keeps the shape.
    pub fn forward_dropped(
        &self,
        vectors: Tensor<2>,
        drop: impl Fn(u32, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let last = match &self.hidden {
            Some(hidden) => {
                let x = drop(0, hidden.norm1.forward_vectors(vectors));
                let x = relu(linear(x, &hidden.linear.weight));
                drop(1, hidden.norm2.forward_vectors(x))
            }
            None => drop(0, vectors),
        };
        self.last(last)
    }

    /// Logits as in evaluation, with gradients if `vectors` have them: its norms use their running
    /// statistics on every device.
    ///
    /// # Shapes
    /// As [`Self::forward`].
    pub fn forward_evaluated(&self, vectors: Tensor<2>) -> Tensor<2> {
        let last = match &self.hidden {
            Some(hidden) => {
                let x = hidden.norm1.forward_running(vectors);
                hidden.norm2.forward_running(relu(linear(x, &hidden.linear.weight)))
            }
            None => vectors,
        };
        self.last(last)
    }

    /// The last linear layer.
    fn last(&self, input: Tensor<2>) -> Tensor<2> {
        let logits = linear(input, &self.weight);
        match &self.bias {
            Some(bias) => logits + bias.val().unsqueeze::<2>(),
            None => logits,
        }
    }
}

/// `x · weightᵀ`.
///
/// # Shapes
/// `[n, inputs]` to `[n, outputs]`.
fn linear(input: Tensor<2>, weight: &Param<Tensor<2>>) -> Tensor<2> {
    input.matmul(weight.val().transpose())
}

/// The mean of each channel over the cells of the grid: PyTorch's `AdaptiveAvgPool2d(1)`,
/// flattened.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c]`.
fn average_pool(input: Tensor<4>) -> Tensor<2> {
    let [n, channels, h, w] = input.dims();
    input.reshape([n, channels, h * w]).mean_dim(2).reshape([n, channels])
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::{Device, TensorData};
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    fn floats(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn fastais_head_begins_as_kaiming_normal() {
        let device = Device::flex();
        let mut init = Initializer::new(stream(5, Purpose::Init, 0), &device);
        let head = Head::new(HeadKind::Fastai, 64, 10, &mut init);
        assert_eq!((head.kind(), head.features(), head.classes()), (HeadKind::Fastai, 64, 10));
        assert!(head.bias.is_none());
        let weights = head.hidden.as_ref().map(|hidden| floats(hidden.linear.weight.val()));
        let weights = weights.unwrap_or_default();
        let count = weights.len() as f64;
        assert_eq!(weights.len(), 512 * 128);
        let mean = weights.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let moment =
            |power: i32| weights.iter().map(|&x| f64::from(x).powi(power)).sum::<f64>() / count;
        let variance = moment(2);
        assert!(mean.abs() < 2e-3 && (variance * 64.0 - 1.0).abs() < 0.03, "{mean} {variance}");
        // A normal distribution's fourth moment is three squares of its variance.
        assert!((moment(4) / variance.powi(2) - 3.0).abs() < 0.15);
    }

    #[test]
    fn the_pool_is_the_maximum_before_the_average() {
        let device = Device::flex();
        let mut init = Initializer::new(stream(5, Purpose::Init, 0), &device);
        let grid = Tensor::<4>::from_data(
            TensorData::new(vec![1.0f32, 4.0, 1.0, 2.0, -3.0, -1.0, -2.0, -2.0], [1, 2, 2, 2]),
            &device,
        );
        let fastai = Head::new(HeadKind::Fastai, 2, 3, &mut init);
        assert_eq!(floats(fastai.pool(grid.clone())), [4.0, -1.0, 2.0, -2.0]);
        let linear = Head::new(HeadKind::Auto, 2, 3, &mut init);
        assert_eq!(floats(linear.pool(grid)), [2.0, -2.0]);
        assert_eq!((linear.kind(), linear.features()), (HeadKind::Linear, 2));
    }

    /// In evaluation both ways through the head are the same, with gradients and without.
    #[test]
    fn evaluation_with_gradients_is_evaluation() {
        let device = Device::flex();
        let mut init = Initializer::new(stream(6, Purpose::Init, 0), &device);
        for kind in [HeadKind::Linear, HeadKind::Fastai] {
            let head = Head::new(kind, 3, 4, &mut init);
            let width = if kind == HeadKind::Fastai { 6 } else { 3 };
            let values: Vec<f32> = (0..2 * width).map(|x| (x as f32 * 1.7).sin()).collect();
            let vectors = Tensor::<2>::from_data(TensorData::new(values, [2, width]), &device);
            let plain = floats(head.forward(vectors.clone()));
            let leaf = vectors.autodiff().require_grad();
            let tracked = head.forward_evaluated(leaf.clone());
            let gradient = leaf.grad(&tracked.clone().sum().backward());
            assert!(gradient.is_some_and(|gradient| floats(gradient).iter().any(|x| *x != 0.0)));
            let tracked = floats(tracked.inner());
            assert!(plain.iter().zip(&tracked).all(|(a, b)| (a - b).abs() < 1e-5), "{kind:?}");
        }
    }
}
