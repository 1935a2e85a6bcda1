//! What a model file says of its network, entry by entry.

use resnette_protocol::predict::BaseModel;
use resnette_spec::architecture::Architecture;
use resnette_spec::epoch::EpochRow;
use resnette_spec::limits::{MAX_MODEL_CLASSES, MAX_NAME_CHARS};
use resnette_spec::{RunConfig, read_kept_run};
use serde::de::DeserializeOwned;

use crate::model::file::error::FileError;
use crate::model::safetensors::Metadata;
use crate::predict::familiarity::Familiarity;

/// The epoch that the weights are of, if it need not be the last one of the table.
pub(super) fn best(metadata: &Metadata, history: &[EpochRow]) -> Result<Option<u32>, FileError> {
    let Some(text) = metadata.get("epoch") else { return Ok(None) };
    match text.parse() {
        Ok(epoch) if history.iter().any(|row| row.epoch == epoch) => Ok(Some(epoch)),
        _ => refuse("epoch", format!("“{}” is no epoch of its table", shorten(text))),
    }
}

/// What the network was fine-tuned from, if the file says so.
pub(super) fn fine_tuned_from(metadata: &Metadata) -> Result<Option<BaseModel>, FileError> {
    const KEY: &str = "fine_tuned_from";
    let Some(text) = metadata.get(KEY) else { return Ok(None) };
    let read = serde_json::from_str::<BaseModel>(text);
    let base = read.or_else(|error| refuse(KEY, shorten(&error.to_string())))?;
    let digits = base.crc32.len() == 8 && base.crc32.bytes().all(|byte| byte.is_ascii_hexdigit());
    let printable = !base.name.chars().any(char::is_control);
    if !digits || !printable || base.name.chars().count() > MAX_NAME_CHARS {
        return refuse(KEY, "the name of a file and a CRC-32 are wanted".into());
    }
    Ok(Some(base))
}

/// How to tell pictures that are unlike those the network was trained on, if the file says so.
pub(super) fn familiarity(
    metadata: &Metadata,
    architecture: &Architecture,
) -> Result<Option<Familiarity>, FileError> {
    const KEY: &str = "familiarity";
    let Some(text) = metadata.get(KEY) else { return Ok(None) };
    let read = serde_json::from_str::<Familiarity>(text);
    let known = read.or_else(|error| refuse(KEY, shorten(&error.to_string())))?;
    let features = architecture.pooled() as usize;
    if !known.fits(architecture.classes as usize, features) {
        return refuse(KEY, format!("a direction of {features} numbers for each class is wanted"));
    }
    Ok(Some(known))
}

/// The settings of the run that trained the network.
pub(super) fn config(metadata: &Metadata) -> Result<RunConfig, FileError> {
    let text = metadata.get("config").map_or("", String::as_str);
    let (run, problems) = read_kept_run(text);
    match problems.first() {
        Some(problem) => refuse("config", problem.to_string()),
        None => Ok(run),
    }
}

/// The names of the classes. A network has to have some, so a huge list is refused by its length.
pub(super) fn classes(metadata: &Metadata) -> Result<Vec<String>, FileError> {
    list(metadata, "classes", MAX_MODEL_CLASSES)
}

/// A list of at most `most` entries.
pub(super) fn list<T: DeserializeOwned>(
    metadata: &Metadata,
    key: &'static str,
    most: usize,
) -> Result<Vec<T>, FileError> {
    let text = metadata.get(key).map_or("", String::as_str);
    match serde_json::from_str::<Vec<T>>(text) {
        Ok(list) if list.len() <= most => Ok(list),
        Ok(list) => refuse(key, format!("{} entries, and at most {most} are read", list.len())),
        Err(error) => refuse(key, shorten(&error.to_string())),
    }
}

/// Refuses an entry, with what to do; a newer version says that by itself.
pub(super) fn refuse<T>(key: &'static str, problem: String) -> Result<T, FileError> {
    let problem = match key {
        "resnette" => problem,
        _ => format!("{problem}; save the network from this page again"),
    };
    Err(FileError::Metadata { key, problem })
}

/// The beginning of a text that came with a file, for an error message.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(160).collect()
}
