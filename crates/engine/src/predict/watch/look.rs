//! Asks the network of a run about a sample of its validation pictures, a few at a time.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, ExecutionError};
use resnette_images::dataset::Dataset;
use resnette_images::resize::centre_crop;
use resnette_picture::Picture;
use resnette_protocol::predict::Activations;
use resnette_protocol::watch::{
    GUESSES, MAX_CHANNELS, MAX_POINTS, PinnedPicture, Snapshot, WatchedPoint, Watching,
};
use resnette_spec::architecture::Naming;

use crate::model::Network;
use crate::predict::activations::{activations, filters};
use crate::predict::classify::upload;
use crate::predict::watch::alignment::align;
use crate::predict::watch::principal_axes::{Projection, principal_axes};
use crate::train::learner::Learner;
use crate::train::metrics::ScoredPicture;

/// Batch size. A run waits beside it, so the activations must fit into what it leaves.
const BATCH: usize = 16;
/// Most numbers in the vectors of the sample: of networks with long vectors fewer pictures are
/// watched, so that the map takes a fraction of a second.
const MAX_NUMBERS: usize = 1 << 20;
/// Side of the thumbnails in pixels: all together they take 1.5 MB at most.
const THUMBNAIL_SIDE: u32 = 32;

/// A look at the network of a run as it is when the look begins. The run must not train before the
/// look is dropped: on some engines the optimiser changes tensors in place.
pub struct Look {
    network: Network,
    data: Arc<Dataset>,
    device: Device,
    /// Side of the network's input, in pixels.
    size: u32,
    /// Positions of the watched pictures among the validation pictures.
    sample: Vec<usize>,
    /// The names of the network's stages.
    stages: Vec<String>,
    /// The answers so far.
    scored: Vec<ScoredPicture>,
    /// What the head classifies, `[n, features]` of the pictures so far.
    vectors: Vec<f32>,
    features: usize,
    epoch: Option<u32>,
    is_between_epochs: bool,
}

impl Look {
    /// A look at the network of a run. Nothing is computed yet.
    pub fn new(learner: &Learner) -> Self {
        let network = learner.model.valid();
        let features = network.head().pooled();
        let naming = match &network {
            Network::Chapter(_) => Naming::Chapter,
            Network::Torchvision(_) => Naming::Torchvision,
        };
        let last = learner.history.last().map(|row| row.epoch);
        Self {
            sample: sample(learner.data.valid.len(), features),
            stages: (0..network.stages()).map(|stage| naming.stage(stage)).collect(),
            network,
            data: learner.data.clone(),
            device: learner.device().clone().inner(),
            size: learner.size(),
            scored: Vec::new(),
            vectors: Vec::new(),
            features,
            epoch: learner.kept_epoch().or(last),
            is_between_epochs: learner.is_between_epochs(),
        }
    }

    /// Asks about a batch. Returns whether all pictures of the sample have been asked about.
    ///
    /// # Errors
    /// The device failed.
    pub async fn tick(&mut self) -> Result<bool, ExecutionError> {
        let first = self.scored.len();
        let batch = &self.sample[first..(first + BATCH).min(self.sample.len())];
        if batch.is_empty() {
            return Ok(true);
        }
        let pictures: Vec<&Picture> =
            batch.iter().map(|&index| &self.data.valid[index].picture).collect();
        let input = upload(&pictures, self.size, &self.device);
        let pooled = self.network.pool(self.network.features(input));
        let logits = self.network.head().forward(pooled.clone());
        let [_, classes] = logits.dims();
        let logits: Vec<f32> = logits.into_data_async().await?.iter::<f32>().collect();
        let pooled = pooled.into_data_async().await?;
        self.vectors.extend(pooled.iter::<f32>());
        for (row, &index) in logits.chunks_exact(classes.max(1)).zip(batch) {
            let label = self.data.valid[index].label;
            self.scored.push(ScoredPicture { logits: row.to_vec(), label });
        }
        Ok(self.scored.len() >= self.sample.len())
    }

    /// What was found, once all pictures have been asked about. `map` has the coordinates of the
    /// map before, if there is one of the same run, and gets those of this one. Thumbnails are left
    /// out.
    ///
    /// # Errors
    /// The device failed.
    pub async fn snapshot(&self, map: &mut Vec<[f64; 2]>) -> Result<Snapshot, ExecutionError> {
        let filters = filters(&self.network).await?;
        let is_finite =
            |scored: &ScoredPicture| scored.logits.iter().all(|logit| logit.is_finite());
        let projection = principal_axes(&self.vectors, self.features)
            .filter(|_| self.scored.iter().all(is_finite));
        let Projection { mut points, explained } =
            projection.unwrap_or(Projection { points: Vec::new(), explained: [0.0; 2] });
        align(&mut points, map);
        map.clone_from(&points);
        let watched = points.iter().zip(&self.scored).map(|(&[x, y], scored)| {
            let probabilities = scored.probabilities();
            let ranked = scored.ranked().into_iter().take(GUESSES);
            WatchedPoint {
                x: x as f32,
                y: y as f32,
                truth: scored.label,
                guesses: ranked.map(|class| (class as u32, probabilities[class] as f32)).collect(),
            }
        });
        Ok(Snapshot {
            epoch: self.epoch,
            is_between_epochs: self.is_between_epochs,
            points: watched.collect(),
            explained: explained.map(|share| share as f32),
            features: self.features as u32,
            filters,
            thumbnails: Vec::new(),
        })
    }

    /// The pictures of the sample, small.
    pub fn thumbnails(&self) -> Vec<Picture> {
        let small = |&index: &usize| square(&self.data.valid[index].picture, THUMBNAIL_SIDE);
        self.sample.iter().map(small).collect()
    }

    /// The pinned picture, and what a stage puts out for it; `None` if there is no picture or no
    /// stage.
    ///
    /// # Errors
    /// The device failed.
    pub async fn pinned(
        &self,
        watching: &Watching,
    ) -> Result<Option<PinnedPicture>, ExecutionError> {
        let position = (watching.pinned as usize).min(self.sample.len().saturating_sub(1));
        let Some(&index) = self.sample.get(position) else { return Ok(None) };
        let wanted = watching.stage.as_ref().filter(|stage| self.stages.contains(stage));
        let Some(stage) = wanted.or(self.stages.first()) else { return Ok(None) };
        let picture = &self.data.valid[index].picture;
        let input = upload(&[picture], self.size, &self.device);
        let found = activations(&self.network, input, stage).await?;
        Ok(found.and_then(|found| found.into_iter().next()).map(|found| PinnedPicture {
            position: position as u32,
            seen: square(picture, self.size),
            stages: self.stages.clone(),
            activations: first_channels(found),
        }))
    }
}

/// The positions of the watched pictures: all of them, or [`MAX_POINTS`] evenly apart, so that
/// every class has its share however the pictures are sorted. Long vectors leave fewer.
fn sample(pictures: usize, features: usize) -> Vec<usize> {
    let most = MAX_POINTS.min((MAX_NUMBERS / features.max(1)).max(2));
    let watched = pictures.min(most);
    (0..watched).map(|position| position * pictures / watched).collect()
}

/// The middle of a picture at a side of at most `side` pixels.
fn square(picture: &Picture, side: u32) -> Picture {
    let own = picture.width.min(picture.height);
    if own <= side && picture.width == picture.height {
        picture.clone()
    } else {
        centre_crop(picture, side.min(own))
    }
}

/// The first channels of a layer's output, as many as are shown.
fn first_channels(mut activations: Activations) -> Activations {
    let [_, height, width] = activations.shape;
    activations.grey.truncate(MAX_CHANNELS * height as usize * width as usize);
    activations
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::executor::block_on;
    use resnette_spec::read_run;

    use super::*;
    use crate::predict::evaluation::tests::set;
    use crate::train::learner::Tick;

    /// A run of two epochs with 6 training and 41 validation pictures of 32 pixels.
    fn learner() -> Learner {
        learner_with("")
    }

    /// The same with more settings, as a link has them.
    fn learner_with(more: &str) -> Learner {
        let link = "size=32&layers=1,1&width=8&stem=8&epochs=2&bs=3&augment=none&mixup=0&seed=3";
        let run = read_run(&format!("{link}{more}")).0;
        let labels: Vec<u32> = (0..41).map(|index| index % 10).collect();
        let mut pictures = set(&labels, 32);
        for index in 0..6 {
            let drawn = resnette_picture::drawn::draw(index, 100 + index as u64, 1, 32);
            pictures.push_train(&drawn, index as u32, 32);
        }
        Learner::new(run, Arc::new(pictures), &Device::flex(), 1).unwrap()
    }

    fn look_at(learner: &Learner, map: &mut Vec<[f64; 2]>) -> Snapshot {
        let mut look = Look::new(learner);
        let ticks = (1..).find(|_| block_on(look.tick()).unwrap()).unwrap();
        assert_eq!(ticks, 3, "41 pictures in batches of 16");
        block_on(look.snapshot(map)).unwrap()
    }

    /// The guesses are those of the run's own validation, and a run that is watched has the table
    /// of one that is not.
    #[test]
    fn a_look_says_what_validation_says_and_changes_nothing() {
        let train = |watched: bool| {
            let (mut learner, mut map) = (learner(), Vec::new());
            loop {
                match block_on(learner.tick()).unwrap() {
                    Tick::Done => return learner,
                    Tick::Epoch(row) if watched => {
                        let found = look_at(&learner, &mut map);
                        assert_eq!((found.epoch, found.is_between_epochs), (Some(row.epoch), true));
                        let right = found.points.iter().filter(|point| point.is_right()).count();
                        assert!((right as f32 / 41.0 - row.accuracy).abs() < 1e-6);
                        for (point, scored) in found.points.iter().zip(&learner.scored) {
                            assert_eq!(point.truth, scored.label);
                            let probabilities = scored.probabilities();
                            for &(class, share) in &point.guesses {
                                let gap = f64::from(share) - probabilities[class as usize];
                                assert!(gap.abs() < 1e-5);
                            }
                        }
                    }
                    Tick::Trained { .. } if watched => drop(look_at(&learner, &mut map)),
                    _ => {}
                }
            }
        };
        let (watched, alone) = (train(true), train(false));
        assert_eq!(watched.scored, alone.scored);
        let losses = |learner: &Learner| learner.curve.points.clone();
        assert_eq!(losses(&watched), losses(&alone));
    }

    #[test]
    fn the_map_has_every_picture_and_continues_the_one_before() {
        let mut learner = learner();
        let mut map = Vec::new();
        let first = look_at(&learner, &mut map);
        assert_eq!((first.epoch, first.points.len()), (None, 41));
        assert_eq!((first.features, first.filters.len()), (16, 8));
        assert!(first.explained[0] >= first.explained[1] && first.explained[0] <= 1.0);
        let turned: Vec<[f64; 2]> = map.iter().map(|[x, y]| [-y, *x]).collect();
        // A map that begins with a turned one is turned like it.
        let mut other = turned.clone();
        look_at(&learner, &mut other);
        let gap = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - b[0]).hypot(a[1] - b[1]);
        assert!(other.iter().zip(&turned).map(gap).all(|gap| gap < 1e-9));
        block_on(learner.tick()).unwrap();
        let second = look_at(&learner, &mut map);
        assert!(!second.is_between_epochs && second.epoch.is_none());
        let alone = look_at(&learner, &mut Vec::new());
        let apart = |found: &Snapshot| -> f32 {
            let pairs = found.points.iter().zip(&first.points);
            pairs.map(|(a, b)| (a.x - b.x).powi(2) + (a.y - b.y).powi(2)).sum()
        };
        assert!(apart(&second) <= apart(&alone) * (1.0 + 1e-5));
    }

    /// fastai's head classifies the maximum and the average of each of the 16 channels: the map has
    /// a point for every picture, drawn from 32 numbers each.
    #[test]
    fn a_network_with_fastais_head_has_a_map_of_what_it_classifies() {
        let learner = learner_with("&head=fastai");
        let found = look_at(&learner, &mut Vec::new());
        assert_eq!((found.points.len(), found.features), (41, 32));
        assert!(found.explained[0] >= found.explained[1] && found.explained[0] <= 1.0);
    }

    #[test]
    fn any_picture_and_stage_can_be_pinned() {
        let learner = learner();
        let look = Look::new(&learner);
        let pin = |pinned: u32, stage: Option<&str>| {
            let stage = stage.map(str::to_string);
            block_on(look.pinned(&Watching { pinned, stage })).unwrap().unwrap()
        };
        let first = pin(0, None);
        assert_eq!(first.stages, ["stages.0", "stages.1"]);
        assert_eq!((first.position, first.activations.layer.as_str()), (0, "stages.0"));
        assert_eq!((first.activations.shape, first.activations.grey.len()), ([8, 8, 8], 512));
        assert_eq!(first.seen, learner.data.valid[0].picture);
        let last = pin(1000, Some("stages.1"));
        assert_eq!((last.position, last.activations.shape), (40, [16, 4, 4]));
        assert_eq!(pin(3, Some("no stage")).activations.layer, "stages.0");
        assert_eq!(look.thumbnails().len(), 41);
    }

    #[test]
    fn the_sample_is_spread_over_all_pictures_and_bounded() {
        assert_eq!(sample(5, 512), [0, 1, 2, 3, 4]);
        let many = sample(4000, 512);
        assert_eq!((many.len(), many[1], many[499]), (500, 8, 3992));
        assert_eq!(sample(4000, 8192).len(), 128);
        assert_eq!(sample(4000, usize::MAX).len(), 2);
        assert!(sample(0, 512).is_empty());
    }

    #[test]
    fn few_channels_of_a_large_grid_are_told() {
        let large = Activations { layer: "x".into(), shape: [64, 3, 5], grey: vec![7; 64 * 15] };
        assert_eq!(first_channels(large).grey.len(), MAX_CHANNELS * 15);
    }
}
