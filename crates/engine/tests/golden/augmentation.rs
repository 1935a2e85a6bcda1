//! Augmentation's maps and its sampling against `affine_grid` and `grid_sample`.

use resnette_engine::model::weights::{Array, Weights};
use resnette_images::augment::FlipRotateZoom;
use resnette_images::projective::Projective;
use resnette_images::render::{apply_lighting, sample_bilinear};
use serde_json::Value;

use super::fixture::{integers, json, reals, tensors};

/// A picture of floats, `[3, height, width]`.
struct Image<'a> {
    array: &'a Array,
    height: u32,
    width: u32,
}

impl<'a> Image<'a> {
    fn of(tensors: &'a Weights, name: &Value) -> Self {
        let array = &tensors[name.as_str().unwrap()];
        Self { height: array.shape[1] as u32, width: array.shape[2] as u32, array }
    }

    fn pixel(&self, x: u32, y: u32) -> [f32; 3] {
        let plane = (self.width * self.height) as usize;
        std::array::from_fn(|channel| {
            self.array.values[channel * plane + (y * self.width + x) as usize]
        })
    }

    /// Samples through `map` to `[3, height, width]`.
    fn seen_through(&self, map: Projective, [height, width]: [u32; 2]) -> Vec<f32> {
        let plane = (height * width) as usize;
        let mut out = vec![0.0; 3 * plane];
        for row in 0..height {
            for column in 0..width {
                let (u, v) = map.apply(place(column, width), place(row, height));
                let place = (
                    (u + 1.0) / 2.0 * f64::from(self.width - 1),
                    (v + 1.0) / 2.0 * f64::from(self.height - 1),
                );
                let rgb =
                    sample_bilinear((self.width, self.height), place, |x, y| self.pixel(x, y));
                for channel in 0..3 {
                    out[channel * plane + (row * width + column) as usize] = rgb[channel];
                }
            }
        }
        out
    }
}

/// Between the centres of the first and the last pixel (`align_corners=True`).
fn place(index: u32, length: u32) -> f64 {
    2.0 * f64::from(index) / f64::from(length - 1) - 1.0
}

fn assert_close(name: &str, found: &[f32], wanted: &[f32], most: f32) {
    assert_eq!(found.len(), wanted.len(), "{name}");
    let worst = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= most, "{name}: off by {worst}");
}

#[test]
fn flips_turns_zooms_and_warps_are_fastais() {
    let (info, tensors) = (json("augment"), tensors("augment"));
    assert_eq!(
        (&info["align_corners"], info["padding"].as_str()),
        (&Value::Bool(true), Some("reflection"))
    );
    let cases = info["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 24);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let image = Image::of(&tensors, &case["image"]);
        let draw = |key: &str, default: f64| {
            case["draws"].get(key).map_or(default, |value| value.as_f64().unwrap())
        };
        let moves = FlipRotateZoom {
            flip: case["draws"].get("flip").is_some_and(|value| value == true),
            degrees: draw("degrees", 0.0),
            zoom: draw("zoom", 1.0),
            zoom_x: draw("col", 0.5),
            zoom_y: draw("row", 0.5),
        };
        let affine = moves.matrix(f64::from(image.height) / f64::from(image.width));
        let wanted: Vec<f64> = case["matrix"].as_array().unwrap().iter().flat_map(reals).collect();
        assert!(
            affine.0.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-12),
            "{name}: {affine:?} {wanted:?}"
        );
        let mut map = affine;
        if let Some(by) = case["warp"].as_array() {
            let perspective = Projective::warp(by[0].as_f64().unwrap(), by[1].as_f64().unwrap());
            let wanted = reals(&case["coefficients"]);
            assert!(
                perspective.0.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-12),
                "{name}: {perspective:?} {wanted:?}"
            );
            map = perspective.after(affine);
        }
        if let Some(grid) = tensors.get(&format!("{name}.grid")) {
            let places =
                (0..image.height).flat_map(|row| (0..image.width).map(move |column| (row, column)));
            for ((row, column), wanted) in places.zip(grid.values.chunks_exact(2)) {
                let (u, v) = map.apply(place(column, image.width), place(row, image.height));
                assert!(
                    (u as f32 - wanted[0]).abs() < 1e-6 && (v as f32 - wanted[1]).abs() < 1e-6,
                    "{name}: {u} {v} {wanted:?}"
                );
            }
        }
        let found = image.seen_through(map, [image.height, image.width]);
        assert_close(name, &found, &tensors[&format!("{name}.output")].values, 2e-6);
    }
}

#[test]
fn crops_are_cut_and_resized_in_one() {
    let (info, tensors) = (json("augment"), tensors("augment"));
    for case in info["crops"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let image = Image::of(&tensors, &case["image"]);
        let [top, left, height, width] =
            integers(&case["top_left_height_width"]).try_into().unwrap();
        let size: [u32; 2] = integers(&case["size"]).try_into().unwrap();
        if height > 2 * size[0] {
            // fastai averages over areas before it shrinks to less than half. Here a picture is
            // never kept so large: `Keep::train_side` bounds it, and progressive
            // resizing shrinks it first.
            assert_eq!(name, "whole_to_6");
            continue;
        }
        let sides = (f64::from(image.width), f64::from(image.height));
        let map = Projective::crop(
            sides,
            (f64::from(left), f64::from(top)),
            (f64::from(width), f64::from(height)),
        );
        assert_close(
            name,
            &image.seen_through(map, size),
            &tensors[&format!("{name}.output")].values,
            2e-6,
        );
    }
}

#[test]
fn light_is_added_and_multiplied_in_logits() {
    let (info, tensors) = (json("augment"), tensors("augment"));
    let cases = info["lighting"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let (brightness, contrast) =
            (case["brightness"].as_f64().unwrap(), case["contrast"].as_f64().unwrap());
        let add = (brightness / (1.0 - brightness)).ln();
        let found: Vec<f32> = tensors["image_light"]
            .values
            .iter()
            .map(|&value| apply_lighting(value, (add, contrast)))
            .collect();
        assert_close(name, &found, &tensors[&format!("{name}.output")].values, 1e-6);
    }
}
