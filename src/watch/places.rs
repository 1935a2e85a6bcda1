//! The geometry of the map: where its points are drawn, and in which order the keyboard visits
//! them.

use resnette_protocol::watch::WatchedPoint;

/// Width and height of the map in its own coordinates.
pub const SIDE: f64 = 400.0;
/// Room for the mark of a point at the edge.
const MARGIN: f64 = 14.0;

/// Where the points are drawn: all of them in the middle of the map and as large as they fit, with
/// the same scale along both axes. Numbers that are not finite stand in the middle.
pub fn places(points: &[WatchedPoint]) -> Vec<(f64, f64)> {
    let span = |coordinate: fn(&WatchedPoint) -> f32| {
        let finite = points.iter().map(coordinate).filter(|value| value.is_finite()).map(f64::from);
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if low <= high { (low, high) } else { (0.0, 0.0) }
    };
    let ((left, right), (bottom, top)) = (span(|point| point.x), span(|point| point.y));
    let extent = (right - left).max(top - bottom);
    let scale = if extent > 0.0 { (SIDE - 2.0 * MARGIN) / extent } else { 0.0 };
    let place = |value: f32, low: f64, high: f64| match value.is_finite() {
        true => (f64::from(value) - (low + high) / 2.0) * scale,
        false => 0.0,
    };
    let middle = SIDE / 2.0;
    points
        .iter()
        // A map has its second axis upwards, a drawing downwards.
        .map(|point| (middle + place(point.x, left, right), middle - place(point.y, bottom, top)))
        .collect()
}

/// The order in which the keyboard visits the points: those with a wrong guess first, the surest
/// mistake before the others, then the rest class by class.
pub fn visits(points: &[WatchedPoint]) -> Vec<usize> {
    let sureness = |index: usize| points[index].guesses.first().map_or(0.0, |(_, share)| *share);
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| {
        let (is_right, is_other_right) = (points[a].is_right(), points[b].is_right());
        is_right.cmp(&is_other_right).then_with(|| match is_right {
            false => sureness(b).total_cmp(&sureness(a)),
            true => points[a].truth.cmp(&points[b].truth),
        })
    });
    order
}

/// The point that a key leads to from the point `at`; `None` for another key.
pub fn next(order: &[usize], at: usize, key: &str) -> Option<usize> {
    let position = order.iter().position(|&index| index == at).unwrap_or(0);
    let last = order.len().saturating_sub(1);
    let wanted = match key {
        "ArrowRight" | "ArrowDown" => (position + 1).min(last),
        "ArrowLeft" | "ArrowUp" => position.saturating_sub(1),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    order.get(wanted).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::state::tests::point;

    #[test]
    fn a_map_fills_its_square_and_keeps_its_shape() {
        let points = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0)].map(|(x, y)| point(x, y, 0, &[(0, 1.0)]));
        let found = places(&points);
        let edge = SIDE - MARGIN;
        assert_eq!((found[0].0, found[1].0), (MARGIN, edge));
        assert_eq!(found[0].1 - found[2].1, (edge - MARGIN) / 2.0, "upwards is up");
        assert_eq!((found[0].1 + found[2].1) / 2.0, SIDE / 2.0);
        let alone = places(&[point(7.0, 7.0, 0, &[]), point(f32::NAN, 7.0, 0, &[])]);
        assert_eq!(alone, [(SIDE / 2.0, SIDE / 2.0); 2]);
        assert_eq!(places(&[]), []);
    }

    #[test]
    fn the_keyboard_begins_with_the_mistakes() {
        let points = [
            point(0.0, 0.0, 3, &[(3, 0.9)]),
            point(0.0, 0.0, 1, &[(2, 0.4)]),
            point(0.0, 0.0, 1, &[(1, 0.4)]),
            point(0.0, 0.0, 1, &[(0, 0.8)]),
        ];
        let order = visits(&points);
        assert_eq!(order, [3, 1, 2, 0]);
        let keys = ["ArrowRight", "ArrowDown", "ArrowLeft", "End", "ArrowRight", "Home", "ArrowUp"];
        let mut at = 3;
        let mut visited = Vec::new();
        for key in keys {
            at = next(&order, at, key).unwrap_or(99);
            visited.push(at);
        }
        assert_eq!(visited, [1, 2, 1, 0, 0, 3, 3]);
        assert_eq!(next(&order, 3, "a"), None);
        assert_eq!(next(&[], 3, "Home"), None);
    }
}
