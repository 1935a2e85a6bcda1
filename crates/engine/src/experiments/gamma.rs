//! How far a block is from the identity, for some gammas of its last norm.

use burn::module::Param;
use burn::tensor::{ExecutionError, Tensor};
use resnette_protocol::lesson::GammaPoint;

use crate::model::ResBlock;

/// Gammas that are tried: 0 to 1 in steps of a twentieth.
pub const STEPS: u32 = 20;

/// ‖y − x‖ / ‖x‖ of `block`, whose grid and channels stay, for gammas from 0 to 1.
///
/// # Shapes
/// `input` `[n, c, h, w]`; on an autodiff device the norms use the batch's statistics.
///
/// # Errors
/// The device failed.
pub async fn distances(
    block: &ResBlock,
    input: Tensor<4>,
) -> Result<Vec<GammaPoint>, ExecutionError> {
    let device = input.device();
    let gammas: Vec<f32> = (0..=STEPS).map(|step| step as f32 / STEPS as f32).collect();
    let norm = |tensor: Tensor<4>| tensor.square().sum().sqrt();
    let mut found = Vec::new();
    for gamma in &gammas {
        let mut block = block.clone();
        if let Some(last) = block.convs.last_mut() {
            let channels = last.norm.weight.val().dims();
            last.norm.weight = Param::from_tensor(Tensor::full(channels, *gamma, &device));
        }
        let output = block.forward(input.clone());
        found.push(norm(output - input.clone()) / norm(input.clone()));
    }
    let data = Tensor::cat(found, 0).inner().into_data_async().await?;
    Ok(gammas
        .into_iter()
        .zip(data.iter::<f32>())
        .map(|(gamma, distance)| GammaPoint { gamma, distance })
        .collect())
}
