//! How much each class counts in the training loss: PyTorch's `cross_entropy` with `weight`.
//!
//! The loss of a batch is a weighted mean: each picture's loss times the weight of its class, over
//! the sum of those weights. With label smoothing the part that all classes share is weighted class
//! by class and divided by the same sum, as PyTorch does. With Mixup or CutMix a picture's weight
//! is that of its two labels, by their shares. Validation counts each picture once.

use burn::tensor::{Device, Tensor, TensorData};
use resnette_images::dataset::Dataset;
use resnette_spec::{ClassBalance, RunConfig};

use crate::train::loss::target_rows;

/// The number of classes, and the weight of each.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassWeights {
    classes: usize,
    /// `[classes]`; `None` if all are 1.
    weights: Option<Vec<f32>>,
}

impl ClassWeights {
    /// What a run asks for, from the training pictures of its set.
    pub fn of(config: &RunConfig, set: &Dataset) -> Self {
        let classes = set.classes.len();
        match config.recipe.weights {
            ClassBalance::None => Self { classes, weights: None },
            ClassBalance::Balanced => {
                let mut counts = vec![0; classes];
                for sample in &set.train {
                    if let Some(count) = counts.get_mut(sample.label as usize) {
                        *count += 1;
                    }
                }
                Self::balanced(&counts)
            }
        }
    }

    /// Weights of classes with so many training pictures: `pictures / (classes · count)`, as
    /// scikit-learn's `compute_class_weight("balanced")`. A class without any has weight 1.
    pub fn balanced(counts: &[u32]) -> Self {
        let classes = counts.len();
        let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
        let weight = |&count: &u32| match count {
            0 => 1.0,
            count => (total / (classes as f64 * f64::from(count))) as f32,
        };
        Self { classes, weights: Some(counts.iter().map(weight).collect()) }
    }

    /// Soft targets as [`targets`](crate::train::loss::targets) makes them, weighted so that
    /// [`soft_cross_entropy`](crate::train::loss::soft_cross_entropy) is the weighted mean.
    ///
    /// # Shapes
    /// `[labels.len(), classes]`, not tracked by autodiff.
    ///
    /// # Panics
    /// If a label is not below the number of classes, or a partner not below `labels.len()`.
    pub fn targets(
        &self,
        labels: &[u32],
        eps: f64,
        mix: Option<&[(usize, f32)]>,
        device: &Device,
    ) -> Tensor<2> {
        let mut rows = target_rows(labels, self.classes, eps, mix);
        if let Some(weights) = &self.weights {
            let own = |(index, &label): (usize, &u32)| {
                let (partner, lam) = mix.map_or((index, 1.0), |mix| mix[index]);
                let [own, other] = [label, labels[partner]].map(|label| weights[label as usize]);
                f64::from(lam * own + (1.0 - lam) * other)
            };
            let sum: f64 = labels.iter().enumerate().map(own).sum();
            let scale = labels.len() as f64 / sum.max(f64::MIN_POSITIVE);
            for row in rows.chunks_exact_mut(self.classes.max(1)) {
                for (target, &weight) in row.iter_mut().zip(weights) {
                    *target *= (f64::from(weight) * scale) as f32;
                }
            }
        }
        Tensor::from_data(TensorData::new(rows, [labels.len(), self.classes]), device)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// By hand: the classes weigh 2/3, 2 and 1, the pictures 0.75 · 2/3 + 0.25 · 2 = 1 and
    /// 0.5 · 2 + 0.5 · 2/3 = 4/3. So each number of a row is taken times its class' weight and
    /// 2 / (7/3) = 6/7. Smoothing by 0.3 leaves 0.1 for each class and 0.7 to share out.
    #[test]
    fn a_mixed_picture_has_the_weights_of_both_its_labels() {
        let weights = ClassWeights::balanced(&[30, 10, 20]);
        let mix = [(1, 0.75), (0, 0.5)];
        for (eps, sevenths) in
            [(0.0, [3.0, 3.0, 0.0, 2.0, 6.0, 0.0]), (0.3, [2.5, 3.3, 0.6, 1.8, 5.4, 0.6])]
        {
            let found = weights.targets(&[0, 1], eps, Some(&mix), &Device::flex());
            let found = found.into_data().try_to_vec::<f32>().unwrap();
            assert_eq!(found.len(), sevenths.len());
            let mut pairs = found.iter().zip(sevenths);
            let is_near =
                pairs.all(|(found, wanted): (&f32, f32)| (found - wanted / 7.0).abs() < 1e-6);
            assert!(is_near, "{eps}: {found:?}");
        }
    }

    #[test]
    fn weights_make_every_class_count_the_same() {
        let found = ClassWeights::balanced(&[30, 10, 20]);
        assert_eq!(found.weights, Some(vec![20.0 / 30.0, 2.0, 1.0]));
        assert_eq!(ClassWeights::balanced(&[4, 0]).weights, Some(vec![0.5, 1.0]));
    }
}
