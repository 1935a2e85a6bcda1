//! Random actions by role: buttons, links, fields, choices, keys, files, reload, back, sizes of the
//! window. No error reaches the console, no button is dead, and a run can be trained afterwards.
//!
//! The seeds follow `RESNETTE_SEED`, which is printed; `RESNETTE_MONKEYS` says how many there are,
//! `RESNETTE_ACTIONS` how much each does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs};

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;
use serde_json::{Value, json};

use crate::chance::{Chance, first_seed};
use crate::chrome::{Browser, Chrome, wait_for};
use crate::page::{TINY, tiny_with};
use crate::sites::copy;
use crate::stage::{Outcome, Stage, dist, scratch};

/// Seeds where the environment does not say.
const MONKEYS: u64 = 5;
/// The same in Firefox.
const FIREFOX_MONKEYS: u64 = 2;
/// Actions of each.
const ACTIONS: usize = 500;
/// What a run may take, with other work on the machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs in the page before everything of its own: whether something has happened since an action,
/// and nothing that would leave the page for a dialog of the system's.
const WATCH: &str = "
    window.happened = 0;
    const note = () => { window.happened += 1; };
    const wrap = (owner, name, instead) => {
        const real = owner[name];
        owner[name] = function (...rest) { note(); return instead ? undefined : real.apply(this, rest); };
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const kind of ['focusin', 'hashchange', 'scroll']) addEventListener(kind, note, true);
    wrap(window, 'print', true);
    wrap(Worker.prototype, 'postMessage');
    wrap(URL, 'createObjectURL');
    wrap(HTMLInputElement.prototype, 'click', true);
    wrap(Location.prototype, 'reload');
    addEventListener('click', event => {
        const input = event.target.closest?.('input[type=file], label');
        if (input?.matches('input[type=file]') || input?.querySelector('input[type=file]')) { event.preventDefault(); note(); }
    }, true);
    window.people = {
        enabled: element => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.getAttribute('aria-disabled') !== 'true',
        all(css) { return [...document.querySelectorAll(css)].filter(this.enabled); },
        name: element => (element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent).trim().slice(0, 60),
        pick(list, chance) { return list[Math.floor(chance * list.length)]; },
        set(element, value) {
            const owner = element instanceof HTMLSelectElement ? HTMLSelectElement : element instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
            Object.getOwnPropertyDescriptor(owner.prototype, 'value').set.call(element, value);
            for (const kind of ['input', 'change']) element.dispatchEvent(new Event(kind, { bubbles: true }));
        },
        files(chance) {
            const png = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), letter => letter.charCodeAt(0));
            const kinds = [[png, 'dot.png'], [png, 'cat/dot.png'], ['notes', 'notes.txt'], [new Uint8Array(0), 'empty.jpg'],
                ['PAR1 nonsense PAR1', 'photos.parquet'], [new Uint8Array(3000).fill(7), 'photo.jpg'], ['RESNETTE nonsense', 'run.resnette'],
                ['{}', 'model.safetensors'], ['PK nonsense', 'photos.zip']];
            const transfer = new DataTransfer();
            for (let at = 0; at < 1 + Math.floor(chance * 3); at += 1) {
                const [bytes, name] = kinds[Math.floor(chance * 1e4 + at * 5) % kinds.length];
                transfer.items.add(new File([bytes], name));
            }
            return transfer;
        },
        press(css, chance) {
            const element = this.pick(this.all(css), chance);
            if (!element) return null;
            element.scrollIntoView({ block: 'center', behavior: 'instant' });
            const name = this.name(element);
            // Parts of a drawing are buttons too, and have no click of their own.
            if (element.click) element.click();
            else element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
            return name;
        },
    };
    window.act = (kind, first, second) => {
        const people = window.people;
        switch (kind) {
            case 'button': return people.press('button, [role=button], summary', first);
            // What is always in sight is pressed most.
            case 'run': return people.press('.run-bar button', first);
            case 'place': return people.press('header a[href^=\"#\"]', first);
            case 'link': return people.press('a[href^=\"#\"]', first);
            case 'tick': return people.press('input[type=checkbox], input[type=radio]', first);
            case 'select': {
                const select = people.pick(people.all('select'), first);
                const option = select && people.pick([...select.options].filter(option => !option.disabled), second);
                if (!option) return null;
                people.set(select, option.value);
                return `${people.name(select)}: ${option.value}`;
            }
            case 'type': {
                const field = people.pick(people.all('input:not([type=checkbox], [type=radio], [type=file]), textarea'), first);
                if (!field) return null;
                const value = people.pick(['', '0', '-1', '1', '2', '3', '8', '0.5', '1e999', 'NaN', 'ä', '<b>bold</b>', 'x'.repeat(300), '1,1,1,1', '\\u0007'], second);
                people.set(field, value);
                field.dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
                return `${people.name(field)}: ${value}`;
            }
            case 'choose': {
                const input = people.pick([...document.querySelectorAll('input[type=file]')].filter(input => !input.disabled), first);
                if (!input) return null;
                input.files = people.files(second).files;
                input.dispatchEvent(new Event('change', { bubbles: true }));
                return `${people.name(input)}: ${[...input.files].map(file => file.name)}`;
            }
            case 'drop': {
                const target = people.pick(people.all('section, main, label, body'), first) ?? document.body;
                const dataTransfer = people.files(second);
                for (const kind of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
                return `${target.localName}: ${[...dataTransfer.files].map(file => file.name)}`;
            }
        }
    };
";

/// What is done, how often among a hundred.
const KINDS: &[(&str, usize)] = &[
    ("button", 26),
    ("run", 18),
    ("place", 8),
    ("link", 5),
    ("tick", 5),
    ("select", 6),
    ("type", 9),
    ("choose", 4),
    ("drop", 4),
    ("key", 7),
    ("hash", 3),
    ("resize", 2),
    ("back", 2),
    ("reload", 1),
];

/// Keys that mean something to a page or to its fields.
const KEYS: &[char] = &[
    '\u{e004}', '\u{e007}', '\u{e00c}', '\u{e00d}', '\u{e012}', '\u{e013}', '\u{e014}', '\u{e015}',
    '\u{e010}', '\u{e011}', '\u{e003}', 'a', 'n', 'p', '?', '1',
];

/// Links that somebody might paste.
const LINKS: &[&str] = &[
    "epochs=2",
    "epochs=3&view=train",
    "epochs=400",
    "view=data",
    "view=predict",
    "view=learn",
    "epochs=banana",
    "source=url&data=http://nobody.test/",
    "source=files",
    "epochs=2&autostart=1",
];

/// Buttons that may be pressed without anything to see: pressing them twice is pressing them once.
const IDEMPOTENT: &[&str] = &[];

/// What all monkeys have seen.
#[derive(Default)]
struct Seen {
    /// How often a run was in a state.
    states: BTreeMap<&'static str, usize>,
    /// How often a button was pressed while nothing else happened, and how often something did.
    buttons: BTreeMap<String, (usize, usize)>,
}

/// The state of the run by the first word of its status.
fn state(status: &str) -> &'static str {
    let states =
        ["Ready", "Loading", "Compiling", "Training", "Paused", "Stopped", "Done", "Failed"];
    states.into_iter().find(|state| status.starts_with(state)).unwrap_or("no state")
}

fn from_environment(name: &str, otherwise: usize) -> usize {
    env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// The page with [`WATCH`] before everything of its own, in a browser that reaches nobody but this
/// computer: a monkey must not load photos. With the folder that the page is served from.
async fn alone(stage: &Stage) -> Result<(Stage, PathBuf), Failed> {
    let folder = scratch("watched")?;
    copy(&dist()?, &folder)?;
    let page = folder.join("index.html");
    let html = fs::read_to_string(&page)?;
    let (head, rest) = html.split_once("<script").ok_or("the page has no script")?;
    fs::write(page, format!("{head}<script src=\"watch.js\"></script><script{rest}"))?;
    fs::write(folder.join("watch.js"), WATCH)?;
    xtask::offline::write_service_worker(&folder).map_err(|error| format!("{error:#}"))?;
    let site = Site { dist: folder.clone(), port: Some(0), ..Site::default() }.start();
    let chrome = Chrome::start_alone(stage.chrome.browser).await?;
    Ok((Stage { site: site.map_err(|error| format!("{error:#}"))?, chrome }, folder))
}

/// See the head of this file.
pub async fn monkeys_press_everything(stage: &Stage) -> Outcome {
    let is_firefox = stage.chrome.browser == Browser::Firefox;
    monkeys(stage, if is_firefox { FIREFOX_MONKEYS } else { MONKEYS }, 0).await
}

/// Other seeds, beside the first ones.
pub async fn more_monkeys_press_everything(stage: &Stage) -> Outcome {
    monkeys(stage, MONKEYS, MONKEYS).await
}

/// Consecutive seeds, beginning `after` the environment's.
async fn monkeys(stage: &Stage, count: u64, after: u64) -> Outcome {
    let first = first_seed() + after;
    let mut seen = Seen::default();
    let (stage, folder) = alone(stage).await?;
    for seed in first..first + from_environment("RESNETTE_MONKEYS", count as usize) as u64 {
        let start = Instant::now();
        let mut last = Vec::new();
        let outcome = one(&stage, seed, &mut seen, &mut last).await;
        println!("RESNETTE_SEED={seed}: {:.0} s", start.elapsed().as_secs_f64());
        if let Err(error) = outcome {
            let actions = last.len().saturating_sub(25);
            // What went wrong comes last, since a long report is cut in the middle.
            return Err(format!(
                "RESNETTE_SEED={} RESNETTE_MONKEYS=1 after {} actions, of which the last were \
                 {:#?}: {}",
                seed - after,
                last.len(),
                &last[actions..],
                error.message().unwrap_or_default()
            )
            .into());
        }
    }
    println!("states: {:?}", seen.states);
    let dead: BTreeSet<_> = seen
        .buttons
        .iter()
        .filter(|(name, (pressed, worked))| {
            *pressed >= 2 && *worked == 0 && !IDEMPOTENT.contains(&name.as_str())
        })
        .collect();
    println!("{} buttons were pressed", seen.buttons.len());
    let enough = if from_environment("RESNETTE_ACTIONS", ACTIONS) < ACTIONS { 1 } else { 20 };
    assert!(seen.buttons.len() >= enough, "hardly anything was pressed: {:?}", seen.buttons);
    assert!(dead.is_empty(), "nothing ever happened when these were pressed: {dead:?}");
    stage.chrome.stop().await?;
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}

async fn one(
    stage: &Stage,
    seed: u64,
    seen: &mut Seen,
    done: &mut Vec<String>,
) -> Result<(), Failed> {
    let (chrome, mut chance) = (&stage.chrome, Chance::new(seed));
    let settings = tiny_with("epochs=60");
    stage.open(&settings).await?;
    for _ in 0..from_environment("RESNETTE_ACTIONS", ACTIONS) {
        let (what, status) = act(stage, &settings, &mut chance, seen).await?;
        *seen.states.entry(state(&status)).or_default() += 1;
        done.push(what);
    }
    no_errors(chrome).await?;
    // Whatever it left is ended, as a reader would end it; then a run as ever.
    chrome.viewport(1280, 900).await?;
    chrome.js_with("location.hash = arguments[0]", vec![TINY.into()]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Whatever was asked for last may only come now.
    wait_for("Train again", PATIENCE, async || {
        let script = "return document.querySelector('main h1')?.textContent === 'Train'";
        Ok(chrome.js(script).await.is_ok_and(|there| there == true).then_some(()))
    })
    .await?;
    let left = status(chrome).await?;
    if chrome.button("Stop").await?.is_enabled().await? {
        // One press must do. A run that is over by then has nothing to stop.
        let _ = chrome.click("Stop").await;
    }
    wait_for(&format!("the end of {left:?}"), PATIENCE, async || {
        let Ok(train) = chrome.button("Train").await else { return Ok(None) };
        Ok(train.is_enabled().await.unwrap_or(false).then_some(()))
    })
    .await?;
    chrome.click("Train").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // A fine-tuned network is not saved, so it does not go unasked with the engine that holds it.
    if let Ok(agree) = chrome.button("Change the engine").await {
        agree.click().await?;
    }
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    let rows = chrome.epochs().await?;
    if rows.len() != 1 {
        let page = chrome.js("return document.body.innerText").await?;
        return Err(format!("not a run as ever: {rows:?} after {left:?}; {page}").into());
    }
    no_errors(chrome).await
}

/// The run's status, also where a demo of the lesson has an output of its own.
async fn status(chrome: &Chrome) -> Result<String, Failed> {
    let script = "return document.querySelector('.run-bar [role=status]')?.textContent ?? ''";
    Ok(chrome.js(script).await?.as_str().unwrap_or_default().to_owned())
}

/// One action; answers with what it was, and with the status afterwards.
async fn act(
    stage: &Stage,
    settings: &str,
    chance: &mut Chance,
    seen: &mut Seen,
) -> Result<(String, String), Failed> {
    let chrome = &stage.chrome;
    let mut at = chance.below(KINDS.iter().map(|(_, weight)| weight).sum());
    let kind = KINDS.iter().find(|(_, weight)| {
        let here = at < *weight;
        at = at.saturating_sub(*weight);
        here
    });
    let kind = kind.map_or("button", |(kind, _)| kind);
    let (first, second) = (chance.share(), chance.share());
    let what = match kind {
        "key" => {
            let key = *chance.pick(KEYS);
            chrome.press(&[key]).await?;
            format!("key {key:?}")
        }
        "hash" => {
            let link = tiny_with(chance.pick::<&str>(LINKS));
            chrome.js_with("location.hash = arguments[0]", vec![link.clone().into()]).await?;
            format!("link {link}")
        }
        "resize" => {
            let sizes = [(360, 740), (1280, 900), (768, 1024), (1920, 1080), (320, 480)];
            let (width, height) = *chance.pick(&sizes);
            chrome.viewport(width, height).await?;
            format!("{width} × {height}")
        }
        "back" | "reload" => {
            if kind == "back" {
                chrome.client.back().await?;
            } else {
                chrome.client.refresh().await?;
            }
            let here = chrome.js("return location.href.startsWith('http')").await?;
            if here != json!(true) {
                stage.open(settings).await?;
            }
            wait_for("the page", PATIENCE, async || {
                Ok((!status(chrome).await?.is_empty()).then_some(()))
            })
            .await?;
            kind.to_owned()
        }
        kind => {
            // Where nothing moves by itself, what follows is this action's doing.
            let script = "
                const before = window.happened, done = arguments[3];
                const name = window.act(arguments[0], arguments[1], arguments[2]);
                const status = () => document.querySelector('.run-bar [role=status]')?.textContent ?? '';
                const first = status();
                setTimeout(() => done([name, first, window.happened - before, status()]), 15);";
            let arguments = vec![json!(kind), json!(first), json!(second)];
            let answer = chrome.client.execute_async(script, arguments).await;
            // A button may have taken the page away with its answer: the update, the crash report.
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    let what = format!("{kind}, and the page went: {error}");
                    return Ok((what, String::new()));
                }
            };
            let name = answer[0].as_str().unwrap_or("nothing there").to_owned();
            if kind == "button" && answer[0] != Value::Null {
                let status = answer[1].as_str().unwrap_or_default();
                let moves = ["Training", "Loading", "Compiling"].contains(&state(status));
                let worked = answer[2].as_u64().unwrap_or_default() > 0;
                let known = seen.buttons.entry(name.clone()).or_default();
                known.0 += usize::from(!moves);
                known.1 += usize::from(!moves && worked);
            }
            let after = answer[3].as_str().unwrap_or_default().to_owned();
            return Ok((format!("{kind} {name}"), after));
        }
    };
    Ok((what, status(chrome).await?))
}

/// Fails if the console has an error that is not the answer of a server who is not there.
async fn no_errors(chrome: &Chrome) -> Result<(), Failed> {
    // The last is the browser's note that nobody has really pressed anything.
    let expected = [
        "net::ERR_NAME_NOT_RESOLVED",
        "net::ERR_UNSAFE_PORT",
        "CORS policy",
        // Firefox's words for both.
        "Cross-Origin Request Blocked",
        "Blocked attempt to show a 'beforeunload'",
    ];
    let bad: Vec<_> = chrome
        .console()
        .await?
        .into_iter()
        .filter(|(level, text)| level == "SEVERE" || text.contains("panicked"))
        .filter(|(_, text)| !expected.iter().any(|words| text.contains(words)))
        .collect();
    if bad.is_empty() { Ok(()) } else { Err(format!("the console has errors: {bad:?}").into()) }
}

/// Each state of a run is reached, looked at from the other places, and left again.
pub async fn every_state_is_reached_and_left(stage: &Stage) -> Outcome {
    let (stage, folder) = alone(stage).await?;
    let chrome = &stage.chrome;
    let mut seen = BTreeSet::new();
    let mut reach = async |wanted: &'static str| {
        let reached = wait_for(wanted, PATIENCE, async || {
            let status = chrome.status().await?;
            Ok((state(&status) == wanted).then_some(()))
        });
        if let Err(error) = reached.await {
            return Err(format!("{error:?}; the status is {:?}", chrome.status().await?).into());
        }
        seen.insert(wanted);
        Ok::<(), Failed>(())
    };
    // Minutes long, so that it is under way however fast the computer is.
    stage.open(&tiny_with("epochs=400&train=100")).await?;
    reach("Ready").await?;
    // Loading lasts a moment, so it is caught as the button is pressed.
    let loading = "
        const button = [...document.querySelectorAll('.run-bar button')].find(button => button.textContent.trim() === 'Train');
        button.click();
        return new Promise(done => setTimeout(() => done(document.querySelector('[role=status]').textContent), 0));";
    let status = chrome.js(loading).await?;
    assert!(status.as_str().is_some_and(|status| status.starts_with("Loading")), "{status}");
    reach("Training").await?;
    stage.visits_every_place().await?;
    chrome.click("Pause").await?;
    reach("Paused").await?;
    stage.visits_every_place().await?;
    chrome.click("Resume").await?;
    reach("Training").await?;
    chrome.click("Stop").await?;
    reach("Stopped").await?;
    stage.visits_every_place().await?;
    chrome.js_with("location.hash = arguments[0]", vec![TINY.into()]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    chrome.click("Train").await?;
    reach("Done").await?;
    stage.visits_every_place().await?;
    chrome.click("One more epoch").await?;
    wait_for("a second row", PATIENCE, async || {
        Ok((chrome.epochs().await?.len() == 2).then_some(()))
    })
    .await?;
    reach("Done").await?;
    let nowhere = tiny_with("source=url&data=http://127.0.0.1:9/");
    chrome.js_with("location.hash = arguments[0]", vec![nowhere.into()]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    chrome.click("Train").await?;
    reach("Failed").await?;
    stage.visits_every_place().await?;
    chrome.js_with("location.hash = arguments[0]", vec![TINY.into()]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.train(PATIENCE).await?.len(), 1);
    no_errors(chrome).await?;
    assert_eq!(seen.len(), 6, "{seen:?}");
    stage.chrome.stop().await?;
    fs::remove_dir_all(folder)?;
    Ok(Completion::Completed)
}
