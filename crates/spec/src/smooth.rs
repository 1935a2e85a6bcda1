//! The moving average behind fastai's `train_loss`.

/// An exponential moving average of the batches' losses with beta .98, debiased, as fastai's
/// `AvgSmoothLoss` has it. It goes on from one epoch to the next and starts over with each fit, as
/// in fastai's `Recorder`; `fine_tune` is two fits.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SmoothedLoss {
    beta: f64,
    sum: f64,
    count: u32,
}

impl Default for SmoothedLoss {
    fn default() -> Self {
        Self { beta: 0.98, sum: 0.0, count: 0 }
    }
}

impl SmoothedLoss {
    /// Adds the loss of a batch and returns the average so far.
    pub fn push(&mut self, loss: f64) -> f64 {
        self.count += 1;
        self.sum = self.beta * self.sum + (1.0 - self.beta) * loss;
        self.value()
    }

    /// The average so far; 0 before the first batch.
    pub fn value(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / (1.0 - self.beta.powi(self.count as i32)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_of_a_constant_is_the_constant_from_the_first_batch() {
        let mut smooth = SmoothedLoss::default();
        for _ in 0..200 {
            assert!((smooth.push(2.5) - 2.5).abs() < 1e-12);
        }
    }
}
