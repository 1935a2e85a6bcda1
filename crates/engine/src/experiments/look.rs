//! What a network makes of one picture: evidence by cell of the last grid, and what a block adds to
//! its input.

use burn::tensor::activation::relu;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_images::augment::whole;
use resnette_picture::Picture;
use resnette_protocol::lesson::{Added, Channel, Evidence, Look};
use resnette_spec::architecture::Plan;

use crate::experiments::LessonError;
use crate::experiments::desk::Subject;
use crate::model::ResNet;

/// Classes that are told.
const CLASSES: usize = 10;
/// Channels that are told.
const CHANNELS: usize = 6;
/// Smallest and largest side of a picture.
const SIDES: std::ops::RangeInclusive<u32> = 32..=256;

/// Looks at `picture` at `size` pixels through the network's running statistics; `device` is the
/// network's, without autodiff.
///
/// # Errors
/// [`LessonError`] where the picture is none, the network has no blocks, or the device failed.
pub async fn look(
    subject: &Subject,
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
    whole(picture, size, &mut pixels);
    let images = Tensor::<4>::from_data(
        TensorData::new(pixels, [1, 3, size as usize, size as usize]),
        device,
    );
    let model = &subject.model;
    let features = model.features(images.clone());
    let [_, _, rows, columns] = features.dims();
    let cells = floats(evidence(model, features.clone())).await?;
    let scores = floats(model.classify(features)).await?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let per_class = rows * columns;
    let classes = order.into_iter().take(CLASSES).map(|class| Evidence {
        class: subject.classes.get(class).cloned().unwrap_or_else(|| format!("class {class}")),
        score: scores[class],
        cells: cells[class * per_class..(class + 1) * per_class].to_vec(),
    });
    Ok(Look {
        network: subject.name.clone(),
        size,
        grid: [rows as u32, columns as u32],
        classes: classes.collect(),
        block: added(subject, images, block).await?,
    })
}

/// The head applied to every cell of the last grid. Averaging comes first in the network and last
/// here; both are linear, so the mean over the cells is the network's score, the bias included,
/// which the mean of equal numbers leaves alone.
///
/// # Shapes
/// `[1, features, h, w]` to `[classes, h · w]`.
pub fn evidence(model: &ResNet, features: Tensor<4>) -> Tensor<2> {
    let [_, channels, h, w] = features.dims();
    let grid = features.reshape([channels, h * w]);
    let bias = model.head.bias.val();
    let classes = bias.dims()[0];
    model.head.weight.val().matmul(grid) + bias.reshape([classes, 1])
}

/// Input, residual and output of one block.
async fn added(subject: &Subject, images: Tensor<4>, block: u32) -> Result<Added, LessonError> {
    let plan = Plan::new(&subject.net, subject.classes.len() as u32);
    let skips: Vec<bool> = plan.stages.iter().flatten().map(|block| block.skip).collect();
    let blocks: Vec<_> = subject.model.stages.iter().flatten().collect();
    let index = (block as usize).min(blocks.len().saturating_sub(1));
    let (Some(chosen), Some(&skip)) = (blocks.get(index), skips.get(index)) else {
        return Err(LessonError::NoBlocks);
    };
    let input =
        blocks[..index].iter().fold(subject.model.stem(images), |x, block| block.forward(x));
    let residual = chosen.residual(input.clone());
    let identity = if skip { chosen.identity(input) } else { residual.zeros_like() };
    let output = relu(residual.clone() + identity.clone());
    let [_, channels, height, width] = output.dims();
    let parts = [floats(identity).await?, floats(residual).await?, floats(output).await?];
    let plane = height * width;
    let of = |part: usize, channel: usize| &parts[part][channel * plane..(channel + 1) * plane];
    let mut order: Vec<usize> = (0..channels).collect();
    order.sort_by(|&a, &b| norm(of(1, b)).total_cmp(&norm(of(1, a))));
    let told = order.into_iter().take(CHANNELS).map(|channel| Channel {
        channel: channel as u32,
        input: of(0, channel).to_vec(),
        added: of(1, channel).to_vec(),
        output: of(2, channel).to_vec(),
    });
    let whole = norm(&parts[2]);
    Ok(Added {
        block: index as u32,
        blocks: blocks.len() as u32,
        skip,
        shape: [channels as u32, height as u32, width as u32],
        share: if whole > 0.0 { (norm(&parts[1]) / whole) as f32 } else { 0.0 },
        channels: told.collect(),
    })
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

async fn floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ExecutionError> {
    Ok(tensor.into_data_async().await?.iter::<f32>().collect())
}
