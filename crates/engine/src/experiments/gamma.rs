//! How far a block is from the identity, for some gammas of its last norm.

use burn::module::Param;
use burn::tensor::{ExecutionError, Tensor};
use resnette_protocol::lesson::GammaPoint;

use crate::model::ResBlock;

/// The gammas go from 0 to 1 in this many steps.
pub const STEPS: u32 = 20;

/// The relative distance ‖y − x‖ / ‖x‖ between the input `x` and the output `y` of a block, for
/// gammas of its last norm from 0 to 1. The block must keep channels and grid as they are.
///
/// # Shapes
/// `input` is `[n, c, h, w]`. On an autodiff device the norms use the batch's statistics.
///
/// # Errors
/// The device failed.
pub async fn distances_from_identity(
    block: &ResBlock,
    input: Tensor<4>,
) -> Result<Vec<GammaPoint>, ExecutionError> {
    let device = input.device();
    let gammas: Vec<f32> = (0..=STEPS).map(|step| step as f32 / STEPS as f32).collect();
    let norm = |tensor: Tensor<4>| tensor.square().sum().sqrt();
    let mut distances = Vec::new();
    for gamma in &gammas {
        let mut block = block.clone();
        if let Some(last) = block.convs.last_mut() {
            let channels = last.norm.weight.val().dims();
            last.norm.weight = Param::from_tensor(Tensor::full(channels, *gamma, &device));
        }
        let output = block.forward(input.clone());
        distances.push(norm(output - input.clone()) / norm(input.clone()));
    }
    let data = Tensor::cat(distances, 0).inner().into_data_async().await?;
    Ok(gammas
        .into_iter()
        .zip(data.iter::<f32>())
        .map(|(gamma, distance)| GammaPoint { gamma, distance })
        .collect())
}
