//! How fast a GPU multiplies two matrices: what its training steps are compared with.
//!
//! The product keeps its sums in registers and uses nothing special
//! ([`resnette_kernels::matrix_product`]), like the one that `cargo xtask bench` measures in
//! JavaScript. A step's share of its rate says more of the kernels than a time, which is mostly the
//! GPU's.

use burn::tensor::{Device, Tensor, TensorData};
use web_time::Instant;

use crate::train::learner::LearnerError;
use crate::train::random_run::wait_for;

/// Sides of the matrices, until a product takes long enough.
const SIDES: [usize; 3] = [512, 1024, 2048];
/// A product that takes so many seconds is mostly arithmetic, and not the way there and back.
const LONG_ENOUGH: f64 = 5e-3;
/// Seconds of products in a row.
const ROUND: f64 = 0.1;
/// Most products in a row.
const MOST_PRODUCTS: usize = 64;
/// Rounds, of which the fastest counts: whatever else the GPU does can only slow one down.
const ROUNDS: usize = 3;

/// Billions of floating-point operations a second, where a multiply-add counts as two; `None` on a
/// device that is no GPU. The device is plain (without autodiff).
///
/// # Errors
/// [`LearnerError::Engine`] if the device fails.
pub async fn product_rate(device: &Device) -> Result<Option<f64>, LearnerError> {
    if !resnette_kernels::runs_on_gpu(device) {
        return Ok(None);
    }
    let mut factors = Factors::new(SIDES[0], device);
    let mut seconds = factors.time_one().await?;
    for side in SIDES.into_iter().skip(1) {
        if seconds >= LONG_ENOUGH {
            break;
        }
        factors = Factors::new(side, device);
        seconds = factors.time_one().await?;
    }
    let count = (ROUND / seconds.max(1e-6)) as usize;
    let count = count.clamp(1, MOST_PRODUCTS);
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        least = least.min(factors.time(count).await? / count as f64);
    }
    Ok(Some(2.0 * (factors.side as f64).powi(3) / least / 1e9))
}

/// Two matrices that are multiplied again and again.
struct Factors {
    left: Tensor<2>,
    right: Tensor<2>,
    side: usize,
}

impl Factors {
    fn new(side: usize, device: &Device) -> Self {
        let matrix = |period: usize| {
            let numbers: Vec<f32> = (0..side * side).map(|i| (i % period) as f32 - 3.0).collect();
            Tensor::<2>::from_data(TensorData::new(numbers, [side, side]), device)
        };
        Self { left: matrix(7), right: matrix(5), side }
    }

    /// Seconds of one product, after another that does not count: its kernel may have to be
    /// compiled, and its memory taken.
    async fn time_one(&self) -> Result<f64, LearnerError> {
        self.time(1).await?;
        self.time(1).await
    }

    /// Seconds of so many products, of which only the last is waited for.
    async fn time(&self, count: usize) -> Result<f64, LearnerError> {
        let started = Instant::now();
        let mut product = resnette_kernels::matrix_product(self.left.clone(), self.right.clone());
        for _ in 1..count {
            product = resnette_kernels::matrix_product(self.left.clone(), self.right.clone());
        }
        // A whole matrix would take longer to come back than to be computed.
        wait_for(product.slice([0..1usize, 0..1usize])).await?;
        Ok(started.elapsed().as_secs_f64())
    }
}

#[cfg(all(test, feature = "cpu"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn the_cpu_has_no_such_rate() {
        assert_eq!(block_on(product_rate(&Device::flex())).unwrap(), None);
    }
}
