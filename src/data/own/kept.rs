//! Keeps the classes of the reader's own for the next visit, in one of the browser's caches: a file
//! for each picture, and one with the names.
//!
//! The names are written after the pictures, and pictures that no name has any more go last. A tab
//! that closes in the middle leaves classes that can be read, with the pictures that were written
//! by then.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Math, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Request, Response};
use yew::prelude::*;

use crate::data::own::class::OwnClass;
use crate::data::own::picture::OwnPicture;
use crate::data::own::state::{NamedClass, Own, OwnAction};
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
/// After how many pictures the names are written too.
const EACH: usize = 20;
/// How long the reader may pause before a change is kept, in milliseconds.
const DELAY: u32 = 400;

const UNREADABLE: &str = "The classes that you made on an earlier visit could not be read, and are \
                          still there: reload the page to try again. What you make now is not kept.";
const FULL: &str = "These classes are not kept for your next visit: the browser has no room. Save \
                    them as a project.";
const ELSEWHERE: &str = "Another tab of this page has changed these classes, so what you change \
                         here is not kept. Save it as a project, or reload the page to go on with \
                         what the other tab has.";
const NOT_KEPT: &str = "These classes are not kept for your next visit: the browser refused. Save \
                        them as a project.";

/// The classes as they are kept, without the pictures themselves.
#[derive(Serialize, Deserialize)]
struct Index {
    /// Another one with each write, by which a tab knows whether another has written since.
    stamp: String,
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

/// What this tab has read and written, and what it is to write next.
#[derive(Default)]
struct Writer {
    is_reading: bool,
    is_busy: bool,
    next: Option<Vec<OwnClass>>,
    timer: Option<Timeout>,
    /// The stamp of what this tab has read or written last; `None` if there was nothing.
    stamp: Option<String>,
    /// The classes that were read or written last, perhaps without all of their pictures.
    last: Vec<OwnClass>,
    /// Whether those are what is kept.
    is_kept: bool,
    /// The pictures that this tab has read or written. Others may be another tab's.
    mine: BTreeSet<String>,
}

/// Why the classes are not kept as they are now.
enum NotKept {
    /// The browser does not keep them.
    Storage(StorageError),
    /// Another tab has changed them since this one has read them.
    Elsewhere,
}

impl From<StorageError> for NotKept {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
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
            let is_reading =
                || WRITER.with_borrow_mut(|writer| std::mem::replace(&mut writer.is_reading, true));
            if searched || is_reading() {
                return;
            }
            spawn_local(async move {
                let found = read().await;
                WRITER.with_borrow_mut(|writer| {
                    writer.is_reading = false;
                    writer.is_kept = found.is_ok();
                });
                let action = match found {
                    Ok(classes) => OwnAction::Found(classes),
                    Err(Unread) => OwnAction::Kept(Err(UNREADABLE.into())),
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
            let known = writer.next.as_ref().or(writer.is_kept.then_some(&writer.last));
            if known.is_some_and(|known| are_the_same(known, &classes)) {
                return;
            }
            writer.next = Some(classes);
            writer.timer = Some(Timeout::new(DELAY, move || spawn_local(write_all(commands))));
        });
    });
}

/// Whether names and pictures are the same. Classes with neither are not found again anyway.
fn are_the_same(some: &[OwnClass], others: &[OwnClass]) -> bool {
    let held = |class: &&OwnClass| !class.name.trim().is_empty() || !class.pictures.is_empty();
    let what = |class: &OwnClass| (class.name.clone(), class.pictures.clone());
    some.iter().filter(held).map(what).eq(others.iter().filter(held).map(what))
}

/// Writes until there is nothing left to write; one at a time.
async fn write_all(commands: Commands) {
    if WRITER.with_borrow_mut(|writer| std::mem::replace(&mut writer.is_busy, true)) {
        return;
    }
    loop {
        let next = WRITER.with_borrow_mut(|writer| {
            let next = writer.next.take();
            writer.is_kept &= next.is_none();
            next
        });
        let Some(classes) = next else { break };
        let outcome = write(&classes).await;
        WRITER.with_borrow_mut(|writer| writer.is_kept = outcome.is_ok());
        let outcome = outcome.map_err(|error| match error {
            NotKept::Storage(StorageError::Full) => FULL.to_owned(),
            NotKept::Storage(StorageError::Withheld) => NOT_KEPT.to_owned(),
            NotKept::Elsewhere => ELSEWHERE.to_owned(),
        });
        commands.dispatch(Action::Data(DataAction::OwnClasses(OwnAction::Kept(outcome))));
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
    let Some(index) = read_index(&cache).await? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for class in index.classes {
        let mut pictures = Vec::new();
        for kept in class.pictures {
            let Some(blob) = find(&cache, &kept.key).await? else { continue };
            pictures.extend(
                OwnPicture::file(&blob, &kept.file, &kept.kind)
                    .map(|file| OwnPicture::with_key(kept.key, file)),
            );
        }
        if !class.name.trim().is_empty() || !pictures.is_empty() {
            found.push((class.name, pictures));
        }
    }
    WRITER.with_borrow_mut(|writer| {
        writer.stamp = Some(index.stamp);
        let class = |(name, pictures): &NamedClass| OwnClass {
            id: 0,
            name: name.clone(),
            pictures: pictures.clone(),
        };
        writer.last = found.iter().map(class).collect();
        let pictures = found.iter().flat_map(|(_, pictures)| pictures);
        writer.mine.extend(pictures.map(|picture| picture.key.clone()));
    });
    Ok(found)
}

async fn read_index(cache: &JsValue) -> Result<Option<Index>, Unread> {
    let Some(index) = find(cache, INDEX).await? else { return Ok(None) };
    if index.size() > f64::from(MOST_INDEX_BYTES) {
        return Err(Unread);
    }
    let buffer = browser_api::call(&index, "arrayBuffer", &Array::new()).await;
    let bytes = Uint8Array::new(&buffer.map_err(|_| Unread)?).to_vec();
    serde_json::from_slice(&bytes).map(Some).map_err(|_| Unread)
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

async fn write(classes: &[OwnClass]) -> Result<(), NotKept> {
    let caches = browser_storage::caches()?;
    let refused = |error: JsValue| browser_storage::reason(&error);
    let cache = browser_api::call(&caches, "open", &cache_name()).await.map_err(refused)?;
    ensure_ours(&cache).await?;
    let keys = browser_api::call(&cache, "keys", &Array::new()).await.map_err(refused)?;
    let mut there: BTreeSet<String> = Array::from(&keys)
        .iter()
        .filter_map(|key| {
            let url = key.unchecked_into::<Request>().url();
            url.rsplit_once('/').map(|(_, key)| key.to_owned())
        })
        .collect();
    let mut failure = None;
    let mut added = 0;
    for picture in classes.iter().flat_map(|class| &class.pictures) {
        if there.contains(&picture.key) || failure == Some(StorageError::Full) {
            continue;
        }
        match put(&cache, &picture.key, &picture.file).await {
            Ok(()) => {
                there.insert(picture.key.clone());
                WRITER.with_borrow_mut(|writer| writer.mine.insert(picture.key.clone()));
                added += 1;
                // A tab that closes in the middle of many loses only the last.
                if added % EACH == 0 {
                    match put_index(&cache, classes, &there).await {
                        Err(NotKept::Storage(error)) => failure = Some(error),
                        outcome => outcome?,
                    }
                }
            }
            // The others may be kept all the same.
            Err(error) => failure = Some(error),
        }
    }
    match put_index(&cache, classes, &there).await {
        // What was removed makes room. Names of pictures that are gone are read without them.
        Err(NotKept::Storage(StorageError::Full)) => {
            forget_others(&cache, classes).await;
            put_index(&cache, classes, &there).await?;
        }
        outcome => outcome?,
    }
    WRITER.with_borrow_mut(|writer| writer.last = classes.to_vec());
    forget_others(&cache, classes).await;
    failure.map_or(Ok(()), |error| Err(error.into()))
}

/// Fails if another tab has written the names since this one has read or written them. Without
/// names there is nothing that it could lose.
async fn ensure_ours(cache: &JsValue) -> Result<(), NotKept> {
    let index = read_index(cache).await.map_err(|Unread| StorageError::Withheld)?;
    let is_ours = |index: Index| WRITER.with_borrow(|it| it.stamp == Some(index.stamp));
    if index.is_none_or(is_ours) { Ok(()) } else { Err(NotKept::Elsewhere) }
}

/// Deletes the pictures of this tab that are in no class any more.
async fn forget_others(cache: &JsValue, classes: &[OwnClass]) {
    let mut others = WRITER.with_borrow(|writer| writer.mine.clone());
    for picture in classes.iter().flat_map(|class| &class.pictures) {
        others.remove(&picture.key);
    }
    for key in others {
        let address = Array::of1(&address(&key).into());
        if browser_api::call(cache, "delete", &address).await.is_ok() {
            WRITER.with_borrow_mut(|writer| writer.mine.remove(&key));
        }
    }
}

/// Writes the names, with those pictures that are there.
async fn put_index(
    cache: &JsValue,
    classes: &[OwnClass],
    there: &BTreeSet<String>,
) -> Result<(), NotKept> {
    ensure_ours(cache).await?;
    let stamp = format!("{:x}", (Math::random() * 2e15) as u64);
    let picture = |picture: &OwnPicture| KeptPicture {
        key: picture.key.clone(),
        file: picture.file.name(),
        kind: picture.file.type_(),
    };
    let class = |class: &OwnClass| {
        let kept = class.pictures.iter().filter(|picture| there.contains(&picture.key));
        KeptClass { name: class.name.clone(), pictures: kept.map(picture).collect() }
    };
    let index = Index { stamp: stamp.clone(), classes: classes.iter().map(class).collect() };
    let bytes = serde_json::to_vec(&index).map_err(|_| StorageError::Withheld)?;
    let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
    let blob = Blob::new_with_u8_array_sequence(&parts);
    let blob = blob.map_err(|error| browser_storage::reason(&error))?;
    put(cache, INDEX, &blob).await?;
    WRITER.with_borrow_mut(|writer| writer.stamp = Some(stamp));
    Ok(())
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
