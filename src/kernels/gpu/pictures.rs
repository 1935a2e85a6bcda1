//! A batch of pictures on the GPU: their bytes go there, and all that happens to them happens there.
#![allow(unsafe_code, reason = "a launch checks no index: the kernels bound their own reads and writes")]

use burn::backend::Cube;
use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::CubeDim;

use super::cube::pictures::{PLACE, VIEW, render as kernel};
use super::launch::{buffer, spread};
use super::primitive;
use crate::data::batch::{MEAN, STD, Views};

/// What [`Views::render`] makes, on the GPU: `[n, 3, size, size]` without a tape, normalised and mixed.
///
/// # Panics
/// On another device than a GPU's: `runs_on_gpu` is asked first.
pub fn render(views: &Views<'_>, device: &Device) -> Tensor<4> {
    let side = views.size as usize;
    let count = views.pictures.len();
    let target = primitive(Tensor::<4>::empty([count, 3, side, side], &device.clone().without_autodiff()));
    let mut bytes = Vec::with_capacity(views.pictures.iter().map(|picture| picture.rgb.len() + 3).sum());
    let mut places = Vec::with_capacity(count * PLACE);
    let mut numbers = Vec::with_capacity(count * VIEW);
    for (index, (picture, view)) in views.pictures.iter().zip(&views.views).enumerate() {
        let (partner, share) = views.mix.as_ref().map_or((index, 1.0), |mix| mix[index]);
        places.extend([bytes.len() as u32, picture.width, picture.height, partner as u32, view.light.is_some().into()]);
        numbers.extend(view.in_pixels(picture, views.size).map(|number| number as f32));
        let (add, scale) = view.light.unwrap_or((0.0, 1.0));
        numbers.extend([add as f32, scale as f32, share]);
        bytes.extend_from_slice(&picture.rgb);
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let put = |data: &[u8], dtype: DType| {
        let handle = target.client.create_from_slice(data);
        CubeTensor::new_contiguous(target.client.clone(), target.device.clone(), [data.len() / 4].into(), handle, dtype)
    };
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let places = words(&places);
    let numbers: Vec<u8> = numbers.iter().flat_map(|number: &f32| number.to_ne_bytes()).collect();
    let (bytes, places, numbers) = (put(&bytes, DType::U32), put(&places, DType::U32), put(&numbers, DType::F32));
    // Safety: every picture's bytes are all there, a partner is one of the batch, and the target is as long as the kernel is told.
    unsafe {
        kernel::launch_unchecked(
            &target.client,
            spread(count * side * side, 64),
            CubeDim::new_1d(64),
            buffer(&bytes),
            buffer(&places),
            buffer(&numbers),
            buffer(&target),
            count,
            side,
            MEAN.into_iter().collect(),
            STD.into_iter().collect(),
            views.mix.is_some(),
        );
    }
    Tensor::from_primitive::<Cube>(target)
}
