//! The board as HTML: what the page of the projector shows, drawn here and asked for every second.

use std::fmt::Write;

use resnette_class::Row;
use resnette_spec::SETTINGS;

use crate::board::{Board, BoardRun, Seat};
use crate::curves::{curves, line_class};
use crate::join_code::in_svg;
use crate::lesson::step_counts;
use crate::pairs::{differing, pairs};

/// The board; `trouble` says why the file in which it is kept is behind it.
pub fn view(board: &Board, join_link: &str, trouble: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(trouble) = trouble {
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<p class=\"trouble\">The file is behind the board: {}.</p>",
            escaped(trouble)
        );
    }
    head(&mut out, board, join_link);
    out.push_str("<section aria-label=\"Curves\"><h2>Accuracy by epoch</h2>");
    let drawn = curves(board);
    out.push_str(if drawn.is_empty() { "<p>No epoch has been shared yet.</p>" } else { &drawn });
    out.push_str("</section>");
    table(&mut out, board);
    paired(&mut out, board);
    lesson(&mut out, board);
    out
}

fn head(out: &mut String, board: &Board, join_link: &str) {
    let (ready, here) = board.ready();
    let link = escaped(join_link);
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "<section class=\"join\" aria-label=\"Join\">{}<div><p>Join: <code>{link}</code></p>\
         <p>Connected: {here}.",
        in_svg(join_link)
    );
    if let Some(experiment) = board.experiment() {
        let state = if experiment.started { "started" } else { "sent, not started" };
        let _ = write!(
            out,
            " Experiment {}: {state}; ready for it: {ready}.</p><p class=\"settings\"><code>{}</code>",
            experiment.number,
            escaped(&experiment.settings)
        );
    }
    out.push_str("</p></div></section>");
}

/// All runs, the highest last accuracy first, those without an epoch last.
fn table(out: &mut String, board: &Board) {
    let differing = differing(board);
    let mut runs: Vec<(&Seat, &BoardRun)> = board
        .seats()
        .iter()
        .flat_map(|seat| seat.runs.iter().map(move |run| (seat, run)))
        .collect();
    let last = |known: &BoardRun| known.run.rows.last().map_or(-1.0, |row| row.accuracy);
    runs.sort_by(|one, other| last(other.1).total_cmp(&last(one.1)));
    out.push_str(
        "<section aria-label=\"Runs\"><h2>Runs</h2><table><thead><tr><th>Seat</th><th>Nickname</th>\
         <th>Run</th><th>Status</th><th>Epochs</th><th>Accuracy</th><th>Settings that differ</th>\
         </tr></thead><tbody>",
    );
    for (seat, known) in runs {
        let run = &known.run;
        let epochs = run.rows.last().map_or(0, |row| row.epoch.saturating_add(1));
        let accuracy = run.rows.last().map_or_else(|| "–".into(), percent);
        let is_newest = seat.runs.last().is_some_and(|last| last.run.number == run.number);
        let swatch = match is_newest {
            true => format!(
                "<svg class=\"swatch\" viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path \
                 class=\"curve {}\" d=\"M0 5H30\"/></svg>",
                line_class(seat)
            ),
            false => String::new(),
        };
        let aside = match (seat.pasted, seat.is_here() || !is_newest) {
            (true, _) => ", by code",
            (false, true) => "",
            (false, false) => ", page closed",
        };
        let status = format!("{}{aside}", run.status.words());
        let mut settings: Vec<String> = differing
            .iter()
            .map(|&index| format!("{}={}", SETTINGS[index].key, known.values[index]))
            .collect();
        if run.tuned {
            settings.push("fine-tuned".into());
        }
        let _ = write!(
            out,
            "<tr><td>{swatch}{}</td><td>{}</td><td>{}</td><td>{status}</td><td>{epochs}</td>\
             <td>{accuracy}</td><td>{}</td></tr>",
            seat.id,
            escaped(&seat.name()),
            run.number,
            escaped(&settings.join(" "))
        );
    }
    out.push_str("</tbody></table></section>");
}

/// Runs with the same seed that differ in one other setting, side by side.
fn paired(out: &mut String, board: &Board) {
    let pairs = pairs(board);
    if pairs.is_empty() {
        return;
    }
    out.push_str(
        "<section aria-label=\"Pairs\"><h2>Same seed, one other setting</h2><table><thead><tr>\
         <th>Setting</th><th>First run</th><th>Second run</th><th>After epoch</th></tr></thead>\
         <tbody>",
    );
    for pair in &pairs {
        let [one, other] = pair.sides.each_ref().map(|(seat, value, row)| {
            format!(
                "{}={}: <b>{}</b> ({})",
                pair.setting.key,
                escaped(value),
                percent(row),
                escaped(&seat.name())
            )
        });
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{one}</td><td>{other}</td><td>{}</td></tr>",
            escaped(pair.setting.label),
            pair.sides[0].2.epoch
        );
    }
    out.push_str("</tbody></table></section>");
}

/// Answered questions by step, as counts; nothing before anybody has answered one.
fn lesson(out: &mut String, board: &Board) {
    let counts = step_counts(board);
    if counts.iter().all(|count| count.begun == 0) {
        return;
    }
    out.push_str(
        "<section aria-label=\"Questions\"><h2>Questions answered</h2><table><thead><tr>\
         <th>Step</th><th>Questions</th><th>Answered, all together</th>\
         <th>Students who have begun</th><th>Students who are done</th></tr></thead><tbody>",
    );
    for count in counts {
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(count.title),
            count.questions,
            count.done,
            count.begun,
            count.finished
        );
    }
    out.push_str("</tbody></table></section>");
}

fn percent(row: &Row) -> String {
    format!("{:.1} %", row.accuracy * 100.0)
}

/// A text that is nothing but text in HTML, in an element or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use resnette_class::ToHost;

    use super::*;
    use crate::board::tests::{run, seated};

    #[test]
    fn the_table_is_in_the_order_of_the_last_accuracy() {
        let (mut board, _seats) = seated(&["Ada", "Bo", "Cy"]);
        assert!(board.hear(1, 1, run(1, "seed=1&lr=0.006", &[0.9, 0.4])));
        assert!(board.hear(2, 1, run(1, "seed=1&lr=0.01", &[0.1, 0.625])));
        assert!(board.hear(3, 1, run(1, "seed=1&lr=0.006", &[])));
        board.end(3, 1);
        let drawn = view(&board, "http://192.168.0.7:8080/#join=00", None);
        let rows: Vec<&str> = drawn.split("<tr><td>").collect();
        assert!(
            rows[1].contains(
                "Bo</td><td>1</td><td>training</td><td>2</td><td>62.5 %</td><td>lr=0.01<"
            )
        );
        assert!(rows[2].contains("Ada</td>") && rows[2].contains("<td>lr=0.006<"), "{drawn}");
        assert!(rows[3].contains("Cy</td>") && rows[3].contains("training, page closed</td>"));
        assert!(rows[4].contains("lr=0.006: <b>40.0 %</b> (Ada)"), "{drawn}");
        assert!(drawn.contains("Connected: 2.") && drawn.contains("#join=00</code>"));
    }

    /// The board counts answers, and says of nobody what was answered.
    #[test]
    fn questions_are_counts() {
        let (mut board, _seats) = seated(&["Ada", "Bo"]);
        assert!(!view(&board, "http://x/", None).contains("Questions answered"));
        assert!(board.hear(1, 1, ToHost::Answered(1)));
        assert!(board.hear(2, 1, ToHost::Answered(0b11)));
        let drawn = view(&board, "http://x/", None);
        let rows = "</td><td>1</td><td>2</td><td>2</td><td>2</td></tr>";
        assert!(drawn.contains(&format!("<tr><td>Going back to Imagenette{rows}")), "{drawn}");
        let rows = "</td><td>4</td><td>1</td><td>1</td><td>0</td></tr>";
        assert!(drawn.contains(&format!("<tr><td>From a grid to one vector{rows}")), "{drawn}");
        assert!(!drawn.contains("Ada"), "nobody has shared a run: {drawn}");
    }

    /// A nickname is text, whatever is in it.
    #[test]
    fn no_nickname_is_markup() {
        let (mut board, _seats) = seated(&["<img src=x>", "\"'&"]);
        assert!(board.hear(1, 1, run(1, "seed=1", &[0.5])));
        assert!(board.hear(2, 1, run(1, "seed=1", &[0.5])));
        board.propose("epochs=3&lr=<b>".into());
        let drawn = view(&board, "http://x/", None);
        assert!(!drawn.contains("<img") && !drawn.contains("lr=<b>"), "{drawn}");
        assert!(drawn.contains("&lt;img src=x&gt;") && drawn.contains("&quot;&#39;&amp;"));
        board.hide(1, true);
        let drawn = view(&board, "http://x/", Some("a<b is full"));
        assert!(drawn.contains("behind the board: a&lt;b is full."), "{drawn}");
        assert!(!drawn.contains("img src") && drawn.contains("<td>Seat 1</td>"), "{drawn}");
    }
}
