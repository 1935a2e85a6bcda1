//! The epoch table as text that can be pasted elsewhere.

use resnette_spec::epoch::{EPOCH_HEADER, EpochRow};

/// The table as comma-separated values, with a header.
pub fn csv(rows: &[EpochRow]) -> String {
    lines(rows, |cells| format!("{}\n", cells.join(",")))
}

/// The table in Markdown, with numbers aligned to the right.
pub fn markdown(rows: &[EpochRow]) -> String {
    let table = lines(rows, |cells| format!("| {} |\n", cells.join(" | ")));
    match table.split_once('\n') {
        Some((header, body)) => format!("{header}\n|{}\n{body}", "--:|".repeat(EPOCH_HEADER.len())),
        None => table,
    }
}

fn lines(rows: &[EpochRow], line: impl Fn(&[String]) -> String) -> String {
    let mut out = line(&EPOCH_HEADER.map(String::from));
    for row in rows {
        out.push_str(&line(&row.cells()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: EpochRow = EpochRow {
        epoch: 0,
        train_loss: 1.5,
        valid_loss: 1.25,
        accuracy: 0.5,
        top5: 0.9,
        seconds: 61.0,
    };

    #[test]
    fn csv_has_a_header_and_the_books_figures() {
        assert_eq!(
            csv(&[ROW]),
            "epoch,train_loss,valid_loss,accuracy,time\n0,1.500000,1.250000,0.500000,01:01\n"
        );
        assert_eq!(csv(&[]), "epoch,train_loss,valid_loss,accuracy,time\n");
    }

    #[test]
    fn markdown_has_a_rule_under_the_header() {
        let expected = "| epoch | train_loss | valid_loss | accuracy | time |\n\
                        |--:|--:|--:|--:|--:|\n\
                        | 0 | 1.500000 | 1.250000 | 0.500000 | 01:01 |\n";
        assert_eq!(markdown(&[ROW]), expected);
    }
}
