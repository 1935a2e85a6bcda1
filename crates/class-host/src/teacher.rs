//! The board's page and the teacher's commands.
//!
//! The page itself is for everybody and says nothing; what it shows is asked for with the teacher's
//! token in a header, which is compared before anything of the request is read.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use resnette_class::limits::MAX_SETTINGS_BYTES;
use resnette_class::{Token, code};
use resnette_spec::{Source, read_run, write_run};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::board::Board;
use crate::class::{Class, new_token};
use crate::keep_line::KeepLine;
use crate::table_file::table_file;
use crate::view::view;

/// The most bytes of a command.
pub const MAX_COMMAND_BYTES: usize = 4_096;

/// What the board's page may load and ask: its own files and its own host.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the teacher does.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Command {
    /// Sends an experiment to all: a link of the page, or what stands behind its `#`.
    Propose(String),
    /// Starts it.
    Start,
    /// Stops it.
    Stop,
    /// Hides the nickname of a seat.
    Hide(u32),
    /// Shows it again.
    Show(u32),
    /// Puts a run on the board whose student had no host to share it with: its code.
    Paste(String),
    /// Deletes everything.
    Delete,
}

/// The routes of the board.
pub(crate) fn routes(class: &Arc<Class>) -> Router<Arc<Class>> {
    let guarded = Router::new()
        .route("/board/view", get(shown))
        .route("/board/runs.csv", get(file))
        .route("/board/command", post(command))
        .layer(DefaultBodyLimit::max(MAX_COMMAND_BYTES))
        .layer(from_fn_with_state(class.clone(), teacher_only));
    let page = include_str!("../page/board.html");
    let script = include_str!("../page/board.js");
    let style = include_str!("../page/board.css");
    guarded
        .route("/board", get(move || async move { text("text/html", page) }))
        .route("/board/board.js", get(move || async move { text("text/javascript", script) }))
        .route("/board/board.css", get(move || async move { text("text/css", style) }))
}

/// Refuses requests without the teacher's token, with an empty answer.
async fn teacher_only(State(class): State<Arc<Class>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|given| given.strip_prefix("Bearer ")).and_then(Token::read);
    match token.is_some_and(|token| bool::from(token.0[..].ct_eq(&class.teacher_token.0[..]))) {
        true => next.run(request).await,
        false => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn shown(State(class): State<Arc<Class>>) -> Response {
    let trouble = class.keep.as_ref().and_then(KeepLine::trouble);
    let drawn = view(&class.board(), &class.join_link, trouble.as_deref());
    text("text/html", drawn)
}

async fn file(State(class): State<Arc<Class>>) -> Response {
    let table = table_file(&class.board());
    text("text/csv", table)
}

async fn command(State(class): State<Arc<Class>>, body: Bytes) -> Response {
    let Ok(command) = serde_json::from_slice::<Command>(&body) else {
        return (StatusCode::BAD_REQUEST, "Unknown command.").into_response();
    };
    let deletes = command == Command::Delete;
    let obeyed = match obey(&class, command) {
        Ok(()) if deletes => deleted(&class).await,
        obeyed => obeyed,
    };
    match obeyed {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(told) => (StatusCode::UNPROCESSABLE_ENTITY, told).into_response(),
    }
}

fn obey(class: &Class, command: Command) -> Result<(), String> {
    let mut board = class.board();
    match command {
        Command::Propose(link) => board.propose(experiment(&link)?),
        Command::Start => board.start(),
        Command::Stop => board.stop(),
        Command::Hide(seat) => board.hide(seat, true),
        Command::Show(seat) => board.hide(seat, false),
        Command::Paste(text) => paste(&mut board, &text)?,
        Command::Delete => board.delete_all(),
    }
    Ok(())
}

/// Waits until the file says no more than the board, if the class is kept.
///
/// # Errors
/// A sentence for the teacher.
async fn deleted(class: &Class) -> Result<(), String> {
    let Some(line) = &class.keep else { return Ok(()) };
    line.now().await.map_err(|error| {
        format!(
            "Deleted from the board, but not yet from the file: {error}. If this stays, end the \
             host and delete {} yourself.",
            line.path.display()
        )
    })
}

/// Puts the run of a code on the board.
///
/// # Errors
/// A sentence for the teacher.
fn paste(board: &mut Board, text: &str) -> Result<(), String> {
    let (nickname, run) =
        code::read(text).map_err(|error| format!("Nothing was added: {error}."))?;
    let key = new_token().map_err(|error| format!("Nothing was added: {error:#}."))?;
    board.paste(nickname, run, key).map_err(|_| {
        "Nothing was added: all seats of the class are taken. Add it when somebody has left.".into()
    })
}

/// The settings of a link that all students can be asked to try.
///
/// # Errors
/// A sentence for the teacher.
fn experiment(link: &str) -> Result<String, String> {
    let hash = link.trim();
    let hash = hash.split_once('#').map_or(hash, |(_, hash)| hash);
    if !hash.contains('=') {
        return Err("Nothing was sent: paste a link to the page that includes its settings, the \
                    part behind a #."
            .into());
    }
    let (mut config, mut problems) = read_run(hash);
    problems.extend(config.resolve_conflicts());
    if let Some(problem) = problems.first() {
        return Err(format!("Nothing was sent: {problem}."));
    }
    match config.data.source {
        Source::Drawn | Source::HuggingFace => {}
        Source::Url | Source::Files => {
            return Err("Nothing was sent: a class can be asked to train on the drawn set or on \
                        Imagenette's photos, not on files or on another address."
                .into());
        }
    }
    config.data.base = resnette_spec::RunConfig::default().data.base;
    let settings = write_run(&config);
    if settings.len() > MAX_SETTINGS_BYTES {
        return Err("Nothing was sent: the link is too long.".into());
    }
    Ok(settings)
}

/// An answer of this kind, in UTF-8, under the board's policy.
fn text(kind: &str, body: impl Into<String>) -> Response {
    let headers: [(HeaderName, String); 2] = [
        (CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY.into()),
    ];
    (headers, body.into()).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_class::{Nickname, SharedRun, Status};
    use resnette_spec::epoch::EpochRow;

    use super::*;
    use crate::board::tests::join;

    #[test]
    fn an_experiment_is_a_link_that_every_student_can_try() {
        let taken =
            experiment(" http://localhost:8080/#source=drawn&epochs=3&autostart=1 ").unwrap();
        assert!(taken.contains("epochs=3") && !taken.contains("autostart"), "{taken}");
        assert_eq!(experiment("source=drawn&epochs=3"), Ok(taken));
        for (link, told) in [
            ("", "behind a #"),
            ("http://localhost:8080/", "behind a #"),
            ("#source=drawn&lr=fast", "lr=fast was refused"),
            ("#source=url&data=http://evil.example", "not on files or on another address"),
            ("#source=files", "not on files or on another address"),
        ] {
            let refused = experiment(link).unwrap_err();
            assert!(refused.contains(told), "{refused}");
        }
        assert!(experiment(&format!("#source=drawn&{}", "a".repeat(9_000))).is_err());
    }

    /// A code becomes a seat without a page, and a later code of the same run takes its place.
    #[test]
    fn runs_without_a_host_are_pasted() {
        let text = |epochs: u32| {
            let row = |epoch| EpochRow { epoch, accuracy: 0.5, ..EpochRow::default() };
            let rows: Vec<EpochRow> = (0..epochs).map(row).collect();
            let config = read_run("seed=3").0;
            let run = SharedRun::of(9, &config, false, Status::Done, &rows);
            code::write(&Nickname::new("Ada").unwrap(), &run).unwrap()
        };
        let mut board = Board::default();
        for epochs in [1, 2] {
            paste(&mut board, &text(epochs)).unwrap();
            let seat = &board.seats()[0];
            assert!(seat.pasted && !seat.is_here() && board.seats().len() == 1);
            assert_eq!((seat.name(), seat.runs.len()), ("Ada".into(), 1));
            assert_eq!(seat.runs[0].run.rows.len(), epochs as usize);
        }
        // A page with the same nickname is somebody else.
        let taken = board.join(join("Ada", None), Token([1; 16])).ok().unwrap();
        assert_eq!((taken.id, board.seats().len()), (2, 2));
        let refused = paste(&mut board, "hello").unwrap_err();
        assert!(refused.starts_with("Nothing was added: this is not the code"), "{refused}");
        board.delete_all();
        assert_eq!(board.seats().len(), 1, "the page that is here");
    }

    #[test]
    fn commands_are_spelled_as_the_boards_script_spells_them() {
        let read = |text: &str| serde_json::from_str::<Command>(text).ok();
        assert_eq!(read(r#"{"propose":"epochs=3"}"#), Some(Command::Propose("epochs=3".into())));
        assert_eq!(read(r#""start""#), Some(Command::Start));
        assert_eq!(read(r#"{"hide":3}"#), Some(Command::Hide(3)));
        for text in [r#""destroy""#, r#"{"hide":-1}"#, r#"{"hide":3,"show":3}"#, "", "[]"] {
            assert_eq!(read(text), None, "{text}");
        }
        let script = include_str!("../page/board.js");
        for name in ["propose", "start", "stop", "hide", "show", "paste", "delete"] {
            assert!(
                script.contains(&format!("\"{name}\"")) || script.contains(&format!("{name}:"))
            );
        }
    }
}
