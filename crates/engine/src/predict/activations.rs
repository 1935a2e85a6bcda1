//! The outputs of layers and blocks for a picture, and the filters of the first layer.

use burn::tensor::{ExecutionError, Tensor};
use resnette_picture::Picture;
use resnette_protocol::predict::Activations;

use crate::model::Network;

/// Most channels that are shown.
const MAX_CHANNELS: usize = 64;

/// The output of a layer for each picture, as shades of grey; `None` if the network has no layer of
/// this name. Values of 0 and below are black, and each picture's largest value is white.
///
/// # Shapes
/// `input` is `[n, 3, h, w]`, and the result has `n` elements.
///
/// # Errors
/// The device failed.
pub async fn activations(
    network: &Network,
    input: Tensor<4>,
    layer: &str,
) -> Result<Option<Vec<Activations>>, ExecutionError> {
    let Some(output) = network.layer(input, layer) else { return Ok(None) };
    let [_, channels, h, w] = output.dims();
    let values: Vec<f32> = output.into_data_async().await?.iter::<f32>().collect();
    let grids = values.chunks_exact((channels * h * w).max(1)).map(|values| {
        let most = values.iter().copied().fold(0f32, f32::max);
        let scale = if most > 0.0 { 255.0 / most } else { 0.0 };
        let shown = values.iter().take(channels.min(MAX_CHANNELS) * h * w);
        Activations {
            layer: layer.into(),
            shape: [channels, h, w].map(|number| number as u32),
            grey: shown.map(|value| (value.max(0.0) * scale).round() as u8).collect(),
        }
    });
    Ok(Some(grids.collect()))
}

/// The activity of each block for each picture: `log10` of the root mean square of its output.
///
/// # Shapes
/// `grids` are the outputs of the blocks, each `[n, channels, h, w]`. The result has `n` lists with
/// a number for each block.
///
/// # Errors
/// The device failed.
pub async fn activity(grids: &[Tensor<4>]) -> Result<Vec<Vec<f32>>, ExecutionError> {
    let Some(first) = grids.first() else { return Ok(Vec::new()) };
    let n = first.dims()[0];
    let means =
        grids.iter().map(|grid| grid.clone().flatten::<2>(1, 3).square().mean_dim(1)).collect();
    let means: Vec<f32> = Tensor::cat(means, 1).into_data_async().await?.iter::<f32>().collect();
    Ok(means
        .chunks_exact(grids.len())
        .take(n)
        .map(|row| row.iter().map(|mean| mean.sqrt().log10()).collect())
        .collect())
}

/// The filters of the first convolution as small colour pictures, if its input has three channels.
/// A weight of 0 is middle grey, and the largest weight of each filter is black or full colour.
///
/// # Errors
/// The device failed.
pub async fn filters(network: &Network) -> Result<Vec<Picture>, ExecutionError> {
    let Some(weights) = network.first_filters() else { return Ok(Vec::new()) };
    let [_, colours, h, w] = weights.dims();
    if colours != 3 {
        return Ok(Vec::new());
    }
    let values: Vec<f32> = weights.into_data_async().await?.iter::<f32>().collect();
    let pictures = values.chunks_exact(3 * h * w).map(|filter| {
        let most = filter.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
        let pixels =
            (0..h * w).flat_map(|at| (0..3).map(move |colour| filter[colour * h * w + at]));
        let rgb = pixels.map(|value| (127.5 + 127.5 * value / most).round() as u8).collect();
        Picture { width: w as u32, height: h as u32, rgb }
    });
    Ok(pictures.take(MAX_CHANNELS).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::TensorData;
    use futures::executor::block_on;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::read_run;

    use super::*;
    use crate::predict::classify::tests::small;

    fn input() -> Tensor<4> {
        let values: Vec<f32> = (0..2 * 3 * 48 * 48).map(|i| (i as f32 * 0.013).sin()).collect();
        Tensor::from_data(TensorData::new(values, [2, 3, 48, 48]), &small().2)
    }

    #[test]
    fn every_layer_of_the_summary_can_be_seen_at_its_shape() {
        let (network, _, _) = small();
        let run = read_run("size=48&layers=1,1&expansion=2&width=8&stem=4,8").0;
        for row in Architecture::new(&run.net, 10)
            .rows(48)
            .iter()
            .filter(|row| row.name != "avg_pool" && row.name != "head")
        {
            let grids = block_on(activations(&network, input(), &row.name)).unwrap().unwrap();
            assert_eq!((grids.len(), grids[1].shape), (2, row.shape), "{}", row.name);
            let [c, h, w] = row.shape;
            assert_eq!(grids[0].grey.len() as u32, c.min(64) * h * w);
        }
        let last = network.layer(input(), "stages.1").unwrap();
        let features = network.features(input());
        assert!((last - features).abs().max().into_scalar::<f32>() < 1e-6);
        for name in
            ["", "stem.9", "stages.0.0.convs.9", "stages.0.0.convs.x", "stages.0.0.", "head"]
        {
            assert_eq!(block_on(activations(&network, input(), name)).unwrap(), None, "{name}");
        }
    }

    #[test]
    fn grey_is_the_share_of_the_largest_value() {
        let (network, _, _) = small();
        let values =
            network.layer(input(), "stem.0").unwrap().into_data().try_to_vec::<f32>().unwrap();
        let first = &values[..values.len() / 2];
        let most = first.iter().copied().fold(0f32, f32::max);
        let grey = &block_on(activations(&network, input(), "stem.0")).unwrap().unwrap()[0].grey;
        assert!(grey.contains(&255) && grey.contains(&0));
        assert!(
            grey.iter()
                .zip(first)
                .all(|(&grey, value)| (f32::from(grey) / 255.0 - value / most).abs() < 0.003)
        );
    }

    #[test]
    fn the_largest_weight_of_a_filter_is_black_or_full_colour() {
        let (network, _, _) = small();
        let filters = block_on(filters(&network)).unwrap();
        assert_eq!(filters.len(), 4);
        for filter in filters {
            assert_eq!((filter.width, filter.height, filter.rgb.len()), (3, 3, 27));
            assert!(filter.rgb.contains(&0) || filter.rgb.contains(&255));
        }
    }
}
