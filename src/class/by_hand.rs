//! Runs compared without a host: each student copies a code, and whoever collects them pastes them
//! here. Nothing is sent.

use std::rc::Rc;

use resnette_class::code::{read_all, write};
use resnette_class::limits::{MAX_CODE_CHARS, MAX_CODES, MAX_NICKNAME_CHARS};
use resnette_class::{CodeError, Nickname, SharedRun};
use resnette_spec::SETTINGS;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::class::shared::shared;
use crate::run::state::Run;
use crate::widgets::copy_button::CopyButton;

/// Properties of [`ByHand`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The run that the page shows.
    pub run: Rc<Run>,
}

/// The code of the run, and a table of the runs whose codes were pasted.
#[component]
pub fn ByHand(props: &Props) -> Html {
    let nickname = use_state(String::new);
    let pasted = use_state(String::new);
    let table = use_memo((*pasted).clone(), |pasted| Table::of(read_all(pasted)));
    let name = Nickname::new(&nickname);
    let refused = name.as_ref().err().copied().filter(|_| !nickname.is_empty());
    let code = shared(&props.run, 1)
        .zip(name.ok())
        .and_then(|(run, nickname)| write(&nickname, &run).ok());
    let text = {
        let code = code.clone().unwrap_or_default();
        Callback::from(move |()| code.clone())
    };
    let type_name = {
        let nickname = nickname.clone();
        Callback::from(move |event: InputEvent| {
            nickname.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let paste = {
        let pasted = pasted.clone();
        Callback::from(move |event: InputEvent| {
            pasted.set(event.target_unchecked_into::<HtmlTextAreaElement>().value());
        })
    };
    html! {
        <details class="card fold by-hand">
            <summary><h3>{"Compare runs by code"}</h3></summary>
            <p class="help">
                {"For a class without a host. Each student copies the code of a run and sends it; \
                  whoever collects the codes pastes them below. A code includes the nickname, the \
                  settings and up to 20 epochs of the run, and nothing else. The page sends \
                  nothing."}
            </p>
            <label for="hand-nickname">{"Nickname for the code"}</label>
            <input type="text" id="hand-nickname" autocomplete="off"
                maxlength={MAX_NICKNAME_CHARS.to_string()}
                value={(*nickname).clone()} oninput={type_name} />
            // A list of its own, as below: what comes and goes must not move the field.
            <div>
                if let Some(refused) = refused {
                    <p class="warning" role="alert">{format!("Nickname: {refused}.")}</p>
                }
            </div>
            <CopyButton label="Copy the code of this run" {text} disabled={code.is_none()} />
            if let Some(code) = code {
                <pre class="snippet" tabindex="0" translate="no">{code}</pre>
            }
            <label for="hand-codes">{"Codes of runs"}</label>
            <textarea id="hand-codes" rows="4" cols="50" autocomplete="off"
                maxlength={(MAX_CODES * MAX_CODE_CHARS).to_string()}
                value={(*pasted).clone()} oninput={paste} />
            // A list of its own: what comes and goes must not move the field that is typed in.
            <div>
                {for table.problems.iter().map(|(count, problem)| html! {
                    <p class="warning" role="alert">{format!("Not shown ({count}): {problem}.")}</p>
                })}
            </div>
            if !table.lines.is_empty() {
                {drawn(&table.lines)}
            }
        </details>
    }
}

fn drawn(lines: &[Line]) -> Html {
    html! {
        <div class="steps-room" tabindex="0" role="region" aria-label="Runs by code">
            <table class="figures" translate="no">
                <caption>{"Runs by last accuracy"}</caption>
                <thead>
                    <tr>
                        <th scope="col">{"nickname"}</th>
                        <th scope="col">{"epochs"}</th>
                        <th scope="col">{"accuracy"}</th>
                        <th scope="col">{"settings that differ"}</th>
                    </tr>
                </thead>
                <tbody>
                    {for lines.iter().map(|line| html! {
                        <tr>
                            <th scope="row">{line.nickname.clone()}</th>
                            <td>{line.epochs}</td>
                            <td>{accuracy(line)}</td>
                            <td>{line.settings.clone()}</td>
                        </tr>
                    })}
                </tbody>
            </table>
        </div>
    }
}

fn accuracy(line: &Line) -> String {
    line.accuracy.map_or_else(|| "–".into(), |accuracy| format!("{accuracy:.4}"))
}

/// A run in the table.
#[derive(Debug, PartialEq)]
struct Line {
    nickname: String,
    epochs: u32,
    /// The last; `None` before the first epoch.
    accuracy: Option<f32>,
    /// Those in which the runs of the table differ.
    settings: String,
}

/// What was pasted, as a table.
#[derive(Debug, PartialEq)]
struct Table {
    /// The highest last accuracy first.
    lines: Vec<Line>,
    /// What could not be read, and how often.
    problems: Vec<(usize, CodeError)>,
}

impl Table {
    fn of(read: Vec<Result<(Nickname, SharedRun), CodeError>>) -> Self {
        let (mut runs, mut problems) = (Vec::new(), Vec::<(usize, CodeError)>::new());
        for read in read {
            match read {
                // A code that was pasted twice is one run.
                Ok(run) if !runs.contains(&run) => runs.push(run),
                Ok(_) => {}
                Err(error) => match problems.iter_mut().find(|(_, known)| *known == error) {
                    Some((count, _)) => *count += 1,
                    None => problems.push((1, error)),
                },
            }
        }
        let values: Vec<Vec<String>> = runs
            .iter()
            .map(|(_, run)| {
                let config = run.config();
                SETTINGS.iter().map(|setting| setting.get(&config)).collect()
            })
            .collect();
        let differs = |index: usize| values.iter().any(|other| other[index] != values[0][index]);
        let differing: Vec<usize> = (0..SETTINGS.len()).filter(|&index| differs(index)).collect();
        let mut lines: Vec<Line> = runs
            .iter()
            .zip(&values)
            .map(|((nickname, run), values)| {
                let last = run.rows.last();
                let mut settings: Vec<String> = differing
                    .iter()
                    .map(|&index| format!("{}={}", SETTINGS[index].key, values[index]))
                    .collect();
                settings.extend(run.tuned.then(|| "fine-tuned".into()));
                Line {
                    nickname: nickname.as_str().into(),
                    epochs: last.map_or(0, |row| row.epoch.saturating_add(1)),
                    accuracy: last.map(|row| row.accuracy),
                    settings: settings.join(" "),
                }
            })
            .collect();
        let last = |line: &Line| line.accuracy.unwrap_or(-1.0);
        lines.sort_by(|one, other| last(other).total_cmp(&last(one)));
        Self { lines, problems }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_class::Status;
    use resnette_spec::epoch::EpochRow;
    use resnette_spec::read_run;

    use super::*;

    fn code(nickname: &str, settings: &str, accuracies: &[f32]) -> String {
        let row = |(epoch, &accuracy)| EpochRow { epoch, accuracy, ..EpochRow::default() };
        let rows: Vec<EpochRow> = (0..).zip(accuracies).map(row).collect();
        let run = SharedRun::of(1, &read_run(settings).0, false, Status::Done, &rows);
        write(&Nickname::new(nickname).unwrap(), &run).unwrap()
    }

    #[test]
    fn pasted_runs_are_in_the_order_of_their_last_accuracy() {
        let ada = code("Ada", "seed=1&lr=0.006", &[0.75, 0.5]);
        let bo = code("Bo", "seed=1&lr=0.01", &[0.625]);
        let cy = code("Cy", "seed=1&lr=0.006", &[]);
        let cut = &bo[..bo.len() - 3];
        let text = format!("{ada}\n{bo}\n\n{cy} {ada}\n{cut} {cut}");
        let table = Table::of(read_all(&text));
        let line = |nickname: &str, epochs, accuracy, settings: &str| Line {
            nickname: nickname.into(),
            epochs,
            accuracy,
            settings: settings.into(),
        };
        assert_eq!(
            table.lines,
            [
                line("Bo", 1, Some(0.625), "lr=0.01"),
                line("Ada", 2, Some(0.5), "lr=0.006"),
                line("Cy", 0, None, "lr=0.006"),
            ]
        );
        assert_eq!(table.problems, [(2, CodeError::Damaged)]);
    }

    /// The page says how many codes it has left out.
    #[test]
    fn codes_that_are_too_many_are_told() {
        let codes: Vec<String> =
            (0..MAX_CODES + 2).map(|seed| code("Ada", &format!("seed={seed}"), &[0.5])).collect();
        let table = Table::of(read_all(&codes.join("\n")));
        assert_eq!((table.lines.len(), table.problems), (MAX_CODES, vec![(2, CodeError::Many)]));
        let told = CodeError::Many.to_string();
        assert_eq!(told, "at most 60 codes are read at a time; the others were left out");
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(Table::of(read_all(" \n ")), Table { lines: vec![], problems: vec![] });
    }
}
