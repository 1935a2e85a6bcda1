//! Classifies picture files: a request with encoded pictures in, an answer with probabilities out.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_images::keep::for_validation;
use resnette_images::load::fallback_decoder::{FallbackDecoder, decode_or_fall_back};
use resnette_images::render::render_centre_crop;
use resnette_picture::Picture;
use resnette_protocol::predict::{Answer, ModelInfo, Prediction, Request};
use web_time::Instant;

use crate::model::Network;
use crate::predict::activations::{activations, activity, filters};
use crate::predict::familiarity::Familiarity;
use crate::predict::grad_cam::heat_maps;
use crate::train::metrics::ScoredPicture;

/// Batch size. A run may train beside it, so the activations must fit into what it leaves.
const BATCH: usize = 8;
/// Most classes of an answer, most probable first.
const MAX_CLASSES: usize = 1000;

/// Why a request has no answer at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PredictError {
    /// The engine failed.
    #[error("the engine failed ({0}); the network is kept, ask again")]
    Engine(String),
    /// The network has no layer of this name.
    #[error("this network has no layer “{0}”; the summary of the network lists their names")]
    NoLayer(String),
    /// The network has no class of this number; the second number is how many it has.
    #[error("this network has no class number {0}; it has {1} classes")]
    NoClass(u32, usize),
}

impl From<ExecutionError> for PredictError {
    fn from(error: ExecutionError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// A network that answers requests about pictures.
///
/// ```
/// # use burn::tensor::Device;
/// # use futures::executor::block_on;
/// # use resnette_engine::model::file::run_info;
/// # use resnette_engine::model::{Network, ResNet};
/// # use resnette_engine::predict::classify::{Classifier, PredictError};
/// # use resnette_images::load::fallback_decoder::NoFallback;
/// # use resnette_picture::classes::imagenette_names;
/// # use resnette_protocol::predict::Request;
/// # use resnette_spec::architecture::Architecture;
/// # use resnette_spec::random::{Purpose, stream};
/// # let mut png = std::io::Cursor::new(Vec::new());
/// # image::RgbImage::new(40, 32).write_to(&mut png, image::ImageFormat::Png).unwrap();
/// # let png = png.into_inner();
/// let run = resnette_spec::read_run("size=32&layers=1&width=8&stem=8").0;
/// let device = Device::flex();
/// let init = stream(run.seed, Purpose::Init, 0);
/// let network = Network::Chapter(ResNet::new(&Architecture::new(&run.net, 10), init, &device));
/// let info = run_info(&run, imagenette_names(), Vec::new());
/// let (network, info) = (&network, &info);
/// let classifier = Classifier { network, info, device: &device, familiarity: None };
///
/// let files = vec![("photo.png".to_string(), png.into())];
/// let request = Request { files, ..Request::default() };
/// let answer = block_on(classifier.answer(&request, &NoFallback))?;
/// let classes = &answer.predictions[0].as_ref().expect("the file is a picture").classes;
/// println!("{} with {:.1} %", classes[0].0, 100.0 * classes[0].1);
/// # assert_eq!(classes.len(), 10);
/// # Ok::<(), PredictError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Classifier<'a> {
    /// The network, on a plain device (without autodiff), where its norms use their running
    /// statistics.
    pub network: &'a Network,
    /// The network's classes, the size of its pictures, and what the page shows of it.
    pub info: &'a ModelInfo,
    /// The device of the network.
    pub device: &'a Device,
    /// Tells pictures that are unlike those it was trained on; `None` if that is not known.
    pub familiarity: Option<&'a Familiarity>,
}

impl Classifier<'_> {
    /// Answers a request. A file that cannot be decoded gets the reason in place of a prediction,
    /// and does not affect the others. `decoder` is asked about kinds that are not decoded in Rust.
    ///
    /// # Errors
    /// [`PredictError`] if the layer or the class that is to be explained does not exist, or the
    /// engine failed. It concerns all pictures.
    pub async fn answer(
        &self,
        request: &Request,
        decoder: &impl FallbackDecoder,
    ) -> Result<Answer, PredictError> {
        let size = self.info.size;
        if let Some(class) =
            request.explain.class.filter(|&class| class as usize >= self.info.classes.len())
        {
            return Err(PredictError::NoClass(class, self.info.classes.len()));
        }
        let mut squares: Vec<Result<Picture, String>> = Vec::with_capacity(request.files.len());
        for (_, bytes) in &request.files {
            let decoded = decode_or_fall_back(bytes, decoder).await;
            squares.push(
                decoded
                    .map(|picture| for_validation(self.info.keep, &picture, size))
                    .map_err(|error| error.to_string()),
            );
        }
        let usable: Vec<&Picture> =
            squares.iter().filter_map(|square| square.as_ref().ok()).collect();
        let mut answers = Vec::with_capacity(usable.len());
        let mut milliseconds = 0.0;
        for pictures in usable.chunks(BATCH) {
            self.answer_batch(pictures, request, &mut answers, &mut milliseconds).await?;
        }
        let mut answers = answers.into_iter();
        let missing = || Err("the network gave no answer; ask again".to_string());
        let predictions =
            squares.iter().zip(&request.files).map(|(square, (name, _))| match square {
                Err(reason) => Err(reason.clone()),
                Ok(_) => answers
                    .next()
                    .unwrap_or_else(missing)
                    .map(|prediction| Prediction { name: name.clone(), ..prediction }),
            });
        let predictions = predictions.collect();
        let filters =
            if request.explain.filters { filters(self.network).await? } else { Vec::new() };
        Ok(Answer { id: request.id, predictions, milliseconds, model: self.info.clone(), filters })
    }

    /// Classifies a batch of squares of the network's size, appends a prediction for each (without
    /// the file's name) to `answers`, and adds the time of the forward pass to `milliseconds`.
    async fn answer_batch(
        &self,
        pictures: &[&Picture],
        request: &Request,
        answers: &mut Vec<Result<Prediction, String>>,
        milliseconds: &mut f32,
    ) -> Result<(), PredictError> {
        let input = upload(pictures, self.info.size, self.device);
        let began = Instant::now();
        let explain = &request.explain;
        let mut outputs = Vec::new();
        let features = self.network.features_seen(input.clone(), |grid| {
            if explain.heat {
                outputs.push(grid.clone());
            }
        });
        let pooled = self.network.pool(features.clone());
        let logits = self.network.head().forward(pooled.clone()).into_data_async().await?;
        *milliseconds += began.elapsed().as_secs_f32() * 1e3;
        let logits: Vec<f32> = logits.iter::<f32>().collect();
        let scored: Vec<ScoredPicture> = logits
            .chunks_exact(self.info.classes.len())
            .map(|row| ScoredPicture { logits: row.to_vec(), label: 0 })
            .collect();
        let mut unlike = vec![false; pictures.len()];
        if let Some(familiarity) = self.familiarity {
            let [_, width] = pooled.dims();
            let pooled: Vec<f32> = pooled.into_data_async().await?.iter::<f32>().collect();
            let vectors = pooled.chunks_exact(width);
            unlike = vectors.map(|vector| familiarity.is_unlike(vector)).collect();
        }
        let mut activities = activity(&outputs).await?;
        activities.resize(pictures.len(), Vec::new());
        let mut heats = vec![None; pictures.len()];
        if explain.heat {
            let first =
                |scored: &ScoredPicture| scored.ranked().first().map_or(0, |&class| class as u32);
            let classes: Vec<u32> = scored
                .iter()
                .map(|scored| explain.class.unwrap_or_else(|| first(scored)))
                .collect();
            let maps = heat_maps(self.network, features, &classes, &self.info.classes).await?;
            heats = maps.into_iter().map(Some).collect();
        }
        let mut grids = vec![None; pictures.len()];
        if let Some(layer) = &explain.layer {
            let found = activations(self.network, input, layer)
                .await?
                .ok_or_else(|| PredictError::NoLayer(shorten(layer)))?;
            grids = found.into_iter().map(Some).collect();
        }
        let explanations = heats.into_iter().zip(activities).zip(grids).zip(unlike);
        for ((picture, scored), (((heat, activity), activations), unlike)) in
            pictures.iter().zip(scored).zip(explanations)
        {
            if scored.logits.iter().any(|logit| !logit.is_finite()) {
                let reason = "the network's answer is not a number: its weights have run away. \
                              Train again with a lower rate";
                answers.push(Err(reason.into()));
                continue;
            }
            let probabilities = scored.probabilities();
            let named =
                |class: usize| (self.info.classes[class].clone(), probabilities[class] as f32);
            let classes = scored.ranked().into_iter().take(MAX_CLASSES).map(named).collect();
            answers.push(Ok(Prediction {
                name: String::new(),
                seen: (*picture).clone(),
                classes,
                heat,
                activity,
                activations,
                unlike,
            }));
        }
        Ok(())
    }
}

/// A batch of square pictures, normalised like validation pictures.
///
/// # Shapes
/// `[n, 3, size, size]`
pub(super) fn upload(pictures: &[&Picture], size: u32, device: &Device) -> Tensor<4> {
    let mut images = vec![0.0; pictures.len() * (3 * size * size) as usize];
    for (picture, out) in pictures.iter().zip(images.chunks_exact_mut((3 * size * size) as usize)) {
        render_centre_crop(picture, size, out);
    }
    Tensor::from_data(
        TensorData::new(images, [pictures.len(), 3, size as usize, size as usize]),
        device,
    )
}

/// The beginning of a text that came with a request, for an error message.
fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Cursor;

    use futures::executor::block_on;
    use image::{DynamicImage, ImageFormat, RgbImage};
    use resnette_images::batch;
    use resnette_images::dataset::Dataset;
    use resnette_images::decode::kind::PictureKind;
    use resnette_images::load::fallback_decoder::NoFallback;
    use resnette_picture::classes::imagenette_names;
    use resnette_picture::drawn;
    use resnette_protocol::predict::Explain;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::{Keep, ResizeMethod, read_run};
    use serde_bytes::ByteBuf;

    use super::*;
    use crate::model::ResNet;
    use crate::model::file::run_info;

    /// A small untrained network for pictures of 48 pixels.
    pub fn small() -> (Network, ModelInfo, Device) {
        let run = read_run("size=48&layers=1,1&expansion=2&width=8&stem=4,8").0;
        let device = Device::flex();
        let plan = Architecture::new(&run.net, 10);
        let network = ResNet::new(&plan, stream(3, Purpose::Init, 0), &device);
        (Network::Chapter(network), run_info(&run, imagenette_names(), Vec::new()), device)
    }

    fn png(picture: &Picture) -> ByteBuf {
        let mut out = Cursor::new(Vec::new());
        let buffer =
            RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone()).unwrap();
        DynamicImage::ImageRgb8(buffer).write_to(&mut out, ImageFormat::Png).unwrap();
        ByteBuf::from(out.into_inner())
    }

    fn wide(label: usize) -> Picture {
        let square = drawn::draw(label, 1, 7, 96);
        let rgb = square
            .rgb
            .chunks_exact(96 * 3)
            .flat_map(|row| row.iter().copied().chain([90; 40 * 3]))
            .collect();
        Picture { width: 136, height: 96, rgb }
    }

    #[test]
    fn a_picture_is_seen_as_in_validation() {
        for keep in [Keep::SQUARE, Keep::CROPS, Keep::BATCH] {
            for method in [ResizeMethod::Squish, ResizeMethod::Crop, ResizeMethod::Pad] {
                is_seen_as_in_validation(Keep { method, ..keep });
            }
        }
    }

    fn is_seen_as_in_validation(keep: Keep) {
        let (network, info, device) = small();
        let info = ModelInfo { keep, ..info };
        let pictures: Vec<Picture> = (0..10).map(wide).collect();
        let mut set = Dataset { classes: imagenette_names(), keep, ..Dataset::default() };
        for picture in &pictures {
            set.push_valid(picture, 0, info.size);
        }
        let batch = batch::valid_batch(&set, 10, 0, info.size);
        let images = Tensor::from_data(TensorData::new(batch.images, [10, 3, 48, 48]), &device);
        let wanted = network.forward(images).into_data().try_to_vec::<f32>().unwrap();
        let files = pictures.iter().map(|picture| ("x.png".to_string(), png(picture))).collect();
        let request = Request { id: 9, files, explain: Explain::default(), ..Request::default() };
        let answer = block_on(
            Classifier { network: &network, info: &info, device: &device, familiarity: None }
                .answer(&request, &NoFallback),
        )
        .unwrap();
        assert_eq!((answer.id, answer.predictions.len()), (9, 10));
        for ((prediction, logits), sample) in
            answer.predictions.iter().zip(wanted.chunks(10)).zip(&set.valid)
        {
            let prediction = prediction.as_ref().unwrap();
            assert_eq!(prediction.seen, sample.picture);
            let probabilities = ScoredPicture { logits: logits.to_vec(), label: 0 }.probabilities();
            for (name, found) in &prediction.classes {
                let class = info.classes.iter().position(|class| class == name).unwrap();
                assert!((f64::from(*found) - probabilities[class]).abs() < 1e-5);
            }
            assert!(prediction.classes.is_sorted_by(|a, b| a.1 >= b.1));
            assert!(
                (prediction.classes.iter().map(|class| class.1).sum::<f32>() - 1.0).abs() < 1e-5
            );
        }
    }

    /// The first limit is the cosine of an angle, so that nothing is within 2 and everything within
    /// -2; the second is as far as there is.
    #[test]
    fn pictures_beyond_the_limit_are_unlike() {
        let (network, info, device) = small();
        let files = vec![("church.png".to_string(), png(&wide(4)))];
        let request = Request { files, ..Request::default() };
        let ask = |least: Option<f32>| {
            let known = least.map(|least| Familiarity {
                least,
                most: f32::MAX,
                means: vec![vec![1; 32]; 10],
                lengths: vec![1.0; 10],
                deviations: vec![1.0; 32],
            });
            let classifier = Classifier {
                network: &network,
                info: &info,
                device: &device,
                familiarity: known.as_ref(),
            };
            let answer = block_on(classifier.answer(&request, &NoFallback)).unwrap();
            answer.predictions.into_iter().next().unwrap().unwrap()
        };
        let [unknown, known, unlike] = [None, Some(-2.0), Some(2.0)].map(ask);
        assert_eq!((unknown.unlike, known.unlike, unlike.unlike), (false, false, true));
        assert_eq!(unknown.classes, unlike.classes);
    }

    /// Decodes AVIF, as browsers do: here to a drawn church.
    struct Church;

    impl FallbackDecoder for Church {
        async fn decode(&self, _: &[u8], kind: PictureKind) -> Option<Picture> {
            (kind == PictureKind::Avif).then(|| wide(4))
        }
    }

    #[test]
    fn what_is_not_decoded_in_rust_is_left_to_the_browser() {
        let (network, info, device) = small();
        let file = |kind: &[u8]| ByteBuf::from([b"\0\0\0\x10ftyp", kind, b"\0\0\0\0"].concat());
        let files = vec![
            ("church.avif".to_string(), file(b"avif")),
            ("church.heic".to_string(), file(b"heic")),
            ("church.png".to_string(), png(&wide(4))),
        ];
        let request = Request { files, ..Request::default() };
        let classifier =
            Classifier { network: &network, info: &info, device: &device, familiarity: None };
        let answer = block_on(classifier.answer(&request, &Church)).unwrap();
        let [avif, heic, png] = &answer.predictions[..] else { panic!("three files") };
        assert_eq!(avif.as_ref().unwrap().classes, png.as_ref().unwrap().classes);
        assert!(heic.as_ref().unwrap_err().contains("HEIC"), "{heic:?}");
    }

    #[test]
    fn a_bad_file_does_not_spoil_the_others() {
        let (network, info, device) = small();
        let explain =
            Explain { heat: true, class: Some(4), layer: Some("stages.1.0".into()), filters: true };
        let files = vec![
            ("broken.jpg".to_string(), ByteBuf::from(vec![1, 2, 3])),
            ("church.png".to_string(), png(&wide(4))),
            ("empty".to_string(), ByteBuf::new()),
        ];
        let classifier =
            Classifier { network: &network, info: &info, device: &device, familiarity: None };
        let mut request = Request { id: 1, files, explain, ..Request::default() };
        let answer = block_on(classifier.answer(&request, &NoFallback)).unwrap();
        assert!(answer.predictions[0].as_ref().unwrap_err().contains("no JPEG"));
        assert!(answer.predictions[2].as_ref().unwrap_err().contains("empty"));
        let church = answer.predictions[1].as_ref().unwrap();
        assert_eq!(church.name, "church.png");
        assert_eq!(church.heat.as_ref().map(|heat| heat.class.as_str()), Some("church"));
        assert!(
            church.activity.len() == 2 && church.activity.iter().all(|size| size.is_finite()),
            "{:?}",
            church.activity
        );
        assert_eq!(church.activations.as_ref().map(|grid| grid.shape), Some([32, 6, 6]));
        assert_eq!((answer.filters.len(), answer.filters[0].width), (4, 3));
        request.explain.layer = Some("stages.7".into());
        assert_eq!(
            block_on(classifier.answer(&request, &NoFallback)),
            Err(PredictError::NoLayer("stages.7".into()))
        );
        request.explain = Explain { class: Some(10), ..Explain::default() };
        assert_eq!(
            block_on(classifier.answer(&request, &NoFallback)),
            Err(PredictError::NoClass(10, 10))
        );
    }
}
