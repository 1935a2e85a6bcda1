//! The join link as a QR code, for the terminal and for the board.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// White modules around a code, without which readers do not find it.
const MARGIN: i32 = 4;

/// The rows of a code with its margin, dark modules `true`; `None` if the text is too long.
fn modules(text: &str) -> Option<Vec<Vec<bool>>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let range = -MARGIN..code.size() + MARGIN;
    // Modules outside of the code are light.
    Some(range.clone().map(|y| range.clone().map(|x| code.get_module(x, y)).collect()).collect())
}

/// A code for a terminal, two rows of modules a line, black on white whatever the terminal's
/// colours are. Empty if the text is too long.
pub fn in_terminal(text: &str) -> String {
    let Some(rows) = modules(text) else { return String::new() };
    let mut out = String::new();
    for pair in rows.chunks(2) {
        out.push_str("\x1b[38;5;16m\x1b[48;5;231m");
        for (x, &upper) in pair[0].iter().enumerate() {
            let lower = pair.get(1).is_some_and(|row| row[x]);
            out.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        out.push_str("\x1b[0m\n");
    }
    out
}

/// A code as SVG. Empty if the text is too long.
pub fn in_svg(text: &str) -> String {
    let Some(rows) = modules(text) else { return String::new() };
    let side = rows.len();
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    format!(
        "<svg class=\"join-code\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
         aria-label=\"QR code of the join link\"><rect width=\"{side}\" height=\"{side}\" \
         class=\"light\"/><path d=\"{path}\" class=\"dark\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_code_has_its_finders_and_its_margin() {
        let link = format!("http://192.168.100.200:8080/#join={}", "a5".repeat(16));
        let rows = modules(&link).unwrap();
        let margin = MARGIN as usize;
        assert!(rows[..margin].iter().flatten().all(|dark| !dark));
        // The three finders: seven dark modules in a row at their upper edge.
        let (first, last) = (margin, rows.len() - margin - 7);
        for (x, y) in [(first, first), (last, first), (first, last)] {
            assert!(rows[y][x..x + 7].iter().all(|dark| *dark) && !rows[y + 1][x + 1]);
        }
        let lines = in_terminal(&link);
        assert_eq!(lines.lines().count(), rows.len().div_ceil(2));
        assert!(in_svg(&link).contains("h1v1h-1z"));
        assert_eq!(in_terminal(&"a".repeat(5_000)), "");
    }
}
