//! What logits say about a validation set: loss, accuracy, top-5. Plain numbers, no engine.

/// Logits of one picture, and its class.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// One number a class.
    pub logits: Vec<f32>,
    /// Truth.
    pub label: u32,
}

/// Means over a validation set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Loss.
    pub loss: f64,
    /// Share of first guesses that are right.
    pub accuracy: f64,
    /// Share of first five guesses that hold the truth.
    pub top5: f64,
}

impl Scored {
    /// Softmax.
    pub fn probabilities(&self) -> Vec<f64> {
        let top = self.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> =
            self.logits.iter().map(|&logit| f64::from(logit - top).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|power| power / sum).collect()
    }

    /// Cross-entropy with label smoothing `eps`, as the training loss has it (fastai validates with
    /// the same function).
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

    /// Classes, most probable first; equal logits in label order.
    pub fn ranked(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.logits.len()).collect();
        order.sort_by(|&a, &b| self.logits[b].total_cmp(&self.logits[a]).then(a.cmp(&b)));
        order
    }
}

/// Means over all pictures; zeros for none.
pub fn metrics(scored: &[Scored], eps: f64) -> Metrics {
    let mut sum = Metrics::default();
    for picture in scored {
        let ranked = picture.ranked();
        let place =
            ranked.iter().position(|&class| class == picture.label as usize).unwrap_or(usize::MAX);
        sum.loss += picture.loss(eps);
        sum.accuracy += f64::from(u8::from(place == 0));
        sum.top5 += f64::from(u8::from(place < 5));
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
            Scored { logits: vec![2.0, 0.0, 0.0], label: 0 },
            Scored { logits: vec![2.0, 0.0, 0.0], label: 1 },
        ];
        let log_sum = (2f64.exp() + 2.0).ln();
        let found = metrics(&scored, 0.0);
        assert!((found.loss - (log_sum - 1.0)).abs() < 1e-9);
        assert_eq!((found.accuracy, found.top5), (0.5, 1.0));
        let smooth = metrics(&scored, 0.3);
        assert!((smooth.loss - (0.7 * (log_sum - 1.0) + 0.3 * (log_sum - 2.0 / 3.0))).abs() < 1e-9);
    }
}
