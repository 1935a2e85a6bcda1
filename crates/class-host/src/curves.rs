//! The curves of the newest runs: accuracy by epoch, as SVG.

use std::fmt::Write;

use crate::board::{Board, BoardRun, Seat};

/// Kinds of lines, which repeat. The style sheet gives each a colour and a dash.
pub const KINDS: u32 = 40;
const WIDTH: f32 = 800.0;
const HEIGHT: f32 = 320.0;

/// The class of a seat's line, in the curves and in the table.
pub fn line_class(seat: &Seat) -> String {
    let kind = seat.id.saturating_sub(1) % KINDS;
    format!("hue-{} dash-{}", kind % 8, kind / 8)
}

/// The newest run of every seat that has one with an epoch.
fn newest(board: &Board) -> impl Iterator<Item = (&Seat, &BoardRun)> {
    board.seats().iter().filter_map(|seat| {
        let known = seat.runs.last()?;
        (!known.run.rows.is_empty()).then_some((seat, known))
    })
}

/// Accuracy from 0 to 1 by epoch, a line a seat; empty as long as there is no epoch.
pub fn curves(board: &Board) -> String {
    let epochs = newest(board).filter_map(|(_, known)| Some(known.run.rows.last()?.epoch)).max();
    let Some(last) = epochs else { return String::new() };
    let across = last.max(1) as f32;
    let mut out = format!(
        "<svg class=\"curves\" viewBox=\"-52 -10 {} {}\" role=\"img\" aria-label=\"Accuracy by \
         epoch, a line for each student\">",
        WIDTH + 72.0,
        HEIGHT + 40.0
    );
    for tenth in (0..=10).step_by(2) {
        let y = HEIGHT * (1.0 - tenth as f32 / 10.0);
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<path class=\"grid\" d=\"M0 {y:.1}H{WIDTH}\"/><text x=\"-8\" y=\"{:.1}\" \
             class=\"end\">{}%</text>",
            y + 4.0,
            tenth * 10
        );
    }
    let _ = write!(
        out,
        "<text x=\"0\" y=\"{0}\">epoch 0</text><text x=\"{WIDTH}\" y=\"{0}\" \
         class=\"end\">{last}</text>",
        HEIGHT + 22.0
    );
    for (seat, known) in newest(board) {
        let _ = write!(out, "<path class=\"curve {}\" d=\"", line_class(seat));
        for (index, row) in known.run.rows.iter().enumerate() {
            let x = WIDTH * row.epoch as f32 / across;
            let y = HEIGHT * (1.0 - row.accuracy);
            let _ = write!(out, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
        }
        // A line of length 0, so that a single epoch is a point.
        out.push_str("h0\"/>");
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::tests::{run, seated};

    #[test]
    fn a_line_runs_from_its_first_epoch_to_its_last() {
        let (mut board, _seats) = seated(&["Ada", "Bo", "Cy"]);
        assert_eq!(curves(&board), "");
        assert!(board.hear(1, 1, run(1, "seed=1", &[0.0, 0.5, 1.0])));
        assert!(board.hear(2, 1, run(1, "seed=2", &[0.25])));
        assert!(board.hear(3, 1, run(1, "seed=3", &[])));
        let drawn = curves(&board);
        let ada = "class=\"curve hue-0 dash-0\" d=\"M0.0 320.0L400.0 160.0L800.0 0.0h0\"";
        assert!(drawn.contains(ada), "{drawn}");
        assert!(drawn.contains("class=\"curve hue-1 dash-0\" d=\"M0.0 240.0h0\""), "{drawn}");
        assert_eq!(drawn.matches("class=\"curve").count(), 2 + 1, "the drawing and two lines");
    }
}
