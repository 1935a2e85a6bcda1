//! From a batch of pictures to its loss.

use burn::tensor::{Device, Int, Tensor, TensorData};
use resnette_images::batch::{Batch, Mix, PlannedBatch};
use resnette_images::mixup;
use resnette_images::normalize::{MEAN, STD};
use resnette_images::rectangle::Rectangle;
use resnette_kernels::SampledPicture;
use resnette_spec::RunConfig;

use crate::model::Network;
use crate::train::class_weights::ClassWeights;
use crate::train::dropout::Dropout;
use crate::train::loss::soft_cross_entropy;

/// A batch's pictures on the device.
///
/// # Shapes
/// `[n, 3, size, size]`, normalised `f32`.
pub(super) fn upload(batch: Batch, device: &Device) -> Tensor<4> {
    let side = batch.size as usize;
    let shape = [batch.labels.len(), 3, side, side];
    Tensor::from_data(TensorData::new(batch.images, shape), device)
}

/// The training loss of the batch that step `step` of the run trains, counted from 0. On a GPU the
/// pictures are cropped, normalised and mixed there too; the CPU does it before they become a
/// tensor.
///
/// # Shapes
/// `[1]`, tracked by autodiff if `model` and `device` are.
pub(super) fn batch_loss(
    model: &Network,
    batch: PlannedBatch<'_>,
    weights: &ClassWeights,
    config: &RunConfig,
    step: u32,
    device: &Device,
) -> Tensor<1> {
    let smoothing = config.recipe.smoothing;
    let mix = batch.mix.as_ref().map(Mix::shares);
    let wanted = weights.targets(&batch.labels, smoothing, mix, device);
    let images = if resnette_kernels::runs_on_gpu(device) {
        let images = render_on_gpu(&batch, device);
        if device.is_autodiff() { Tensor::from_inner(images) } else { images }
    } else {
        upload(batch.render(), device)
    };
    let (head, vectors) = (model.head(), model.pool(model.features(images)));
    let logits = head.forward_dropped(vectors, |place, vectors| {
        match Dropout::new(config, head.kind(), step, place) {
            Some(dropout) => dropout.forward(vectors),
            None => vectors,
        }
    });
    soft_cross_entropy(logits, wanted)
}

/// [`PlannedBatch::render`] on the GPU, not tracked by autodiff.
///
/// # Shapes
/// `[n, 3, size, size]`, normalised `f32`.
pub fn render_on_gpu(batch: &PlannedBatch<'_>, device: &Device) -> Tensor<4> {
    let (blend, cut) = match &batch.mix {
        Some(Mix::Blend(mix)) => (Some(mix), None),
        Some(Mix::Cut(cut)) => (None, Some(cut)),
        None => (None, None),
    };
    let pictures: Vec<_> = batch
        .pictures
        .iter()
        .zip(&batch.transforms)
        .enumerate()
        .map(|(index, (picture, transform))| SampledPicture {
            width: picture.width,
            height: picture.height,
            rgb: &picture.rgb,
            map: transform.in_pixels(picture, batch.size),
            light: transform.lighting,
            mix: blend.map(|mix| mix[index]),
        })
        .collect();
    let mut images = resnette_kernels::render(&pictures, batch.size, MEAN, STD, device);
    let count = batch.labels.len();
    let slices = |part: &Rectangle| [0..count, 0..3, part.rows.clone(), part.columns.clone()];
    let erased = batch.erased.as_ref().filter(|erased| erased.rectangle.area() > 0);
    if let Some(erased) = erased {
        let part = &erased.rectangle;
        // The rectangle is the same in all pictures: a blend of erased pictures is noise there.
        let mut noise = erased.noise(count);
        if let Some(mix) = blend {
            mixup::blend(&mut noise, 3 * part.area(), mix);
        }
        let shape = [count, 3, part.rows.len(), part.columns.len()];
        let noise = Tensor::<4>::from_data(TensorData::new(noise, shape), &images.device());
        images = images.slice_assign(slices(part), noise);
    }
    if let Some(cut) = cut.filter(|cut| cut.rectangle.area() > 0) {
        let partners: Vec<i32> = cut.mix.iter().map(|(partner, _)| *partner as i32).collect();
        let partners =
            Tensor::<1, Int>::from_data(TensorData::new(partners, [count]), &images.device());
        let boxes = images.clone().slice(slices(&cut.rectangle)).select(0, partners);
        images = images.slice_assign(slices(&cut.rectangle), boxes);
    }
    images
}
