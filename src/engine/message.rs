//! A request as the message that a worker gets.

use js_sys::{Array, Uint8Array};
use resnette_picture::report::ClassCorrections;
use resnette_protocol::persistence::ContinueRun;
use resnette_protocol::{Command, Request, RequestId, encode};
use resnette_spec::Source;
use wasm_bindgen::JsCast;
use web_sys::Worker;

use crate::widgets::opened_files::OpenedFile;

/// `[Uint8Array, path, file, …]`; the files, and what the reader corrected about their classes,
/// only with what loads them.
pub fn pack(
    id: RequestId,
    command: Command,
    files: &[OpenedFile],
    corrections: &ClassCorrections,
) -> Result<Array, String> {
    let (files, corrections) = match source(&command) {
        Some(Source::Files) => (files, corrections.clone()),
        _ => (&[][..], ClassCorrections::default()),
    };
    let request = Request { id, command, corrections };
    let bytes = encode(&request).map_err(|error| error.to_string())?;
    let message = Array::of1(&Uint8Array::from(bytes.as_slice()));
    for file in files {
        message.push(&file.path.as_str().into());
        message.push(&file.file);
    }
    Ok(message)
}

/// Where a command takes its pictures from; `None` if it needs none.
fn source(command: &Command) -> Option<Source> {
    match command {
        Command::Train(config)
        | Command::FindRate(config)
        | Command::FineTune(config)
        | Command::FindFineTuneRate(config) => Some(config.data.source),
        Command::Load { data, .. } => Some(data.source),
        Command::Continue(ContinueRun { source, .. }) => Some(*source),
        // A saved run that has ended loads its pictures first, and they may be files.
        Command::OneMoreEpoch => Some(Source::Files),
        _ => None,
    }
}

/// Posts a message. Its bytes are transferred to the worker instead of being copied.
pub fn deliver(worker: &Worker, message: &Array) -> Result<(), String> {
    let bytes = message.get(0).unchecked_into::<Uint8Array>();
    let moved = Array::of1(&bytes.buffer());
    worker
        .post_message_with_transfer(message, &moved)
        .map_err(|_| "the engine could not be reached; reload the page".to_string())
}
