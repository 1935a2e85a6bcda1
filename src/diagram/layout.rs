//! Geometry of the drawing of a network.
//!
//! A block is drawn as a plate: its height stands for its channels on a log scale, and its width
//! for its depth in layers. A skip connection is an arc over the plate. Below each group are its
//! grid and its channels. All lengths are in the SVG's own units.

use resnette_spec::architecture::{Architecture, BlockSpec, LayerRow};

/// Width of the drawing.
pub const WIDTH: f64 = 1000.0;
/// The middle of the input picture, which stands at the left end.
pub const PICTURE: f64 = 26.0;
/// Width of the widest layer.
const WIDEST: f64 = 26.0;
/// The gap between two plates.
const GAP: f64 = 7.0;
/// The gap between two groups.
const GROUP_GAP: f64 = 18.0;
/// Width of the narrowest group, whose labels need room.
const NARROWEST: f64 = 78.0;

/// The part of a network that a plate stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlateKind {
    /// A convolution of the stem.
    Conv,
    /// The max-pool.
    Pool,
    /// A residual block, with its index in the network.
    Block(usize),
    /// The average over the grid, and in fastai's head the maximum before it.
    Average,
    /// The layers that classify: one linear layer, or those of fastai's head.
    Head,
}

/// The drawing of one part of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// The part that the plate stands for.
    pub kind: PlateKind,
    /// The name of the part for the reader.
    pub title: String,
    /// The left edge.
    pub x: f64,
    /// The width.
    pub width: f64,
    /// The height at both ends.
    pub height: f64,
    /// The height in the middle, where a bottleneck is narrower.
    pub waist: f64,
    /// The skip connection, if there is one.
    pub skip: Option<Skip>,
    /// The layers of the part.
    pub layers: Vec<LayerRow>,
}

/// The layers on a skip connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Whether it has an average pool, because the grid halves.
    pub pool: bool,
    /// Whether it has a 1×1 convolution, because the number of channels changes.
    pub conv: bool,
}

/// Neighbouring plates with a common name.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The name for the reader.
    pub name: String,
    /// Channels, height and width of the output.
    pub shape: [u32; 3],
    /// The middle of the group.
    pub centre: f64,
}

/// The drawing of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Ribbon {
    /// The plates, from left to right.
    pub plates: Vec<Plate>,
    /// The groups of the plates.
    pub groups: Vec<Group>,
    /// Height of the drawing without the labels. The line of data runs at [`Ribbon::middle`].
    pub height: f64,
}

/// The height of a plate with this number of channels.
fn height(channels: u32) -> f64 {
    (8.0 + 10.0 * f64::from(channels.max(1)).log2()).clamp(10.0, 150.0)
}

/// A plate before its position is known.
struct Draft {
    units: f64,
    plate: Plate,
}

impl Ribbon {
    /// Lays out a network for pictures of `size`×`size` pixels.
    pub fn new(plan: &Architecture, size: u32) -> Self {
        let groups = group(plan, &plan.rows(size));
        let gaps = GROUP_GAP * groups.len().saturating_sub(1) as f64;
        let room = places(
            &groups.iter().map(|(_, _, drafts)| natural(drafts)).collect::<Vec<_>>(),
            WIDTH - gaps - PICTURE_ROOM,
        );
        let mut ribbon = Self { plates: Vec::new(), groups: Vec::new(), height: 0.0 };
        let mut left = PICTURE_ROOM;
        for ((name, shape, drafts), room) in groups.into_iter().zip(room) {
            let units: f64 = drafts.iter().map(|draft| draft.units).sum();
            // Dense networks (ResNet-152) have gaps that shrink with their plates.
            let gap = GAP.min(0.3 * room / drafts.len().max(1) as f64);
            let unit = ((room - gap * (drafts.len() as f64 - 1.0)) / units).min(WIDEST);
            let used = unit * units + gap * (drafts.len() as f64 - 1.0);
            let mut x = left + (room - used) / 2.0;
            for Draft { units, plate } in drafts {
                let width = unit * units;
                ribbon.plates.push(Plate { x, width, ..plate });
                x += width + gap;
            }
            ribbon.groups.push(Group { name, shape, centre: left + room / 2.0 });
            left += room + GROUP_GAP;
        }
        let tallest = ribbon.plates.iter().map(|plate| plate.height).fold(40.0, f64::max);
        ribbon.height = tallest + ARC_ROOM + FOOT_ROOM;
        ribbon
    }

    /// The line of data, which is the middle of every plate.
    pub fn middle(&self) -> f64 {
        ARC_ROOM + (self.height - ARC_ROOM - FOOT_ROOM) / 2.0
    }
}

/// Width that the input picture takes at the left.
const PICTURE_ROOM: f64 = 76.0;
/// Height of an arc above its plate.
const ARC_RISE: f64 = 16.0;
/// Height that the arcs take above the plates.
const ARC_ROOM: f64 = 24.0;
/// Height that is left free below the plates.
const FOOT_ROOM: f64 = 8.0;

impl Plate {
    /// The outline around a middle line at `y`: a rectangle, or an hourglass if the waist is
    /// narrower.
    pub fn outline(&self, y: f64) -> String {
        let (left, right) = (self.x, self.x + self.width);
        let (half, waist) = (self.height / 2.0, self.waist / 2.0);
        let (near, far) = (self.x + self.width * 0.3, self.x + self.width * 0.7);
        format!(
            "M{left:.1} {:.1}C{near:.1} {:.1} {near:.1} {:.1} {:.1} {:.1}S{far:.1} {:.1} \
             {right:.1} {:.1}V{:.1}C{far:.1} {:.1} {far:.1} {:.1} {:.1} {:.1}S{near:.1} {:.1} \
             {left:.1} {:.1}Z",
            y - half,
            y - half,
            y - waist,
            self.x + self.width / 2.0,
            y - waist,
            y - half,
            y - half,
            y + half,
            y + half,
            y + waist,
            self.x + self.width / 2.0,
            y + waist,
            y + half,
            y + half,
        )
    }

    /// The arc of the skip connection, from the line before the plate to the line behind it.
    pub fn arc(&self, y: f64) -> String {
        let (left, right, shoulder) =
            (self.x - 2.0, self.x + self.width + 2.0, y - self.height / 2.0);
        // A cubic reaches three quarters of the height of its control points.
        let top = shoulder - ARC_RISE / 0.75;
        format!(
            "M{left:.1} {y:.1}V{shoulder:.1}C{left:.1} {top:.1} {right:.1} {top:.1} {right:.1} \
             {shoulder:.1}V{y:.1}"
        )
    }

    /// Where the marks lie on the arc: at its top, two of them side by side.
    pub fn mark(&self, y: f64, index: usize, of: usize) -> (f64, f64) {
        let shift = if of == 2 { (index as f64 - 0.5) * 11.0 } else { 0.0 };
        (self.x + self.width / 2.0 + shift, y - self.rise())
    }

    fn rise(&self) -> f64 {
        self.height / 2.0 + ARC_RISE
    }

    /// The name of the layer or block that puts out the part's grid; `None` if what it puts out is
    /// no grid.
    pub fn output(&self) -> Option<String> {
        let first = &self.layers.first()?.name;
        match self.kind {
            PlateKind::Conv | PlateKind::Pool => Some(first.clone()),
            // The block is named before its first convolution.
            PlateKind::Block(_) => first.split_once(".convs.").map(|(block, _)| block.to_string()),
            PlateKind::Average | PlateKind::Head => None,
        }
    }

    /// The number of trainable parameters.
    pub fn parameters(&self) -> u64 {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// The number of multiply-adds for one picture.
    pub fn multiply_adds(&self) -> u64 {
        self.layers.iter().map(|layer| layer.multiply_adds).sum()
    }
}

/// Height and width of an output, as in `16×16`.
pub fn grid(shape: [u32; 3]) -> String {
    format!("{}×{}", shape[1], shape[2])
}

type Draw = (String, [u32; 3], Vec<Draft>);

/// The plates by group. In a network without max-pool the first convolutions are the body and not a
/// stem: each is a group.
fn group(plan: &Architecture, rows: &[LayerRow]) -> Vec<Draw> {
    let with_prefix = |prefix: &str| {
        rows.iter().filter(|row| row.name.starts_with(prefix)).cloned().collect::<Vec<_>>()
    };
    let mut groups: Vec<Draw> = Vec::new();
    let mut stem = Vec::new();
    for (index, row) in with_prefix("stem.").into_iter().enumerate() {
        let shape = row.shape;
        let place = if plan.max_pool { "Stem, convolution" } else { "Convolution" };
        let draft =
            draft(PlateKind::Conv, format!("{place} {}", index + 1), 1.0, shape[0], vec![row]);
        if plan.max_pool {
            stem.push((shape, draft));
        } else {
            groups.push((format!("conv {}", index + 1), shape, vec![draft]));
        }
    }
    for row in with_prefix("max_pool") {
        let shape = row.shape;
        stem.push((shape, draft(PlateKind::Pool, "Max-pool".into(), 0.5, shape[0], vec![row])));
    }
    if let Some(&(shape, _)) = stem.last() {
        groups.push(("stem".into(), shape, stem.into_iter().map(|(_, draft)| draft).collect()));
    }
    let mut number = 0;
    for (stage, blocks) in plan.stages.iter().enumerate() {
        let mut shape = [0; 3];
        let mut drafts = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let layers = with_prefix(&format!("stages.{stage}.{index}."));
            shape = layers
                .iter()
                .rev()
                .find(|row| row.name.contains(".convs."))
                .map_or(shape, |row| row.shape);
            drafts.push(block_draft(
                block,
                number,
                format!("Stage {}, block {}", stage + 1, index + 1),
                layers,
            ));
            number += 1;
        }
        groups.push((format!("stage {}", stage + 1), shape, drafts));
    }
    let (pools, layers) = match plan.has_fastai_head() {
        true => ("Maximum and average over the grid", "fastai’s head, two linear layers"),
        false => ("Average over the grid", "Linear layer"),
    };
    let head = vec![
        draft(PlateKind::Average, pools.into(), 1.0, plan.pooled(), with_prefix("avg_pool")),
        draft(PlateKind::Head, layers.into(), 1.0, plan.classes, with_prefix("head")),
    ];
    groups.push(("head".into(), [plan.classes, 1, 1], head));
    groups
}

fn draft(
    kind: PlateKind,
    title: String,
    units: f64,
    channels: u32,
    layers: Vec<LayerRow>,
) -> Draft {
    let height = height(channels);
    Draft {
        units,
        plate: Plate { kind, title, x: 0.0, width: 0.0, height, waist: height, skip: None, layers },
    }
}

fn block_draft(block: &BlockSpec, number: usize, title: String, layers: Vec<LayerRow>) -> Draft {
    let channels = block.convs.last().map_or(1, |conv| conv.nf);
    let inner = block.convs.iter().map(|conv| conv.nf).min().unwrap_or(channels);
    let mut draft =
        draft(PlateKind::Block(number), title, block.convs.len() as f64, channels, layers);
    draft.plate.waist = height(inner);
    draft.plate.skip =
        block.skip.then_some(Skip { pool: block.pool, conv: block.projection.is_some() });
    draft
}

/// The width that a group would take if there were room.
fn natural(drafts: &[Draft]) -> f64 {
    let units: f64 = drafts.iter().map(|draft| draft.units).sum();
    units * WIDEST + GAP * drafts.len().saturating_sub(1) as f64
}

/// Gives each group the width that it wants and spreads the rest evenly. If there is too little,
/// only the labels keep their room.
fn places(wanted: &[f64], room: f64) -> Vec<f64> {
    let groups = wanted.len().max(1) as f64;
    let least = NARROWEST.min(room / groups);
    let extra: Vec<f64> = wanted.iter().map(|wanted| (wanted - least).max(0.0)).collect();
    let sum: f64 = extra.iter().sum();
    let spare = room - least * groups;
    let (share, rest) =
        if sum > spare { (spare / sum, 0.0) } else { (1.0, (spare - sum) / groups) };
    extra.iter().map(|extra| least + extra * share + rest).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::presets::NETWORKS;
    use resnette_spec::{Block, HeadKind, read_run};

    use super::*;

    fn named(name: &str) -> Ribbon {
        let preset = NETWORKS.iter().find(|preset| preset.name == name).unwrap();
        Ribbon::new(&Architecture::new(&read_run(preset.settings).0.net, 10), 64)
    }

    #[test]
    fn every_network_fits_and_no_plate_hides_another() {
        for preset in NETWORKS {
            let ribbon = named(preset.name);
            let mut right = 0.0;
            for plate in &ribbon.plates {
                assert!(plate.x >= right - 1e-6 && plate.width > 0.0, "{}: {plate:?}", preset.name);
                right = plate.x + plate.width;
                assert!(plate.rise() <= ribbon.middle(), "{}: arc leaves the drawing", preset.name);
            }
            assert!(right <= WIDTH + 1e-6, "{}: {right}", preset.name);
            assert!(
                ribbon.groups.windows(2).all(|pair| pair[1].centre - pair[0].centre > 60.0),
                "{}",
                preset.name
            );
        }
    }

    #[test]
    fn every_layer_is_on_a_plate_once() {
        for preset in NETWORKS {
            let plan = Architecture::new(&read_run(preset.settings).0.net, 10);
            let parameters: u64 = Ribbon::new(&plan, 64).plates.iter().map(Plate::parameters).sum();
            assert_eq!(parameters, plan.parameters(), "{}", preset.name);
        }
    }

    #[test]
    fn every_plate_of_a_grid_names_an_output_that_can_be_shown() {
        for preset in NETWORKS {
            let plan = Architecture::new(&read_run(preset.settings).0.net, 10);
            let names = plan.layer_names();
            let plates = Ribbon::new(&plan, 64).plates;
            let outputs: Vec<String> = plates.iter().filter_map(Plate::output).collect();
            assert_eq!(outputs.len(), plates.len() - 2, "{}: average and head", preset.name);
            assert!(outputs.iter().all(|output| names.contains(output)), "{outputs:?}");
        }
    }

    #[test]
    fn the_plates_of_the_head_say_which_head_it_is() {
        for (head, titles) in [
            (HeadKind::Linear, ["Average over the grid", "Linear layer"]),
            (
                HeadKind::Fastai,
                ["Maximum and average over the grid", "fastai’s head, two linear layers"],
            ),
        ] {
            let plan = Architecture::new(&read_run("").0.net, 10).with_head(head);
            let ribbon = Ribbon::new(&plan, 64);
            let last = &ribbon.plates[ribbon.plates.len() - 2..];
            assert_eq!([last[0].title.as_str(), last[1].title.as_str()], titles);
            let parameters: u64 = ribbon.plates.iter().map(Plate::parameters).sum();
            assert_eq!(parameters, plan.parameters(), "every layer is on a plate");
        }
    }

    #[test]
    fn a_bottleneck_has_a_waist_and_a_plain_block_no_arc() {
        let bottleneck = named("ResNet-50");
        let blocks: Vec<&Plate> = bottleneck
            .plates
            .iter()
            .filter(|plate| matches!(plate.kind, PlateKind::Block(_)))
            .collect();
        assert_eq!(blocks.len(), 16);
        assert!(blocks.iter().all(|plate| plate.waist < plate.height && plate.skip.is_some()));
        assert_eq!(blocks[0].skip, Some(Skip { pool: false, conv: true }));
        assert_eq!(blocks[3].skip, Some(Skip { pool: true, conv: true }));
        assert_eq!(blocks[4].skip, Some(Skip { pool: false, conv: false }));
        let mut net = read_run("").0.net;
        net.block = Block::Plain;
        let plain = Ribbon::new(&Architecture::new(&net, 10), 64);
        assert!(plain.plates.iter().all(|plate| plate.skip.is_none()));
    }

    #[test]
    fn the_labels_tell_the_way_from_grid_to_vector() {
        let shapes: Vec<[u32; 3]> =
            named("ResNet-18").groups.iter().map(|group| group.shape).collect();
        assert_eq!(
            shapes,
            [[64, 16, 16], [64, 16, 16], [128, 8, 8], [256, 4, 4], [512, 2, 2], [10, 1, 1]]
        );
    }

    #[test]
    fn room_is_used_up_and_shared_fairly() {
        assert_eq!(places(&[100.0, 78.0, 78.0], 346.0), [130.0, 108.0, 108.0]);
        let crowded = places(&[1000.0, 500.0, 10.0], 600.0);
        assert!(
            (crowded.iter().sum::<f64>() - 600.0).abs() < 1e-9
                && crowded[2] == NARROWEST
                && crowded[0] > crowded[1]
        );
    }

    #[test]
    fn a_network_of_nothing_is_drawn_too() {
        let (run, problems) = read_run("layers=&stem=");
        assert_eq!(problems, []);
        let ribbon = Ribbon::new(&Architecture::new(&run.net, 10), 16);
        assert_eq!(ribbon.groups.len(), 2);
    }
}
