//! Loss, accuracy and top-5 accuracy from the logits for a validation set, as plain numbers: no
//! tensors are involved.

/// The logits of one picture, and its class.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredPicture {
    /// The network's score for each class.
    pub logits: Vec<f32>,
    /// The picture's class, counted from 0.
    pub label: u32,
}

/// Means over a validation set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// The mean loss.
    pub loss: f64,
    /// Share of the pictures whose class has the highest logit.
    pub accuracy: f64,
    /// Share of the pictures whose class is among the five highest logits.
    pub top5: f64,
}

impl ScoredPicture {
    /// The probabilities of the classes: the softmax of the logits.
    pub fn probabilities(&self) -> Vec<f64> {
        self.probabilities_at(1.0)
    }

    /// The softmax of the logits divided by `temperature`.
    pub fn probabilities_at(&self, temperature: f64) -> Vec<f64> {
        let top = self.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let power = |&logit: &f32| (f64::from(logit - top) / temperature).exp();
        let powers: Vec<f64> = self.logits.iter().map(power).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|power| power / sum).collect()
    }

    /// Cross-entropy with label smoothing `eps`, like the training loss: fastai validates with the
    /// loss function that it trains with.
    ///
    /// # Panics
    /// If there is no logit for the label.
    pub fn loss(&self, eps: f64) -> f64 {
        let top = self.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let log_sum =
            self.logits.iter().map(|&logit| f64::from(logit - top).exp()).sum::<f64>().ln()
                + f64::from(top);
        let nll = |logit: f32| log_sum - f64::from(logit);
        let mean =
            self.logits.iter().map(|&logit| nll(logit)).sum::<f64>() / self.logits.len() as f64;
        (1.0 - eps) * nll(self.logits[self.label as usize]) + eps * mean
    }

    /// The numbers of the classes, most probable first. Classes with equal logits are in label
    /// order.
    pub fn ranked(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.logits.len()).collect();
        order.sort_by(|&a, &b| self.logits[b].total_cmp(&self.logits[a]).then(a.cmp(&b)));
        order
    }
}

/// The means over all pictures, with label smoothing `eps` in the loss; zeros if there are no
/// pictures.
///
/// # Panics
/// If a picture has no logit for its label.
pub fn metrics(scored: &[ScoredPicture], eps: f64) -> Metrics {
    let mut sum = Metrics::default();
    for picture in scored {
        let ranked = picture.ranked();
        let rank =
            ranked.iter().position(|&class| class == picture.label as usize).unwrap_or(usize::MAX);
        sum.loss += picture.loss(eps);
        sum.accuracy += f64::from(u8::from(rank == 0));
        sum.top5 += f64::from(u8::from(rank < 5));
    }
    let n = scored.len().max(1) as f64;
    Metrics { loss: sum.loss / n, accuracy: sum.accuracy / n, top5: sum.top5 / n }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_two_pictures_by_hand() {
        let scored = [
            ScoredPicture { logits: vec![2.0, 0.0, 0.0], label: 0 },
            ScoredPicture { logits: vec![2.0, 0.0, 0.0], label: 1 },
        ];
        let log_sum = (2f64.exp() + 2.0).ln();
        let found = metrics(&scored, 0.0);
        assert!((found.loss - (log_sum - 1.0)).abs() < 1e-9);
        assert_eq!((found.accuracy, found.top5), (0.5, 1.0));
        let smooth = metrics(&scored, 0.3);
        assert!((smooth.loss - (0.7 * (log_sum - 1.0) + 0.3 * (log_sum - 2.0 / 3.0))).abs() < 1e-9);
    }
}
