//! The way from a tensor of Burn's to the Flex tensor inside it.

use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

/// A Flex tensor that is tracked by autodiff.
pub(super) type Tracked = FloatTensor<Autodiff<Flex>>;

/// The Flex tensor inside a tensor that is not tracked by autodiff.
///
/// # Panics
/// If the tensor is on another device: callers ask [`crate::supports`] first.
pub(super) fn primitive<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    match tensor.try_into_primitive::<Flex>() {
        Ok(tensor) => tensor,
        Err(error) => unreachable!("a kernel got a tensor of another device: {error:?}"),
    }
}

/// The Flex tensor, with its node in the autodiff graph, inside a tensor that is tracked by
/// autodiff.
///
/// # Panics
/// If the tensor is on another device: callers ask [`crate::supports`] first.
pub(super) fn tracked<const D: usize>(tensor: Tensor<D>) -> Tracked {
    match tensor.try_into_primitive::<Autodiff<Flex>>() {
        Ok(tensor) => tensor,
        Err(error) => unreachable!("a kernel got a tensor of another device: {error:?}"),
    }
}
