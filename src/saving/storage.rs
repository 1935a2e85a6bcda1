//! Looks for saved runs in the browser's private file system, before any engine is loaded, and
//! deletes them there. The worker writes and reads them.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Date, Uint8Array};
use resnette_protocol::saved::slots::{self, Entry, SlotId};
use resnette_protocol::saved::{RunHeader, run_file};
use resnette_protocol::{Failure, Subsystem};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, FileSystemRemoveOptions};
use yew::prelude::*;

use crate::saving::state::{SavedRun, SavingAction};
use crate::shell::action::Action;
use crate::shell::browser_storage::{self, Unreadable, entries, open_file, open_folder};
use crate::shell::commands::Commands;
use crate::shell::{browser_api, locks, platform};

/// What is told if the browser keeps files for this page but did not show the saved runs.
const UNSEEN: &str = "the page could not check for saved runs: the browser did not let it read its \
                      storage. Any saved run is kept; reload the page to check again";

/// How long the storage may take before the page goes on without it, in milliseconds.
const PATIENCE: u32 = 4_000;
/// How often the storage is searched again while another tab has a run: it may just be closing.
const AGAIN: u32 = 5;
/// Waits before further tries to read what could not be read, in milliseconds: a page that has just
/// crashed or closed may still hold a file.
const TRY_AGAIN_AFTER: [u32; 3] = [300, 1_000, 2_000];

/// Dispatches the saved runs whose headers can be read: when the page opens, when it comes to the
/// front, and when `searches` changes. Whether their tensors can be read is left to the worker.
#[hook]
pub fn use_saved(commands: &Commands, searches: u32) {
    let commands = commands.clone();
    use_effect_with(searches, {
        let commands = commands.clone();
        move |_| search(commands, AGAIN)
    });
    use_effect_with((), move |()| {
        let listener = platform::document().map(|document| {
            let shown = document.clone();
            EventListener::new(&document, "visibilitychange", move |_| {
                if !shown.hidden() {
                    search(commands.clone(), 0);
                }
            })
        });
        move || drop(listener)
    });
}

fn search(commands: Commands, again: u32) {
    // A storage that never answers must not hold up what waits for it.
    let late = {
        let commands = commands.clone();
        Timeout::new(PATIENCE, move || {
            commands.dispatch(Action::Saving(SavingAction::FoundSome(Vec::new())));
        })
    };
    spawn_local(async move {
        let Searched { runs, unseen } = patiently().await;
        drop(late);
        if unseen {
            let during = Subsystem::Model;
            let message = UNSEEN.into();
            commands.dispatch(Action::Failed(Failure { during, message }));
        }
        let elsewhere = runs.iter().any(|run| run.elsewhere);
        let found = if unseen { SavingAction::FoundSome(runs) } else { SavingAction::Found(runs) };
        commands.dispatch(Action::Saving(found));
        if elsewhere && again > 0 {
            TimeoutFuture::new(1_000).await;
            search(commands, again - 1);
        }
    });
}

/// This page's part of the private file system.
struct Place {
    page: String,
    root: JsValue,
    folder: JsValue,
}

impl Place {
    /// `None` in a browser without such a storage, which has kept nothing there; a run that begins
    /// is told so.
    async fn find() -> Result<Option<Self>, Unreadable> {
        let page = browser_storage::page();
        let Some(root) = browser_storage::directory().await? else { return Ok(None) };
        let root = JsValue::from(root);
        let folder = open_folder(&root, &slots::folder_name(&page), true).await?;
        Ok(folder.map(|folder| Self { page, root, folder }))
    }

    async fn slot(&self, slot: SlotId) -> Result<Option<JsValue>, Unreadable> {
        match slot {
            slots::EARLIER => open_folder(&self.root, slots::EARLIER_FOLDER, false).await,
            _ => open_folder(&self.folder, &Entry::Slot(slot).name(), false).await,
        }
    }

    /// Whether the run that an earlier version of the page has saved belongs to this page. The
    /// first page that finds it takes it.
    async fn owns_earlier(&self) -> Result<bool, Unreadable> {
        let Some(folder) = self.slot(slots::EARLIER).await? else { return Ok(false) };
        let own = slots::owner_name(&self.page);
        let owners = async || {
            let mut names = entries(&folder).await?;
            names.retain(|name| name.starts_with(slots::OWNER));
            names.sort();
            Ok::<_, Unreadable>(names)
        };
        if let Some(first) = owners().await?.first() {
            return Ok(*first == own);
        }
        open_file(&folder, &own, true).await?;
        // Two pages may have opened at the same time: one of them gives way.
        let first = owners().await?.first() == Some(&own);
        if !first {
            remove(&folder, &own).await;
        }
        Ok(first)
    }

    /// Removes deleted runs that cannot come back any more.
    async fn clear(&self, deleted: &[SlotId], held: &[String]) -> Result<(), Unreadable> {
        for &slot in deleted {
            let mark = Entry::Deleted(slot).name();
            let age = match open_file(&self.folder, &mark, false).await? {
                Some(file) => Date::now() - file.last_modified(),
                None => 0.0,
            };
            let in_use = held.contains(&slots::slot_lock(&self.page, slot));
            if age < slots::UNDO_MILLISECONDS as f64 || in_use {
                continue;
            }
            if slot == slots::EARLIER {
                if let Some(folder) = self.slot(slot).await? {
                    for generation in 0..slots::GENERATIONS {
                        remove(&folder, &slots::file_name(generation)).await;
                    }
                }
            } else {
                remove(&self.folder, &Entry::Slot(slot).name()).await;
            }
            remove(&self.folder, &mark).await;
        }
        Ok(())
    }
}

/// What a search has found.
#[derive(Default)]
struct Searched {
    /// The runs whose headers could be read.
    runs: Vec<SavedRun>,
    /// Whether something could not be read, which may be a run.
    unseen: bool,
}

impl Searched {
    /// Nothing could be read.
    fn unseen() -> Self {
        Self { runs: Vec::new(), unseen: true }
    }
}

/// Searches again while something cannot be read, as long as the browser answers at all.
async fn patiently() -> Searched {
    let last = Date::now() + f64::from(browser_api::PATIENCE);
    let mut waits = TRY_AGAIN_AFTER.into_iter();
    loop {
        let searched = all().await.unwrap_or_else(|Unreadable| Searched::unseen());
        match waits.next() {
            Some(wait) if searched.unseen && Date::now() < last => TimeoutFuture::new(wait).await,
            _ => return searched,
        }
    }
}

async fn all() -> Result<Searched, Unreadable> {
    let Some(place) = Place::find().await? else { return Ok(Searched::default()) };
    let names = entries(&place.folder).await?;
    let found: Vec<_> = names.iter().filter_map(|name| Entry::read(name)).collect();
    let mut slots: Vec<SlotId> = Vec::new();
    let mut deleted = Vec::new();
    for entry in &found {
        match entry {
            Entry::Slot(slot) => slots.push(*slot),
            Entry::Deleted(slot) => deleted.push(*slot),
            Entry::Continued(_) => {}
        }
    }
    if place.owns_earlier().await? {
        slots.push(slots::EARLIER);
    }
    let held = locks::held().await;
    place.clear(&deleted, &held).await?;
    let mut searched = Searched::default();
    let last = Date::now() + f64::from(browser_api::PATIENCE);
    for slot in slots.into_iter().filter(|slot| !deleted.contains(slot)) {
        if Date::now() > last {
            // A browser that does not answer for one slot will not answer for the rest.
            searched.unseen = true;
            break;
        }
        match newest(&place, slot).await {
            Ok(Some(run)) => searched.runs.push(SavedRun {
                elsewhere: held.contains(&slots::slot_lock(&place.page, slot)),
                continued: found.contains(&Entry::Continued(slot)),
                ..run
            }),
            Ok(None) => {}
            Err(Unreadable) => searched.unseen = true,
        }
    }
    Ok(searched)
}

/// The newer generation of the run in a slot; `None` if neither has a header that can be used.
async fn newest(place: &Place, slot: SlotId) -> Result<Option<SavedRun>, Unreadable> {
    let Some(folder) = place.slot(slot).await? else { return Ok(None) };
    let mut found = Vec::new();
    let mut saved = 0.0_f64;
    for generation in 0..slots::GENERATIONS {
        if let Some(file) = open_file(&folder, &slots::file_name(generation), false).await? {
            saved = saved.max(file.last_modified());
            found.extend(peek(&file).await?);
        }
    }
    let newest = found.into_iter().max_by_key(|(sequence, _)| *sequence);
    Ok(newest.and_then(|(_, head)| SavedRun::of(slot, saved as u64, &head).ok()))
}

/// The sequence number and the header of the run in a file.
async fn peek(file: &File) -> Result<Option<(u64, RunHeader)>, Unreadable> {
    let first = file.slice_with_f64_and_f64(0.0, (run_file::MAX_HEADER_BYTES + 64) as f64);
    let first = first.map_err(|_| Unreadable)?;
    let buffer = browser_api::call(&first, "arrayBuffer", &Array::new()).await;
    let bytes = Uint8Array::new(&buffer.map_err(|_| Unreadable)?).to_vec();
    let head = run_file::read_header(&bytes, file.size() as u64).ok();
    Ok(head.and_then(|(sequence, head)| Some((sequence, RunHeader::read(head).ok()?))))
}

async fn remove(folder: &JsValue, name: &str) -> bool {
    let options = FileSystemRemoveOptions::new();
    options.set_recursive(true);
    let arguments = Array::of2(&name.into(), options.unchecked_ref::<JsValue>());
    browser_api::call(folder, "removeEntry", &arguments).await.is_ok()
}

/// Marks a run as deleted: it is not offered any more, goes first when room is needed, and can come
/// back until then. `own` says that this tab has the run.
///
/// # Errors
/// Why it is still there, for the reader.
pub async fn delete(slot: SlotId, own: bool) -> Result<(), String> {
    let refused = || "The browser refuses to delete the saved run; it is still there.".to_string();
    let place = Place::find().await.ok().flatten().ok_or_else(refused)?;
    if !own && !locks::is_free(&slots::slot_lock(&place.page, slot)).await {
        return Err("This run is open in another tab of this page, so it was not deleted. Close \
                    that tab first."
            .into());
    }
    let mark = open_file(&place.folder, &Entry::Deleted(slot).name(), true).await;
    mark.ok().flatten().map(drop).ok_or_else(refused)
}

/// Takes the mark away again.
///
/// # Errors
/// Why the run is gone, for the reader.
pub async fn undelete(slot: SlotId) -> Result<(), String> {
    let gone = || {
        "The saved run cannot come back: its room was needed, or it was deleted too long ago."
            .to_string()
    };
    let place = Place::find().await.ok().flatten().ok_or_else(gone)?;
    newest(&place, slot).await.ok().flatten().ok_or_else(gone)?;
    match remove(&place.folder, &Entry::Deleted(slot).name()).await {
        true => Ok(()),
        false => Err(gone()),
    }
}
