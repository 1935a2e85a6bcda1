//! The outputs of single layers of a network of the chapter.

use burn::tensor::Tensor;
use resnette_spec::architecture::Naming;

use crate::model::res_block::ResBlock;
use crate::model::resnet::ResNet;

const NAMING: Naming = Naming::Chapter;

impl ResNet {
    /// The output of the layer with this name in the summary (`stem.2`, `max_pool`,
    /// `stages.0.1.convs.2`, `stages.0.1.se`, `stages.0.1.sa`, `stages.1.0.pool`,
    /// `stages.1.0.idconv`), of a block (`stages.0.1`) or of a stage (`stages.0`); `None` for
    /// another name.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, channels, h', w']`.
    pub fn layer(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        let mut x = input;
        for (index, conv) in self.stem.iter().enumerate() {
            x = conv.forward(x);
            if name == NAMING.stem(index).layer {
                return Some(x);
            }
        }
        if self.max_pool {
            x = self.pool(x);
            if name == NAMING.max_pool() {
                return Some(x);
            }
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let own = NAMING.block(stage, index);
                if let Some(part) = name.strip_prefix(&own).and_then(|rest| rest.strip_prefix('.'))
                {
                    return block.part(x, part);
                }
                x = block.forward(x);
                if name == own {
                    return Some(x);
                }
            }
            if name == NAMING.stage(stage) {
                return Some(x);
            }
        }
        None
    }
}

impl ResBlock {
    /// The output of a layer inside the block: `convs.1`, `se`, `sa`, `pool` or `idconv`; `None`
    /// for another name.
    ///
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, channels, h', w']`.
    fn part(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        match name {
            "se" => self.se.is_some().then(|| self.excited(self.convolved(input))),
            "sa" => self.sa.is_some().then(|| self.residual(input)),
            "pool" => Some(self.pooled(input)),
            "idconv" => self.idconv.as_ref().map(|idconv| idconv.forward(self.pooled(input))),
            _ => {
                let last: usize = name.strip_prefix("convs.")?.parse().ok()?;
                let convs = self.convs.get(..=last)?;
                Some(convs.iter().fold(input, |x, conv| conv.forward(x)))
            }
        }
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::module::Param;
    use burn::tensor::{Device, Distribution, TensorData};
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;

    /// The last layer of a residual path that the summary names is what is added to the identity
    /// path.
    #[test]
    fn the_ends_of_a_residual_path_can_be_looked_at() {
        let floats = |tensor: Tensor<4>| tensor.into_data().iter::<f32>().collect::<Vec<f32>>();
        let device = Device::flex();
        for (more, names) in [
            ("se=2", &["stages.0.0.se", "stages.0.0.convs.1"][..]),
            ("sa=1", &["stages.0.0.sa", "stages.0.0.convs.1"]),
            ("se=2&sa=1", &["stages.0.0.sa", "stages.0.0.se", "stages.0.0.convs.1"]),
        ] {
            let link = format!("layers=1,1&width=8&stem=8&block=basic&expansion=1&{more}");
            let architecture = Architecture::new(&read_run(&link).0.net, 10);
            let mut model = ResNet::new(&architecture, stream(3, Purpose::Init, 0), &device);
            let images = Tensor::<4>::random([2, 3, 32, 32], Distribution::Default, &device);
            let stem = model.stem(images.clone());
            let Some(block) = model.stages.first_mut().and_then(|stage| stage.first_mut()) else {
                panic!("no block")
            };
            // With its first gamma self-attention has no effect.
            if let Some(sa) = &mut block.sa {
                sa.gamma = Param::from_data(TensorData::new(vec![0.1f32], [1]), &device);
            }
            if let Some(last) = block.convs.last_mut() {
                last.norm.weight = Param::from_data(TensorData::new(vec![1.0f32; 8], [8]), &device);
            }
            let wanted = floats(block.residual(stem));
            let outputs: Vec<Vec<f32>> = names
                .iter()
                .filter_map(|name| model.layer(images.clone(), name).map(floats))
                .collect();
            assert_eq!(outputs.len(), names.len());
            assert_eq!(outputs[0], wanted, "{more}");
            assert!(outputs.windows(2).all(|pair| pair[0] != pair[1]), "{more}");
        }
    }
}
