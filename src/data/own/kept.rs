//! Keeps the classes of the reader's own for the next visit, in one of the browser's caches: a file
//! for each picture, and one with the names.
//!
//! The names are written after the pictures, and pictures that no name has any more go last. A tab
//! that closes in the middle leaves the classes as they were.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Request, Response};
use yew::prelude::*;

use crate::data::own::picture::OwnPicture;
use crate::data::own::state::{MOST_CLASSES, MOST_PICTURES, NamedClass, Own, OwnAction, OwnClass};
use crate::data::state::DataAction;
use crate::shell::action::Action;
use crate::shell::browser_storage::StorageError;
use crate::shell::commands::Commands;
use crate::shell::{browser_api, browser_storage};

/// Where the files seem to lie, beside the page. Nothing is ever fetched from there.
const FOLDER: &str = "own-classes/";
/// The file with the names.
const INDEX: &str = "index";
/// The largest number of bytes of that file.
const MOST_INDEX_BYTES: u32 = 2_000_000;
/// How long the reader may pause before a change is kept, in milliseconds.
const DELAY: u32 = 400;

const UNREADABLE: &str = "The classes that you made on an earlier visit could not be read, and are \
                          still there: reload the page to try again. What you make now is not kept.";
const FULL: &str = "These classes are not kept for your next visit: the browser has no room. Save \
                    them as a project.";
const NOT_KEPT: &str = "These classes are not kept for your next visit: the browser refused. Save \
                        them as a project.";

/// The classes as they are kept, without the pictures themselves.
#[derive(Serialize, Deserialize)]
struct Index {
    classes: Vec<KeptClass>,
}

#[derive(Serialize, Deserialize)]
struct KeptClass {
    name: String,
    pictures: Vec<KeptPicture>,
}

#[derive(Serialize, Deserialize)]
struct KeptPicture {
    /// The name under which its bytes are kept.
    key: String,
    /// The name of its file.
    file: String,
    /// Its media type.
    kind: String,
}

/// What is to be written, while the reader may still change it or something else is being written.
#[derive(Default)]
struct Writer {
    is_busy: bool,
    next: Option<Vec<OwnClass>>,
    timer: Option<Timeout>,
}

thread_local! {
    /// It outlives the component: the reader may leave Data at any time.
    static WRITER: RefCell<Writer> = RefCell::default();
}

/// Reads the classes of an earlier visit when they are shown first, and keeps every change.
#[hook]
pub fn use_own_classes(commands: &Commands, own: &Rc<Own>) {
    {
        let (commands, searched) = (commands.clone(), own.searched);
        use_effect_with((), move |()| {
            if searched {
                return;
            }
            spawn_local(async move {
                let action = match read().await {
                    Ok(classes) => OwnAction::Found(classes),
                    Err(Unread) => OwnAction::Note(UNREADABLE.into()),
                };
                commands.dispatch(Action::Data(DataAction::OwnClasses(action)));
            });
        });
    }
    let commands = commands.clone();
    let wanted = (own.searched && own.begun).then(|| own.classes.clone());
    use_effect_with(wanted, move |wanted| {
        let Some(classes) = wanted.clone() else { return };
        WRITER.with_borrow_mut(|writer| {
            writer.next = Some(classes);
            writer.timer = Some(Timeout::new(DELAY, move || spawn_local(write_all(commands))));
        });
    });
}

/// Writes until there is nothing left to write; one at a time.
async fn write_all(commands: Commands) {
    if WRITER.with_borrow_mut(|writer| std::mem::replace(&mut writer.is_busy, true)) {
        return;
    }
    loop {
        let next = WRITER.with_borrow_mut(|writer| writer.next.take());
        let Some(classes) = next else { break };
        if let Err(error) = write(&classes).await {
            let words = match error {
                StorageError::Full => FULL,
                StorageError::Withheld => NOT_KEPT,
            };
            let note = OwnAction::Note(words.into());
            commands.dispatch(Action::Data(DataAction::OwnClasses(note)));
        }
    }
    WRITER.with_borrow_mut(|writer| writer.is_busy = false);
}

/// The browser may keep classes, and did not show them.
struct Unread;

async fn read() -> Result<Vec<NamedClass>, Unread> {
    // A browser without caches has kept nothing.
    let Ok(caches) = browser_storage::caches() else { return Ok(Vec::new()) };
    let unread = |_: JsValue| Unread;
    let is_there = browser_api::call(&caches, "has", &cache_name()).await.map_err(unread)?;
    if !is_there.is_truthy() {
        return Ok(Vec::new());
    }
    let cache = browser_api::call(&caches, "open", &cache_name()).await.map_err(unread)?;
    let Some(index) = find(&cache, INDEX).await? else { return Ok(Vec::new()) };
    if index.size() > f64::from(MOST_INDEX_BYTES) {
        return Err(Unread);
    }
    let buffer = browser_api::call(&index, "arrayBuffer", &Array::new()).await.map_err(unread)?;
    let index: Index =
        serde_json::from_slice(&Uint8Array::new(&buffer).to_vec()).map_err(|_| Unread)?;
    let mut found = Vec::new();
    let mut room = MOST_PICTURES;
    for class in index.classes.into_iter().take(MOST_CLASSES) {
        let mut pictures = Vec::new();
        for kept in class.pictures.into_iter().take(room) {
            let Some(blob) = find(&cache, &kept.key).await? else { continue };
            pictures.extend(
                OwnPicture::file(&blob, &kept.file, &kept.kind)
                    .map(|file| OwnPicture::with_key(kept.key, file)),
            );
        }
        room -= pictures.len();
        found.push((class.name, pictures));
    }
    Ok(found)
}

/// A file in the cache, if it is there.
async fn find(cache: &JsValue, key: &str) -> Result<Option<Blob>, Unread> {
    let answer = browser_api::call(cache, "match", &Array::of1(&address(key).into())).await;
    let answer = answer.map_err(|_| Unread)?;
    if !answer.is_object() {
        return Ok(None);
    }
    let blob = browser_api::call(&answer, "blob", &Array::new()).await.map_err(|_| Unread)?;
    Ok(Some(blob.unchecked_into()))
}

async fn write(classes: &[OwnClass]) -> Result<(), StorageError> {
    let caches = browser_storage::caches()?;
    let refused = |error: JsValue| browser_storage::reason(&error);
    if classes.iter().all(|class| class.pictures.is_empty() && class.name.trim().is_empty()) {
        browser_api::call(&caches, "delete", &cache_name()).await.map_err(refused)?;
        return Ok(());
    }
    let cache = browser_api::call(&caches, "open", &cache_name()).await.map_err(refused)?;
    let keys = browser_api::call(&cache, "keys", &Array::new()).await.map_err(refused)?;
    let there: BTreeSet<String> = Array::from(&keys)
        .iter()
        .filter_map(|key| {
            let url = key.unchecked_into::<Request>().url();
            url.rsplit_once('/').map(|(_, key)| key.to_owned())
        })
        .collect();
    let mut wanted = BTreeSet::new();
    for picture in classes.iter().flat_map(|class| &class.pictures) {
        if !there.contains(&picture.key) {
            put(&cache, &picture.key, &picture.file).await?;
        }
        wanted.insert(picture.key.clone());
    }
    let bytes = serde_json::to_vec(&index(classes)).map_err(|_| StorageError::Withheld)?;
    let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(refused)?;
    put(&cache, INDEX, &blob).await?;
    for key in there.difference(&wanted).filter(|key| *key != INDEX) {
        let _ = browser_api::call(&cache, "delete", &Array::of1(&address(key).into())).await;
    }
    Ok(())
}

fn index(classes: &[OwnClass]) -> Index {
    let picture = |picture: &OwnPicture| KeptPicture {
        key: picture.key.clone(),
        file: picture.file.name(),
        kind: picture.file.type_(),
    };
    let classes = classes.iter().map(|class| KeptClass {
        name: class.name.clone(),
        pictures: class.pictures.iter().map(picture).collect(),
    });
    Index { classes: classes.collect() }
}

async fn put(cache: &JsValue, key: &str, blob: &Blob) -> Result<(), StorageError> {
    let refused = |error: JsValue| browser_storage::reason(&error);
    let response = Response::new_with_opt_blob(Some(blob)).map_err(refused)?;
    let arguments = Array::of2(&address(key).into(), &response);
    browser_api::call_within(browser_api::FILE_PATIENCE, cache, "put", &arguments)
        .await
        .map(drop)
        .map_err(refused)
}

/// The address of a file in the cache, relative to the page's.
fn address(key: &str) -> String {
    format!("{FOLDER}{key}")
}

/// The classes belong to this copy of the page, and others on the same origin have theirs.
fn cache_name() -> Array {
    Array::of1(&format!("resnette-own-{}", browser_storage::page()).into())
}
