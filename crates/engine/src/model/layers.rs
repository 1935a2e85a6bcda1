//! What single layers put out.

use burn::tensor::Tensor;

use crate::model::resnet::{ResNet, max_pool};

impl ResNet {
    /// The output of the layer with this name in the summary (`stem.2`, `max_pool`,
    /// `stages.0.1.convs.2`, `stages.1.0.pool`, `stages.1.0.idconv`), of a block (`stages.0.1`)
    /// or of a stage (`stages.0`). Nothing for another name.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, channels, h', w']`.
    pub fn layer(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        let mut x = input;
        for (index, conv) in self.stem.iter().enumerate() {
            x = conv.forward(x);
            if name == format!("stem.{index}") {
                return Some(x);
            }
        }
        if self.max_pool {
            x = max_pool(x);
            if name == "max_pool" {
                return Some(x);
            }
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let own = format!("stages.{stage}.{index}");
                if let Some(part) = name.strip_prefix(&own).and_then(|rest| rest.strip_prefix('.'))
                {
                    return match part {
                        "pool" => Some(block.pooled(x)),
                        "idconv" => {
                            block.idconv.as_ref().map(|idconv| idconv.forward(block.pooled(x)))
                        }
                        _ => {
                            let conv: usize = part.strip_prefix("convs.")?.parse().ok()?;
                            block
                                .convs
                                .get(..=conv)
                                .map(|convs| convs.iter().fold(x, |x, conv| conv.forward(x)))
                        }
                    };
                }
                x = block.forward(x);
                if name == own {
                    return Some(x);
                }
            }
            if name == format!("stages.{stage}") {
                return Some(x);
            }
        }
        None
    }
}
