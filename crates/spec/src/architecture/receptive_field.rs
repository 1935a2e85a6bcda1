//! Which pixels a cell of a layer's grid sees: its receptive field.
//!
//! A window of `ks` cells with a step of `stride` over a grid whose cells see `side` pixels, `jump`
//! pixels apart, makes a grid whose cells see `side + (ks - 1) · jump` pixels, `stride · jump`
//! apart (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
//! [arXiv:1603.07285](https://arxiv.org/abs/1603.07285); Araujo, Norris and Sim, "Computing
//! receptive fields of convolutional neural networks", <https://doi.org/10.23915/distill.00021>). A
//! block sees what its residual path or its skip connection sees; the averages of
//! squeeze-and-excitation and the products of self-attention, which see the whole picture and only
//! scale or mix the channels that the path sees, are not counted.

use std::ops::Range;

use super::{Architecture, BlockSpec, ConvSpec};
use crate::net::StemPool;

/// What the cells of a grid see of the picture, along both of its sides alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// Pixels that a cell sees along a side, where no edge of the picture cuts them off.
    pub side: u32,
    /// Pixels from what a cell sees to what its neighbour sees.
    pub jump: u32,
    /// The first pixel that cell 0 sees; negative where the padding begins before the picture.
    pub start: i64,
}

impl ReceptiveField {
    /// A pixel sees itself.
    const PIXEL: Self = Self { side: 1, jump: 1, start: 0 };

    /// What the cells of a grid see that a window makes of this one.
    fn after(self, ks: u32, stride: u32, padding: u32) -> Self {
        Self {
            side: self.side.saturating_add(ks.saturating_sub(1).saturating_mul(self.jump)),
            jump: self.jump.saturating_mul(stride.max(1)),
            start: self.start - i64::from(padding) * i64::from(self.jump),
        }
    }

    fn after_conv(self, conv: &ConvSpec) -> Self {
        self.after(conv.ks, conv.stride, conv.ks.saturating_sub(1) / 2)
    }

    /// What one of two paths sees that end in the same grid.
    fn or(self, other: Self) -> Self {
        let start = self.start.min(other.start);
        let end = (self.start + i64::from(self.side)).max(other.start + i64::from(other.side));
        Self { side: u32::try_from(end - start).unwrap_or(u32::MAX), start, ..self }
    }

    /// The pixels that a cell sees along a side of a picture of `size`×`size`, cut off at its
    /// edges. A cell that lies beyond the grid may see none.
    pub fn pixels(&self, cell: u32, size: u32) -> Range<u32> {
        let first = i64::from(cell).saturating_mul(i64::from(self.jump)).saturating_add(self.start);
        let within = |pixel: i64| pixel.clamp(0, i64::from(size)) as u32;
        within(first)..within(first.saturating_add(i64::from(self.side)))
    }
}

impl Architecture {
    /// What the cells of a layer, block or stage see, by its name as in [`Self::layer_names`];
    /// `None` if there is no grid of this name.
    pub fn receptive_field(&self, name: &str) -> Option<ReceptiveField> {
        let naming = self.naming;
        let mut field = ReceptiveField::PIXEL;
        for (index, conv) in self.stem.iter().enumerate() {
            field = field.after_conv(conv);
            if name == naming.stem(index).layer {
                return Some(field);
            }
        }
        if self.max_pool {
            field = match self.pool {
                StemPool::Max => field.after(3, 2, 1),
                StemPool::Blur => field.after(2, 1, 0).after(3, 2, 1),
            };
            if name == naming.max_pool() {
                return Some(field);
            }
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let own = naming.block(stage, index);
                let is_part = name.strip_prefix(&own).is_some_and(|rest| rest.starts_with('.'));
                if is_part {
                    return self.part_field(block, &own, name, field);
                }
                field = block.field(field);
                if name == own {
                    return Some(field);
                }
            }
            if name == naming.stage(stage) {
                return Some(field);
            }
        }
        None
    }

    /// What the cells of a layer in the block with the name `own` see, whose input sees `entry`.
    fn part_field(
        &self,
        block: &BlockSpec,
        own: &str,
        name: &str,
        entry: ReceptiveField,
    ) -> Option<ReceptiveField> {
        let mut field = entry;
        for (index, conv) in block.convs.iter().enumerate() {
            field = field.after_conv(conv);
            if name == self.naming.conv(own, index).layer {
                return Some(field);
            }
        }
        if block.squeeze.is_some() && name == self.naming.squeeze(own)
            || block.attention.is_some() && name == self.naming.attention(own)
        {
            return Some(field);
        }
        if block.skip && block.pool && name == format!("{own}.pool") {
            return Some(block.pooled_field(entry));
        }
        let projection = block.projection.as_ref()?;
        let is_projection = name == self.naming.projection(own).layer;
        is_projection.then(|| block.pooled_field(entry).after_conv(projection))
    }
}

impl BlockSpec {
    /// What the cells of the block's output see, if those of its input see `entry`.
    fn field(&self, entry: ReceptiveField) -> ReceptiveField {
        let residual = self.convs.iter().fold(entry, ReceptiveField::after_conv);
        if !self.skip {
            return residual;
        }
        let pooled = self.pooled_field(entry);
        let skip = self.projection.as_ref().map_or(pooled, |conv| pooled.after_conv(conv));
        residual.or(skip)
    }

    /// What the cells behind the average pool of the skip connection see.
    fn pooled_field(&self, entry: ReceptiveField) -> ReceptiveField {
        if self.pool { entry.after(2, 2, 0) } else { entry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    fn named(settings: &str) -> Architecture {
        Architecture::new(&read_run(settings).0.net, 10)
    }

    /// The figure that is known of ResNet-18: its last grid sees 435 pixels (Araujo et al.).
    #[test]
    fn the_last_grid_of_resnet_18_sees_435_pixels() {
        let network = Architecture::torchvision([2, 2, 2, 2], false, 1000);
        let field = network.receptive_field("layer4");
        assert_eq!(field.map(|field| (field.side, field.jump)), Some((435, 32)));
    }

    #[test]
    fn every_layer_that_can_be_shown_has_a_field() {
        let chapter = named("layers=1,2&block=bottleneck&expansion=4&stem=4,8&width=4");
        let torchvision = Architecture::torchvision([1, 1, 1, 1], true, 10);
        for network in [&chapter, &torchvision] {
            for name in network.layer_names() {
                assert!(network.receptive_field(&name).is_some(), "{name}");
            }
        }
        assert_eq!(chapter.receptive_field("stages.1"), chapter.receptive_field("stages.1.1"));
        for name in ["", "head", "avg_pool", "stages.0.0.", "stages.0.0.pool", "stages.0.0.convs.9"]
        {
            assert_eq!(chapter.receptive_field(name), None, "{name}");
        }
    }

    /// Of a block whose skip is cut the residual path alone is seen, and neither
    /// squeeze-and-excitation nor self-attention adds to it.
    #[test]
    fn a_cut_block_sees_what_its_path_sees() {
        let network =
            named("layers=1,2&block=basic&expansion=1&width=4&stem=4,8&cut=2.1&se=2&sa=1");
        for name in network.layer_names() {
            assert!(network.receptive_field(&name).is_some(), "{name}");
        }
        let block = network.receptive_field("stages.1.0");
        for part in ["stages.1.0.se", "stages.1.0.convs.1"] {
            assert_eq!(network.receptive_field(part), block, "{part}");
        }
        let last = network.receptive_field("stages.0.0.convs.1");
        assert_eq!(network.receptive_field("stages.0.0.sa"), last);
        for gone in ["stages.1.0.pool", "stages.1.0.idconv", "stages.1.0.sa"] {
            assert_eq!(network.receptive_field(gone), None, "{gone}");
        }
    }

    #[test]
    fn the_pictures_edges_cut_fields_off() {
        let field = ReceptiveField { side: 7, jump: 4, start: -3 };
        assert_eq!((field.pixels(0, 16), field.pixels(1, 16)), (0..4, 1..8));
        assert_eq!((field.pixels(3, 16), field.pixels(9, 16)), (9..16, 16..16));
        assert!(field.pixels(u32::MAX, 16).is_empty());
    }
}
