//! The board as a file: one line an epoch, comma-separated.

use std::fmt::Write;

use crate::board::Board;

const HEADER: &str =
    "seat,nickname,run,status,fine_tuned,epoch,train_loss,valid_loss,accuracy,settings";

/// Everything that the class shares, as CSV (RFC 4180). Hidden nicknames stay hidden.
pub fn table_file(board: &Board) -> String {
    let mut out = format!("{HEADER}\r\n");
    for seat in board.seats() {
        let name = cell(&seat.name());
        for known in &seat.runs {
            let run = &known.run;
            let settings = cell(&run.settings);
            for row in &run.rows {
                // Writing to a string does not fail.
                let _ = write!(
                    out,
                    "{},{name},{},{},{},{},{},{},{},{settings}\r\n",
                    seat.id,
                    run.number,
                    run.status.words(),
                    u8::from(run.tuned),
                    row.epoch,
                    row.train_loss,
                    row.valid_loss,
                    row.accuracy,
                );
            }
        }
    }
    out
}

/// A text as a cell. What a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::tests::{run, seated};

    #[test]
    fn every_epoch_is_a_line_and_no_name_is_a_formula() {
        let (mut board, _seats) = seated(&["=HYPERLINK(\"x\")", "Bo"]);
        assert!(board.hear(1, 1, run(1, "seed=1", &[0.25, 0.5])));
        assert!(board.hear(2, 1, run(1, "seed=2", &[0.5])));
        board.hide(2, true);
        let table = table_file(&board);
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!((lines.len(), lines[0], lines[4]), (5, HEADER, ""));
        let begins = "1,\"'=HYPERLINK(\"\"x\"\")\",1,training,0,0,0,0,0.25,\"source=";
        assert!(lines[1].starts_with(begins), "{}", lines[1]);
        assert!(lines[3].starts_with("2,\"Seat 2\",1,") && !table.contains("Bo"), "{table}");
    }
}
