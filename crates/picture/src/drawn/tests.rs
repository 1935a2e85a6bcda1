//! The drawn set as a whole: it is the same on every platform and at any size, and a linear model
//! cannot classify it.

use crate::drawn::*;

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &byte| {
        (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Hashes of one picture of each class, as drawn on x86-64 Linux and by wasm32 in V8. Whoever
/// changes a drawing on purpose updates these numbers.
#[test]
fn the_same_bytes_everywhere() {
    let expected: [u64; CLASSES] = [
        0xf7ce_6baa_e1b2_5133,
        0x4b08_325c_b781_ec05,
        0x4fca_87b3_5f92_4b23,
        0xffec_b6a3_7586_5ed5,
        0x7e59_cc35_64e0_694f,
        0x43a6_8bc4_5def_7c6a,
        0x296e_729f_0d2b_db40,
        0xcb44_fcfe_27bb_ce1c,
        0xd6c6_eef7_28bc_c4f5,
        0x0d1e_53ad_6b04_fb4f,
    ];
    let found: Vec<u64> =
        (0..CLASSES).map(|label| hash(&draw(label, 3 + label as u64, 42, 64).rgb)).collect();
    assert_eq!(found, expected, "{found:#x?}");
}

#[test]
fn every_argument_matters() {
    let first = draw(4, 0, 0, 32);
    assert_eq!(first, draw(4, 0, 0, 32));
    assert_eq!(first, draw(14, 0, 0, 32), "labels wrap around");
    assert_ne!(first, draw(5, 0, 0, 32));
    assert_ne!(first, draw(4, 1, 0, 32));
    assert_ne!(first, draw(4, 0, 1, 32));
    assert_ne!(first, draw(4, 1 << 40, 0, 32));
    assert_ne!(first, draw(4, 0, 1 << 40, 32));
}

#[test]
fn classes_differ_on_the_same_ground() {
    // The background, pose and random numbers are the same for every class, so that only the
    // drawing itself differs, and it must differ by more than a few pixels.
    let drawings: Vec<_> = (0..CLASSES)
        .map(|label| {
            let mut artist = Artist::new(raster::Canvas::new(48, [0.5; 3]), Rng::new(0, 0, 0, 2));
            draw_class(label, &mut artist);
            artist.finish().pixels
        })
        .collect();
    for (i, a) in drawings.iter().enumerate() {
        for (j, b) in drawings.iter().enumerate().skip(i + 1) {
            let apart =
                a.iter().zip(b).filter(|(p, q)| (0..3).any(|k| (p[k] - q[k]).abs() > 0.1)).count();
            assert!(apart > 48 * 48 / 4, "classes {i} and {j} differ in {apart} pixels only");
        }
    }
}

#[test]
fn any_size_is_drawn() {
    for size in [0, 1, 2, 7, 8, 33, 64, 160, 320] {
        for label in 0..CLASSES {
            let picture = draw(label, 11, 5, size);
            let side = size.max(1);
            assert_eq!((picture.width, picture.height), (side, side));
            assert_eq!(picture.rgb.len() as u32, side * side * 3);
        }
    }
    assert_eq!(draw(0, 0, 0, u32::MAX).width, MAX_SIDE);
}

/// The composition does not depend on the size: a picture of 96 pixels, averaged down by 4, is the
/// picture of 24.
#[test]
fn sizes_show_the_same() {
    for label in 0..CLASSES {
        let (small, large) = (draw(label, 2, 9, 24), draw(label, 2, 9, 96));
        let mut off = 0.0;
        for y in 0..24 {
            for x in 0..24 {
                for k in 0..3 {
                    let block = (0..16)
                        .map(|i| f64::from(large.pixel(x * 4 + i % 4, y * 4 + i / 4)[k]))
                        .sum::<f64>()
                        / 16.0;
                    off += (block - f64::from(small.pixel(x, y)[k])).abs();
                }
            }
        }
        let mean = off / f64::from(24 * 24 * 3);
        assert!(mean < 12.0, "class {label}: {mean} of 255 apart on average");
    }
}

/// Softmax regression on raw pixels memorises its 300 training pictures and fails on the others.
#[test]
fn a_linear_model_fails() {
    const SIDE: u32 = 24;
    const FEATURES: usize = (SIDE * SIDE * 3) as usize + 1;
    let sample = |index: u64, label: usize| -> (Vec<f32>, usize) {
        let mut x: Vec<f32> = draw(label, index, 1, SIDE)
            .rgb
            .iter()
            .map(|&v| (f32::from(v) - 128.0) / 64.0)
            .collect();
        x.push(1.0);
        (x, label)
    };
    let set = |from: u64, to: u64| -> Vec<_> {
        (from..to)
            .flat_map(|i| (0..CLASSES).map(move |label| (i, label)))
            .map(|(i, l)| sample(i, l))
            .collect()
    };
    let (train, test) = (set(0, 30), set(30, 40));
    let mut weights = vec![[0.0f32; CLASSES]; FEATURES];
    let scores = |weights: &[[f32; CLASSES]], x: &[f32]| {
        let mut sums = [0.0f32; CLASSES];
        for (row, v) in weights.iter().zip(x) {
            for k in 0..CLASSES {
                sums[k] += row[k] * v;
            }
        }
        sums
    };
    for epoch in 0..40 {
        let rate = 2e-3 / (1.0 + epoch as f32 * 0.1);
        for i in 0..train.len() {
            // A fixed shuffle: 127 and 300 have no common factor.
            let (x, label) = &train[i * 127 % train.len()];
            let sums = scores(&weights, x);
            let top = sums.iter().copied().fold(f32::MIN, f32::max);
            let mut slope = sums.map(|s| (s - top).exp());
            let total: f32 = slope.iter().sum();
            slope.iter_mut().for_each(|p| *p /= total);
            slope[*label] -= 1.0;
            for (row, v) in weights.iter_mut().zip(x) {
                for k in 0..CLASSES {
                    row[k] -= rate * v * slope[k];
                }
            }
        }
    }
    let accuracy = |set: &[(Vec<f32>, usize)]| {
        let right = set.iter().filter(|(x, label)| {
            let sums = scores(&weights, x);
            (0..CLASSES).all(|k| k == *label || sums[k] < sums[*label])
        });
        right.count() as f32 / set.len() as f32
    };
    let (seen, unseen) = (accuracy(&train), accuracy(&test));
    assert!(seen > 0.9, "the linear model was not trained: {seen} on its own training pictures");
    assert!(unseen < 0.5, "a linear model tells drawn pictures apart: {unseen}");
    assert!(unseen > 0.12, "below what colour gives away, so something is wrong: {unseen}");
}

#[test]
fn no_set_has_the_samples() {
    let (half, mut run) = ((SAMPLE_INDEX / 2).to_string(), resnette_spec::RunConfig::default());
    // A set's indices are below the sum of both, so they end before the samples'.
    assert!(run.set("train", &half).is_err() && run.set("valid", &half).is_err());
    assert_eq!(sample(3), draw(3, SAMPLE_INDEX, SAMPLE_SEED, 160));
}
