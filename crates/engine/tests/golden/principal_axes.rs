//! The map of a watched run against numpy.

use resnette_engine::predict::watch::alignment::align;
use resnette_engine::predict::watch::principal_axes::principal_axes;
use serde_json::Value;

use crate::fixture::{json, reals};

fn points(rows: &Value) -> Vec<[f64; 2]> {
    let rows = rows.as_array().unwrap().iter().map(reals);
    rows.map(|row| [row[0], row[1]]).collect()
}

/// The largest distance between a point and where it should be, as a share of the map's extent.
fn gap(found: &[[f64; 2]], wanted: &[[f64; 2]]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    let extent = wanted.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    let gaps = found.iter().zip(wanted).map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]));
    gaps.fold(0.0, f64::max) / extent
}

#[test]
fn maps_are_those_of_numpys_svd() {
    let info = json("principal_axes");
    let cases = info.as_object().unwrap();
    assert_eq!(cases.len(), 4);
    for (name, case) in cases {
        let features = case["features"].as_u64().unwrap() as usize;
        let mut found = Vec::new();
        for (vectors, wanted, explained) in
            [("first", "before", "explained"), ("second", "after", "explained_after")]
        {
            let rows = case[vectors].as_array().unwrap().iter().flat_map(reals);
            let values: Vec<f32> = rows.map(|value| value as f32).collect();
            let map = principal_axes(&values, features).unwrap();
            let gap = gap(&map.points, &points(&case[wanted]));
            assert!(gap < 1e-6, "{name}, {vectors}: {gap}");
            for (found, wanted) in map.explained.iter().zip(reals(&case[explained])) {
                assert!((found - wanted).abs() < 1e-9, "{name}: {found} {wanted}");
            }
            found.push(map.points);
        }
        let [before, mut after] = <[_; 2]>::try_from(found).unwrap();
        align(&mut after, &before);
        let gap = gap(&after, &points(&case["turned"]));
        assert!(gap < 1e-6, "{name}: {gap}");
    }
}
