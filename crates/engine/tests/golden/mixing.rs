//! Random erasing's rectangles and CutMix's boxes, against fastai's formulas.

use resnette_images::cutmix::{self, own_share};
use resnette_images::erase;
use resnette_images::rectangle::Rectangle;
use serde_json::Value;

use super::fixture::{integers, json, reals};

/// The rectangle that a case wants.
fn wanted(case: &Value) -> Rectangle {
    let range = |key: &str| match integers(&case[key])[..] {
        [start, end] => start as usize..end as usize,
        _ => panic!("{case}"),
    };
    Rectangle { rows: range("rows"), columns: range("columns") }
}

fn size(case: &Value) -> u32 {
    case["size"].as_u64().unwrap() as u32
}

#[test]
fn erased_rectangles_are_fastais() {
    let info = json("mixing");
    let cases = info["erasings"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let [share, aspect] = ["share", "aspect"].map(|key| case[key].as_f64().unwrap());
        let places = reals(&case["places"]).try_into().unwrap();
        assert_eq!(erase::rectangle(size(case), share, aspect, places), wanted(case), "{case}");
    }
}

#[test]
fn cut_boxes_and_their_shares_are_fastais() {
    let info = json("mixing");
    let cases = info["cuts"].as_array().unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let centre = integers(&case["centre"]).try_into().unwrap();
        let found = cutmix::rectangle(size(case), case["lam"].as_f64().unwrap(), centre);
        let same = found == wanted(case) || (found.area(), wanted(case).area()) == (0, 0);
        assert!(same, "{found:?}: {case}");
        let own = case["own"].as_f64().unwrap();
        assert!((f64::from(own_share(&found, size(case))) - own).abs() < 1e-7, "{case}");
    }
}
