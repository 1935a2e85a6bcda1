//! How far a network's answers can be trusted: what its logits for the validation pictures, which
//! it was not trained on, say about those for other pictures.

use crate::train::metrics::ScoredPicture;

/// Fewest validation pictures from which anything follows.
const FEWEST: usize = 50;
/// Smallest and largest temperature.
const TEMPERATURES: [f64; 2] = [1e-3, 1e3];
/// Bisections, after which an inverse temperature is exact to 32 bits.
const BISECTIONS: u32 = 60;

/// The temperature by which logits are divided before the softmax so that the mean cross-entropy is
/// smallest: of the answers with a probability of 80 % about 80 % are then right (Guo et al., 2017,
/// <https://arxiv.org/abs/1706.04599>).
///
/// As in Platt's scaling (1999), where such a fit comes from, what is right counts as a little less
/// than certain: as if one more picture of every class had been seen. A network that has made no
/// mistake on few pictures would otherwise be said to make none.
///
/// `None` if there are fewer than 50 pictures, or logits that are not finite.
pub fn temperature(scored: &[ScoredPicture]) -> Option<f64> {
    if !is_enough(scored) {
        return None;
    }
    // The cross-entropy is convex in the inverse temperature, so its slope has one root.
    let [mut low, mut high] = TEMPERATURES.map(|temperature| 1.0 / temperature);
    (low, high) = (low.min(high), low.max(high));
    for _ in 0..BISECTIONS {
        let middle = (low + high) / 2.0;
        if slope(scored, middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(2.0 / (low + high))
}

/// The derivative of the summed cross-entropy by the inverse temperature.
fn slope(scored: &[ScoredPicture], inverse: f64) -> f64 {
    let slope_of = |picture: &ScoredPicture| {
        let classes = picture.logits.len() as f64;
        let logits = picture.logits.iter().map(|&logit| f64::from(logit));
        let top = logits.clone().fold(f64::NEG_INFINITY, f64::max);
        let powers = logits.clone().map(|logit| ((logit - top) * inverse).exp());
        let sum: f64 = powers.clone().sum();
        let expected = powers.zip(logits.clone()).map(|(power, logit)| power * logit).sum::<f64>();
        let n = scored.len() as f64;
        let of_others = 1.0 / (n + classes);
        let right = f64::from(picture.logits[picture.label as usize]);
        let wanted = n * of_others * right + of_others * logits.sum::<f64>();
        expected / sum - wanted
    };
    scored.iter().map(slope_of).sum()
}

/// Whether something follows from these pictures.
fn is_enough(scored: &[ScoredPicture]) -> bool {
    let is_finite = |picture: &ScoredPicture| picture.logits.iter().all(|logit| logit.is_finite());
    scored.len() >= FEWEST && scored.iter().all(is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures whose logits are `scale` times 4 for the right class and 0 for three others, but
    /// for every tenth picture, where the next class has the 4.
    fn scored(pictures: u32, scale: f32) -> Vec<ScoredPicture> {
        let picture = |index: u32| {
            let label = index % 4;
            let guess = if index.is_multiple_of(10) { (label + 1) % 4 } else { label };
            let logit = |class| if class == guess { 4.0 * scale } else { 0.0 };
            ScoredPicture { logits: (0..4).map(logit).collect(), label }
        };
        (0..pictures).map(picture).collect()
    }

    #[test]
    fn probabilities_become_the_share_that_is_right() {
        for scale in [0.25, 1.0, 3.0] {
            let scored = scored(1_000, scale);
            let found = temperature(&scored).unwrap_or_default();
            let first = scored[1].probabilities_at(found)[1];
            assert!((first - 0.9).abs() < 0.005, "{scale}: {found}, {first}");
        }
    }

    #[test]
    fn few_pictures_and_logits_that_are_no_numbers_say_nothing() {
        assert_eq!(temperature(&scored(49, 1.0)), None);
        assert!(temperature(&scored(50, 1.0)).is_some());
        let mut broken = scored(60, 1.0);
        broken[7].logits[2] = f32::NAN;
        assert_eq!(temperature(&broken), None);
    }
}
