//! Temperature scaling, folded into the weights of the head: PyTorch's softmax gives the calibrated
//! probabilities too.

use resnette_images::dataset::Dataset;

use crate::model::file::ModelFile;
use crate::predict::calibration::temperature;
use crate::predict::classify::Classifier;
use crate::predict::evaluate::{EvaluateError, score};
use crate::predict::familiarity::Familiarity;

/// Batch size.
const BATCH: usize = 64;

/// The network of `file` with its logits divided by the temperature that fits the validation
/// pictures of `set` best, and that temperature. The order of the classes stays, and with it the
/// accuracy. `classifier` answers with the file's network.
///
/// # Errors
/// [`EvaluateError::OtherClasses`], [`EvaluateError::TooFewPictures`] and
/// [`EvaluateError::Engine`].
pub async fn calibrated(
    file: &ModelFile,
    classifier: Classifier<'_>,
    set: &Dataset,
) -> Result<(ModelFile, f64), EvaluateError> {
    if set.classes != file.info.classes {
        return Err(EvaluateError::OtherClasses(file.info.classes.len(), set.classes.len()));
    }
    let (scored, vectors) = score(classifier, set, BATCH, &mut async || {}).await?;
    let temperature = temperature(&scored).ok_or(EvaluateError::TooFewPictures(scored.len()))?;
    let scale = (1.0 / temperature) as f32;
    let mut file = file.clone();
    for part in ["weight", "bias"] {
        let name = format!("{}.{part}", file.architecture.naming.head());
        if let Some(array) = file.weights.get_mut(&name) {
            array.values.iter_mut().for_each(|value| *value *= scale);
        }
    }
    let labels: Vec<u32> = set.valid.iter().map(|sample| sample.label).collect();
    file.familiarity = Familiarity::new(&vectors, &labels, set.classes.len());
    Ok((file, temperature))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::Device;
    use futures::executor::block_on;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;
    use crate::model::ResNet;
    use crate::model::weights::read_weights;
    use crate::predict::evaluation::tests::set;

    #[test]
    fn the_head_takes_the_temperature_over() {
        let run = read_run("size=48&layers=1,1&expansion=2&width=8&stem=4,8").0;
        let device = Device::flex();
        let mut set = set(&(0..60).map(|index| index % 10).collect::<Vec<_>>(), 48);
        let plan = Architecture::new(&run.net, 10);
        let network = ResNet::new(&plan, stream(3, Purpose::Init, 0), &device);
        let weights = block_on(read_weights(&network)).unwrap();
        let file = ModelFile::new(run, set.classes.clone(), Vec::new(), weights).unwrap();
        let logits = |file: &ModelFile, set: &Dataset| {
            let network = file.build(&device).unwrap();
            let classifier = Classifier {
                network: &network,
                info: &file.info,
                device: &device,
                familiarity: None,
            };
            block_on(score(classifier, set, 16, &mut async || {})).unwrap().0
        };
        // Four of five pictures show what the network takes them for.
        for (index, scored) in logits(&file, &set).iter().enumerate() {
            let place = usize::from(index.is_multiple_of(5));
            set.valid[index].label = scored.ranked()[place] as u32;
        }
        let before = logits(&file, &set);
        let network = file.build(&device).unwrap();
        let classifier =
            Classifier { network: &network, info: &file.info, device: &device, familiarity: None };
        let (after, wanted) = block_on(calibrated(&file, classifier, &set)).unwrap();
        assert!((temperature(&before).unwrap() / wanted - 1.0).abs() < 1e-3);
        assert!((wanted - 1.0).abs() > 0.01, "{wanted}");
        let after_logits = logits(&after, &set);
        for (a, b) in before.iter().zip(&after_logits) {
            let same = a.logits.iter().zip(&b.logits);
            assert!(same.clone().all(|(a, b)| (a / wanted as f32 - b).abs() < 1e-4));
            assert_eq!(a.ranked(), b.ranked());
        }
        // Nothing is left to be done.
        let left = temperature(&after_logits).unwrap();
        assert!((left - 1.0).abs() < 1e-3, "{left}, after {wanted}");
        assert!(after.familiarity.is_some_and(|known| known.means.len() == 10));

        let mut few = set.clone();
        few.valid.truncate(49);
        let error = block_on(calibrated(&file, classifier, &few)).unwrap_err();
        assert!(matches!(error, EvaluateError::TooFewPictures(49)));
        few.classes[0] = "cat".into();
        let error = block_on(calibrated(&file, classifier, &few)).unwrap_err();
        assert!(matches!(error, EvaluateError::OtherClasses(10, 10)));
    }
}
