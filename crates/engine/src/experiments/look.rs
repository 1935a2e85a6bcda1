//! What a network computes for one picture: the evidence for each class in each cell of the last
//! grid, and what one block adds to its input.

use burn::tensor::activation::relu;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_images::render::render_centre_crop;
use resnette_picture::Picture;
use resnette_protocol::lesson::{Added, Channel, Evidence, Look};
use resnette_spec::architecture::Architecture;

use crate::experiments::LessonError;
use crate::experiments::inspected_model::InspectedModel;
use crate::model::ResNet;

/// Classes whose evidence is reported, most probable first.
const MAX_CLASSES: usize = 10;
/// Channels of the block that are reported, those to which the block adds most first.
const MAX_CHANNELS: usize = 6;
/// Smallest and largest side at which a picture is seen, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 32..=256;

/// Runs the network on `picture` at `size` pixels (32 to 256) in evaluation mode, and looks into
/// its block number `block`, or its last one if it has fewer. `device` is the network's, without
/// autodiff.
///
/// # Errors
/// [`LessonError::NoPicture`] if the picture's bytes do not fit its size,
/// [`LessonError::NoBlocks`] if the network has no blocks, [`LessonError::Engine`] if the device
/// failed.
pub async fn look(
    inspected: &InspectedModel,
    picture: &Picture,
    size: u32,
    block: u32,
    device: &Device,
) -> Result<Look, LessonError> {
    let needed = u64::from(picture.width) * u64::from(picture.height) * 3;
    if needed == 0 || picture.rgb.len() as u64 != needed {
        return Err(LessonError::NoPicture {
            bytes: picture.rgb.len(),
            width: picture.width,
            height: picture.height,
            needed,
        });
    }
    let size = size.clamp(*SIDES.start(), *SIDES.end());
    let mut pixels = vec![0.0; 3 * (size * size) as usize];
    render_centre_crop(picture, size, &mut pixels);
    let images = Tensor::<4>::from_data(
        TensorData::new(pixels, [1, 3, size as usize, size as usize]),
        device,
    );
    let model = &inspected.model;
    let features = model.features(images.clone());
    let [_, _, rows, columns] = features.dims();
    let cells = floats(evidence(model, features.clone())).await?;
    let scores = floats(model.classify(features)).await?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let per_class = rows * columns;
    let classes = order.into_iter().take(MAX_CLASSES).map(|class| Evidence {
        class: inspected.classes.get(class).cloned().unwrap_or_else(|| format!("class {class}")),
        score: scores[class],
        cells: cells[class * per_class..(class + 1) * per_class].to_vec(),
    });
    Ok(Look {
        network: inspected.name.clone(),
        size,
        grid: [rows as u32, columns as u32],
        classes: classes.collect(),
        block: added(inspected, images, block).await?,
    })
}

/// The network's linear layer applied to every cell of the last grid. The network averages the
/// cells first and applies the linear layer then. Both are linear, so their order does not matter,
/// and the mean of a class's evidence is its score. The bias is part of both, since the mean of
/// equal numbers is that number.
///
/// # Shapes
/// `features` is `[1, features, h, w]`, the result `[classes, h · w]`.
pub fn evidence(model: &ResNet, features: Tensor<4>) -> Tensor<2> {
    let [_, channels, h, w] = features.dims();
    let grid = features.reshape([channels, h * w]);
    let bias = model.head.bias.val();
    let classes = bias.dims()[0];
    model.head.weight.val().matmul(grid) + bias.reshape([classes, 1])
}

/// The input, the residual and the output of one block.
async fn added(
    inspected: &InspectedModel,
    images: Tensor<4>,
    block: u32,
) -> Result<Added, LessonError> {
    let architecture = Architecture::new(&inspected.net, inspected.classes.len() as u32);
    let skips: Vec<bool> = architecture.stages.iter().flatten().map(|block| block.skip).collect();
    let blocks: Vec<_> = inspected.model.stages.iter().flatten().collect();
    let index = (block as usize).min(blocks.len().saturating_sub(1));
    let (Some(chosen), Some(&skip)) = (blocks.get(index), skips.get(index)) else {
        return Err(LessonError::NoBlocks);
    };
    let input =
        blocks[..index].iter().fold(inspected.model.stem(images), |x, block| block.forward(x));
    let residual = chosen.residual(input.clone());
    let identity = if skip { chosen.identity(input) } else { residual.zeros_like() };
    let output = relu(residual.clone() + identity.clone());
    let [_, channels, height, width] = output.dims();
    let parts = [floats(identity).await?, floats(residual).await?, floats(output).await?];
    let plane = height * width;
    let of = |part: usize, channel: usize| &parts[part][channel * plane..(channel + 1) * plane];
    let mut order: Vec<usize> = (0..channels).collect();
    order.sort_by(|&a, &b| norm(of(1, b)).total_cmp(&norm(of(1, a))));
    let channels_shown = order.into_iter().take(MAX_CHANNELS).map(|channel| Channel {
        channel: channel as u32,
        input: of(0, channel).to_vec(),
        added: of(1, channel).to_vec(),
        output: of(2, channel).to_vec(),
    });
    let output_norm = norm(&parts[2]);
    Ok(Added {
        block: index as u32,
        blocks: blocks.len() as u32,
        skip,
        shape: [channels as u32, height as u32, width as u32],
        share: if output_norm > 0.0 { (norm(&parts[1]) / output_norm) as f32 } else { 0.0 },
        channels: channels_shown.collect(),
    })
}

/// Euclidean norm.
fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

/// Reads a tensor's numbers in row-major order.
async fn floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ExecutionError> {
    Ok(tensor.into_data_async().await?.iter::<f32>().collect())
}
