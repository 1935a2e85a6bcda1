//! What fastai's transforms make of a picture, held against Pillow's pixels and PyTorch's grids:
//! `pictures.json`, which `generate.py` beside it makes.
#![allow(clippy::unwrap_used)]

mod speed;

use resnette_images::augment::{BatchCrop, FlipRotateZoom, SampleTransform};
use resnette_images::keep::for_validation;
use resnette_images::projective::Projective;
use resnette_images::render::render;
use resnette_images::resize::square;
use resnette_images::view::{cut, widest_box};
use resnette_picture::Picture;
use resnette_spec::{Keep, ResizeMethod, Room};
use serde_json::Value;

fn made() -> Value {
    serde_json::from_str(include_str!("pictures.json")).unwrap()
}

/// Ramps, edges and a wave that turns faster than pixels; `generate.py` draws the same.
fn drawn(width: u32, height: u32) -> Picture {
    let value = |x: u32, y: u32, c: u32| {
        let ramp = 3 * (x * (7 + c) + y * (5 + 2 * c));
        ((ramp + (x / 6 + y / 5) % 2 * 60 + x * y * (c + 1) / 8) % 256) as u8
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = places.flat_map(|(x, y)| (0..3).map(move |c| value(x, y, c)));
    Picture { width, height, rgb: rgb.collect() }
}

fn numbers<const N: usize>(value: &Value) -> [u32; N] {
    let numbers = value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32);
    numbers.collect::<Vec<_>>().try_into().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Pillow works with 22 bits of a weight, our resampler with 16 and in another order of rows and
/// columns: a value is off by one of 255 at most, and 13 to 16 in a hundred are.
fn assert_pillows(name: &Value, found: &[u8], wanted: &[u8]) {
    assert_eq!(found.len(), wanted.len(), "{name}");
    let off: Vec<u8> = found.iter().zip(wanted).map(|(a, b)| a.abs_diff(*b)).collect();
    let (most, sum) =
        (off.iter().max().unwrap(), off.iter().map(|&off| u32::from(off)).sum::<u32>());
    assert!(*most <= 1 && f64::from(sum) < 0.2 * off.len() as f64, "{name}: {most}, sum {sum}");
}

#[test]
fn validation_squishes_and_takes_the_middle() {
    let made = made();
    for case in made["squish"].as_array().unwrap() {
        let [width, height] = numbers(&case["picture"]);
        let size = case["size"].as_u64().unwrap() as u32;
        for keep in [Keep::CROPS, Keep::SMALL_CROPS] {
            let found = for_validation(keep, &drawn(width, height), size);
            assert_pillows(&case["picture"], &found.rgb, &bytes(&case["rgb"]));
        }
        // The middle square is something else.
        let middle = for_validation(Keep::SQUARE, &drawn(width, height), size);
        assert_ne!(middle.rgb, bytes(&case["rgb"]));
    }
}

#[test]
fn validation_of_batch_crops_is_resized_twice() {
    let made = made();
    for case in made["resize"].as_array().unwrap() {
        let [width, height] = numbers(&case["picture"]);
        let size = case["size"].as_u64().unwrap() as u32;
        let found = for_validation(Keep::BATCH, &drawn(width, height), size);
        assert_pillows(&case["picture"], &found.rgb, &bytes(&case["rgb"]));
    }
}

fn method(case: &Value) -> ResizeMethod {
    ResizeMethod::from_name(case["method"].as_str().unwrap()).unwrap()
}

/// fastai's `Resize` with each of its methods, in validation and at places as training draws them.
#[test]
fn pictures_become_squares_by_fastais_methods() {
    let made = made();
    let cases = made["methods"].as_array().unwrap();
    assert_eq!(cases.len(), 24);
    for case in cases {
        let [width, height] = numbers(&case["picture"]);
        let size = case["size"].as_u64().unwrap() as u32;
        let place = [0, 1].map(|index| case["place"][index].as_f64().unwrap());
        let (picture, method) = (drawn(width, height), method(case));
        let found = square(&picture, method, (place[0], place[1]), size);
        assert_pillows(case, &found.rgb, &bytes(&case["rgb"]));
        if place == [0.5; 2] {
            let seen = for_validation(Keep { method, ..Keep::SQUARE }, &picture, size);
            assert_eq!(seen, found);
            // Random crops leave these two methods to `Resize`, and squish to a larger square.
            let seen = for_validation(Keep { method, ..Keep::CROPS }, &picture, size);
            assert_eq!(seen == found, method != ResizeMethod::Squish, "{method:?}");
            let small = Keep { method, room: Room::SmallCrops(80) };
            assert_eq!(for_validation(small, &picture, size), seen);
        }
    }
}

#[test]
fn squares_of_batches_are_made_by_fastais_methods_too() {
    for case in made()["batches"].as_array().unwrap() {
        let [width, height] = numbers(&case["picture"]);
        let size = case["size"].as_u64().unwrap() as u32;
        let keep = Keep { method: method(case), ..Keep::BATCH };
        let found = for_validation(keep, &drawn(width, height), size);
        assert_pillows(&case["picture"], &found.rgb, &bytes(&case["rgb"]));
    }
}

#[test]
fn crops_are_resized_with_antialiasing_and_mirrored() {
    let made = made();
    for case in made["crops"].as_array().unwrap() {
        let [width, height] = numbers(&case["picture"]);
        let [x, y, w, h] = numbers(&case["box"]).map(f64::from);
        let size = case["size"].as_u64().unwrap() as u32;
        let part = cut(&drawn(width, height), ((x, y), (w, h)), size);
        let mirrored = case["flip"] == true;
        let map = if mirrored { Projective::MIRROR } else { Projective::IDENTITY };
        let mut found = vec![0.0; (3 * size * size) as usize];
        render(&part, &SampleTransform { map, lighting: None }, size, &mut found);
        let plane = (size * size) as usize;
        let value = |at: usize, channel: usize| {
            use resnette_images::normalize::{MEAN, STD};
            ((found[channel * plane + at] * STD[channel] + MEAN[channel]) * 255.0).round() as u8
        };
        let found = (0..plane).flat_map(|at| (0..3).map(move |channel| (at, channel)));
        let found: Vec<u8> = found.map(|(at, channel)| value(at, channel)).collect();
        assert_pillows(&case["box"], &found, &bytes(&case["rgb"]));
    }
}

#[test]
fn a_box_that_never_fits_is_the_middle() {
    for case in made()["fallbacks"].as_array().unwrap() {
        let [width, height] = numbers(&case["picture"]).map(f64::from);
        let [x, y, w, h] = numbers(&case["box"]).map(f64::from);
        assert_eq!(widest_box(width, height), ((x, y), (w, h)), "{case}");
    }
}

#[test]
fn pictures_are_moved_and_warped_before_the_crop() {
    let made = made();
    for case in made["moved"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let (side, size) = (number("side") as u32, number("size") as u32);
        let moved = FlipRotateZoom {
            flip: case["flip"] == true,
            degrees: number("degrees"),
            zoom: number("zoom"),
            zoom_x: number("col"),
            zoom_y: number("row"),
        };
        let warp =
            Projective::warp(case["warp"][0].as_f64().unwrap(), case["warp"][1].as_f64().unwrap());
        let crop = BatchCrop::at(number("area"), number("x"), number("y"));
        let map = crop.of_moved(side, warp, moved);
        let place = |index: u32| 2.0 * f64::from(index) / f64::from(size - 1) - 1.0;
        let points = (0..size).flat_map(|row| (0..size).map(move |column| (column, row)));
        let grid = case["grid"].as_array().unwrap();
        assert_eq!(grid.len(), (size * size) as usize);
        for ((column, row), wanted) in points.zip(grid) {
            let (x, y) = map.apply(place(column), place(row));
            let off = |found: f64, index: usize| (found - wanted[index].as_f64().unwrap()).abs();
            assert!(off(x, 0) < 1e-8 && off(y, 1) < 1e-8, "{column}, {row}: {x}, {y}, {wanted}");
        }
    }
}
