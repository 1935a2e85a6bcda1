//! What a network computes for one picture: the evidence for each class in each cell of a stage's
//! grid, and what one block adds to its input.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_images::render::render_centre_crop;
use resnette_picture::Picture;
use resnette_protocol::lesson::{Added, Channel, Evidence, Look};
use resnette_spec::architecture::Architecture;

use crate::experiments::LessonError;
use crate::experiments::inspected_model::InspectedModel;
use crate::experiments::stage_evidence::{earlier_stage, last_stage};
use crate::model::ResBlock;
use crate::model::conv_layer::activate;

/// Classes whose evidence in the last grid is reported, most probable first.
const MAX_CLASSES: usize = 10;
/// Classes whose evidence in an earlier grid is reported: each takes a backward pass.
const MAX_CLASSES_EARLIER: usize = 3;
/// Channels of the block that are reported, those to which the block adds most first.
const MAX_CHANNELS: usize = 6;
/// Smallest and largest side at which a picture is seen, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 32..=256;

/// Runs the network on `picture` at `size` pixels (32 to 256) in evaluation mode, and looks at the
/// grid of its stage number `stage` and into its block number `block`, or the last ones if it has
/// fewer. `device` is the network's, without autodiff.
///
/// # Errors
/// [`LessonError::NoPicture`] if the picture's bytes do not fit its size,
/// [`LessonError::NoBlocks`] if the network has no blocks, [`LessonError::Engine`] if the device
/// failed.
pub async fn look(
    inspected: &InspectedModel,
    picture: &Picture,
    size: u32,
    stage: u32,
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
    let stages = model.stages.len();
    if stages == 0 {
        return Err(LessonError::NoBlocks);
    }
    let stage = (stage as usize).min(stages - 1);
    // The output of the stage that is looked at, and of the last one.
    let run = |x: Tensor<4>, blocks: &[Vec<ResBlock>]| {
        blocks.iter().flatten().fold(x, |x, block| block.forward(x))
    };
    let output = run(model.stem(images.clone()), &model.stages[..=stage]);
    let scores = floats(model.classify(run(output.clone(), &model.stages[stage + 1..]))).await?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order.truncate(if stage + 1 == stages { MAX_CLASSES } else { MAX_CLASSES_EARLIER });
    let found = stage_evidence(inspected, output, stage, &order).await?;
    let classes = order.into_iter().zip(found.cells).map(|(class, cells)| Evidence {
        class: inspected.classes.get(class).cloned().unwrap_or_else(|| format!("class {class}")),
        score: scores[class],
        cells,
    });
    Ok(Look {
        network: inspected.name.clone(),
        size,
        stage: stage as u32,
        stages: stages as u32,
        head_is_linear: model.head.hidden.is_none(),
        grid: found.grid,
        classes: classes.collect(),
        block: added(inspected, images, block).await?,
    })
}

/// The evidence for some classes in each cell of a stage's grid, and the grid's rows and columns.
struct StageEvidence {
    grid: [u32; 2],
    /// The cells of each class, row by row.
    cells: Vec<Vec<f32>>,
}

/// The evidence for `classes` in the grid of stage number `stage`, whose output is `output`.
async fn stage_evidence(
    inspected: &InspectedModel,
    output: Tensor<4>,
    stage: usize,
    classes: &[usize],
) -> Result<StageEvidence, LessonError> {
    let model = &inspected.model;
    let [_, _, rows, columns] = output.dims();
    let size = rows * columns;
    let last = stage + 1 == model.stages.len();
    let linear = if last { last_stage(model, output.clone()) } else { None };
    let cells = if let Some(all) = linear {
        let all = floats(all).await?;
        classes.iter().map(|class| all[class * size..(class + 1) * size].to_vec()).collect()
    } else {
        let architecture = Architecture::new(&inspected.net, inspected.classes.len() as u32);
        let found = match earlier_stage(model, &architecture, output, stage, classes) {
            Some(cells) => floats(cells).await?,
            None => vec![0.0; classes.len() * size],
        };
        found.chunks_exact(size.max(1)).map(<[f32]>::to_vec).collect()
    };
    Ok(StageEvidence { grid: [rows as u32, columns as u32], cells })
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
    let output = activate(residual.clone() + identity.clone(), chosen.act());
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
