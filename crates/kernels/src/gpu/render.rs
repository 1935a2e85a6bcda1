//! A batch of pictures on the GPU: the decoded bytes are uploaded as they are, and one kernel
//! crops, warps, relights, normalises and mixes them ([`crate::gpu::cube::render`]).
//!
//! All pictures lie one after another in a single buffer, because WebGPU lets a kernel see only a
//! few buffers. Two small buffers say where each picture lies and how it is sampled.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::Cube;
use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::CubeDim;

use crate::gpu::cube::render::{HEADER_LEN, VIEW_LEN, render_batch as kernel};
use crate::gpu::launch::{buffer, cubes_for};
use crate::gpu::primitive::primitive;
use crate::sampled_picture::SampledPicture;

/// Samples a batch of pictures, normalises each channel with `mean` and `std`, and mixes pairs.
///
/// # Shapes
/// Result: `[n, 3, size, size]`, not tracked by autodiff
///
/// # Panics
/// If the device is not a GPU: ask [`crate::runs_on_gpu`] first.
pub fn render(
    pictures: &[SampledPicture<'_>],
    size: u32,
    mean: [f32; 3],
    std: [f32; 3],
    device: &Device,
) -> Tensor<4> {
    let side = size as usize;
    let count = pictures.len();
    let mixed = pictures.iter().any(|picture| picture.mix.is_some());
    let target =
        primitive(Tensor::<4>::empty([count, 3, side, side], &device.clone().without_autodiff()));
    let mut bytes = Vec::with_capacity(pictures.iter().map(|picture| picture.rgb.len() + 3).sum());
    let mut headers = Vec::with_capacity(count * HEADER_LEN);
    let mut views = Vec::with_capacity(count * VIEW_LEN);
    for (index, picture) in pictures.iter().enumerate() {
        let (partner, share) = picture.mix.unwrap_or((index, 1.0));
        headers.extend([
            bytes.len() as u32,
            picture.width,
            picture.height,
            partner as u32,
            picture.light.is_some().into(),
        ]);
        views.extend(picture.map.map(|number| number as f32));
        let (add, scale) = picture.light.unwrap_or((0.0, 1.0));
        views.extend([add as f32, scale as f32, share]);
        bytes.extend_from_slice(picture.rgb);
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let upload = |data: &[u8], dtype: DType| {
        let handle = target.client.create_from_slice(data);
        CubeTensor::new_contiguous(
            target.client.clone(),
            target.device.clone(),
            [data.len() / 4].into(),
            handle,
            dtype,
        )
    };
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let headers = words(&headers);
    let views: Vec<u8> = views.iter().flat_map(|number: &f32| number.to_ne_bytes()).collect();
    let (bytes, headers, views) =
        (upload(&bytes, DType::U32), upload(&headers, DType::U32), upload(&views, DType::F32));
    // SAFETY: the buffers hold all bytes of every picture, a partner is a picture of the batch, and
    // the target is as long as the kernel is told.
    unsafe {
        kernel::launch_unchecked(
            &target.client,
            cubes_for(count * side * side, 64),
            CubeDim::new_1d(64),
            buffer(&bytes),
            buffer(&headers),
            buffer(&views),
            buffer(&target),
            count,
            side,
            mean.into_iter().collect(),
            std.into_iter().collect(),
            mixed,
        );
    }
    Tensor::from_primitive::<Cube>(target)
}
