//! Whether a network's probabilities mean what they say: of the answers with a probability of 80 %,
//! 80 % should be right.

use resnette_protocol::predict::{Reliability, ReliabilityBin};

use crate::train::metrics::ScoredPicture;

/// Bins of equal width from 0 to 1, as in Guo et al., 2017 (who have 15).
const BINS: usize = 10;

/// The first guesses for a validation set, sorted into bins by their probability: what a
/// reliability diagram shows.
pub fn reliability(scored: &[ScoredPicture]) -> Reliability {
    let mut sums = [(0_u32, 0.0, 0_u32); BINS];
    for picture in scored {
        let Some(&guess) = picture.ranked().first() else { continue };
        let confidence = picture.probabilities()[guess];
        let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
        let (pictures, total, right) = &mut sums[bin];
        *pictures += 1;
        *total += confidence;
        *right += u32::from(guess == picture.label as usize);
    }
    let mean = |sum: f64, n: u32| (sum / f64::from(n.max(1))) as f32;
    let bins = sums.map(|(pictures, total, right)| ReliabilityBin {
        pictures,
        confidence: mean(total, pictures),
        accuracy: mean(f64::from(right), pictures),
    });
    let gap = |bin: &ReliabilityBin| {
        f64::from(bin.pictures) * f64::from((bin.confidence - bin.accuracy).abs())
    };
    let error = bins.iter().map(gap).sum::<f64>() / scored.len().max(1) as f64;
    Reliability { bins: bins.to_vec(), error: error as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of class 0 whose first guess is class `guess` with the probability `p`, of two.
    fn picture(guess: u32, p: f64) -> ScoredPicture {
        let logit = (p / (1.0 - p)).ln() as f32;
        let logits = if guess == 0 { vec![logit, 0.0] } else { vec![0.0, logit] };
        ScoredPicture { logits, label: 0 }
    }

    #[test]
    fn bins_by_hand() {
        let scored = [picture(0, 0.62), picture(1, 0.66), picture(0, 0.98), picture(0, 0.96)];
        let found = reliability(&scored);
        let bin = |index: usize| found.bins[index];
        assert_eq!((found.bins.len(), bin(6).pictures, bin(9).pictures), (10, 2, 2));
        assert!((bin(6).confidence - 0.64).abs() < 1e-4 && (bin(6).accuracy - 0.5).abs() < 1e-6);
        assert!((bin(9).confidence - 0.97).abs() < 1e-4 && (bin(9).accuracy - 1.0).abs() < 1e-6);
        // The expected calibration error: (2 · .14 + 2 · .03) / 4.
        assert!((found.error - 0.085).abs() < 1e-4, "{}", found.error);
        assert_eq!(reliability(&[]).error, 0.0);
    }
}
