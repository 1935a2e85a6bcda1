//! The lesson: its questions, what it keeps, its screens for a class, its
//! experiments.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use resnette_lesson::STEPS;
use serde_json::{Value, json};

use crate::axe::{axe_finds_none, axe_is_missing};
use crate::chrome::{Chrome, wait_for};
use crate::demos::picture;
use crate::page::tiny_with;
use crate::sites::Copy;
use crate::stage::{Outcome, Stage, screenshots};

/// The name of what is kept in the browser's storage.
const KEY: &str = "resnette.lesson";

/// What happens at once, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

/// Opens the lesson. The page's own status line is not the only one here: each question has its
/// own.
pub async fn open(stage: &Stage, settings: &str) -> Result<(), Failed> {
    let client = &stage.chrome.client;
    client.goto("about:blank").await?;
    client
        .goto(&format!("{}#view=learn&source=drawn&backend=cpu&{settings}", stage.site.url()))
        .await?;
    wait_for("the lesson", Duration::from_secs(60), async || {
        Ok(stage
            .chrome
            .js("return document.querySelector('.learn, .slides') !== null || null")
            .await?
            .as_bool())
    })
    .await
    .map(drop)
}

/// Opens the lesson and all of its steps.
pub async fn open_whole(stage: &Stage, settings: &str) -> Result<(), Failed> {
    open(stage, settings).await?;
    let chrome = &stage.chrome;
    wait_for("all steps", Duration::from_secs(60), async || {
        if let Ok(button) = chrome.button("Open all steps").await {
            // Something may move it away meanwhile; then it is pressed again.
            let _ = button.click().await;
        }
        Ok(open_steps(chrome).await.ok().filter(|open| open.len() == STEPS.len()).map(drop))
    })
    .await
}

/// The steps that are open, by their places, as their headings and what is seen of them say.
async fn open_steps(chrome: &Chrome) -> Result<Vec<usize>, Failed> {
    let script = "
        const steps = [...document.querySelectorAll('.step')];
        const said = steps.map(step => step.querySelector('h2 button').getAttribute('aria-expanded') === 'true');
        const seen = steps.map(step => step.querySelector('.prose').checkVisibility({ contentVisibilityAuto: true }));
        if (String(said) !== String(seen)) throw new Error(`said ${said}, seen ${seen}`);
        return said.flatMap((open, place) => open ? [place] : []);";
    Ok(serde_json::from_value(chrome.js(script).await?)?)
}

/// One step is open at a time, whichever way the reader gets there, and no page of the lesson is
/// longer than a dozen screens. Each question stands after its demo.
pub async fn one_step_is_open_at_a_time(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 800).await?;
    open(stage, "").await?;
    assert_eq!(open_steps(chrome).await?, [0]);
    for (place, step) in STEPS.iter().enumerate().skip(1) {
        chrome
            .js_with(
                "document.querySelector(`#learn-${arguments[0]} button`).click()",
                vec![json!(step.slug)],
            )
            .await?;
        wait_for(step.title, SOON, async || {
            Ok((open_steps(chrome).await? == [place]).then_some(()))
        })
        .await?;
        let script = "
            const box = document.querySelector(`#learn-${arguments[0]}`).getBoundingClientRect();
            return [box.top, document.documentElement.scrollHeight];";
        let found = chrome.js_with(script, vec![json!(step.slug)]).await?;
        let (top, height) =
            (found[0].as_f64().unwrap_or(-1.0), found[1].as_f64().unwrap_or(f64::MAX));
        println!("{}: heading at {top} px of {height} px", step.slug);
        assert!((-1.0..800.0).contains(&top), "{} is out of sight: {top}", step.slug);
        assert!(height <= 9_600.0, "{}: {height} px high", step.slug);
    }
    // A link within the lesson opens its step, and its own address does.
    chrome.client.find(Locator::LinkText("Back to “Bottleneck layers”")).await?.click().await?;
    wait_for(
        "the step before",
        SOON,
        async || Ok((open_steps(chrome).await? == [4]).then_some(())),
    )
    .await?;
    open(stage, "step=question-13").await?;
    wait_for("the step of question 13", SOON, async || {
        let focused = chrome.js("return document.activeElement.id").await?;
        Ok((focused == "learn-question-13" && open_steps(chrome).await? == [2]).then_some(()))
    })
    .await?;
    // A step that is pressed again closes, and nothing in it takes the focus.
    chrome.js("document.querySelector('#learn-skip-connections button').click()").await?;
    wait_for("no step", SOON, async || Ok(open_steps(chrome).await?.is_empty().then_some(())))
        .await?;
    let focused = "document.querySelector('#learn-question-13 input').focus(); return document.activeElement.closest('fieldset') === null";
    assert_eq!(chrome.js(focused).await?, json!(true));
    for (question, demo) in [(3, "adaptive-pooling"), (10, "residual"), (13, "one-by-one")] {
        let script = "
            const follows = (a, b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);
            const demo = document.getElementById(`learn-${arguments[1]}`).closest('.demo');
            const question = document.getElementById(`learn-question-${arguments[0]}`);
            const next = [...document.querySelectorAll('.demo')].find(other => follows(demo, other));
            return follows(demo, question) && follows(question, next);";
        let placed = chrome.js_with(script, vec![json!(question), json!(demo)]).await?;
        assert_eq!(placed, json!(true), "question {question} stands after {demo}");
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The lesson is a module of its own, fetched when Learn is opened and not before. One that does
/// not come is told, and comes when asked again.
pub async fn a_lesson_that_does_not_come_is_told(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let site = Copy::without_lesson("lesson")?;
    stage.open_at(&site.url(), &tiny_with("view=train")).await?;
    let asked = "return performance.getEntriesByType('resource').some(entry => entry.name.endsWith('_learn.wasm'))";
    assert_eq!(
        chrome.js(asked).await?,
        json!(false),
        "the lesson is fetched before Learn is opened"
    );
    go(chrome, "Learn").await?;
    wait_for("what is wrong", Duration::from_secs(30), async || {
        Ok(chrome.button("Try again").await.ok())
    })
    .await?;
    let told = chrome.js("return document.querySelector('main [role=alert]').textContent").await?;
    assert!(
        told.as_str()
            .is_some_and(|told| told.contains("could not be loaded") && told.contains("kept")),
        "{told}"
    );
    axe_finds_none(chrome, "Learn without its lesson").await?;
    go(chrome, "Train").await?;
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 1, "the rest of the page works");
    go(chrome, "Learn").await?;
    wait_for("what is wrong, again", Duration::from_secs(30), async || {
        Ok(chrome.button("Try again").await.ok())
    })
    .await?;
    site.bring_lesson()?;
    chrome.click("Try again").await?;
    let questions = "return document.querySelectorAll('fieldset.question').length || null";
    let count = wait_for("the lesson", Duration::from_secs(30), async || {
        Ok(chrome.js(questions).await?.as_u64())
    })
    .await?;
    assert!(count >= 22, "{count} questions");
    Ok(Completion::Completed)
}

/// Presses the link to a place.
pub async fn go(chrome: &Chrome, place: &str) -> Result<(), Failed> {
    let script = "[...document.querySelectorAll('nav[aria-label=Places] a')].find(link => link.textContent === arguments[0]).click()";
    chrome.js_with(script, vec![json!(place)]).await.map(drop)
}

impl Chrome {
    /// What a question's own status says.
    pub async fn verdict(&self, question: &str) -> Result<String, Failed> {
        let script = "
            const group = [...document.querySelectorAll('fieldset.question')].find(g => g.querySelector('legend').textContent === arguments[0]);
            return group.querySelector('[role=status]').textContent;";
        Ok(self
            .js_with(script, vec![json!(question)])
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }
}

/// Each question is a group with its name, its button and its status, and no other status is among
/// them.
pub async fn every_question_is_a_group(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open_whole(stage, "").await?;
    let mut names = Vec::new();
    for group in chrome.client.find_all(Locator::Css("fieldset")).await? {
        let name = chrome.accessible_name(&group).await?;
        if name.starts_with("Question ") {
            assert_eq!(group.find_all(Locator::Css("[role=status]")).await?.len(), 1, "{name}");
            let buttons = group.find_all(Locator::Css("button[type=submit]")).await?;
            let [check] = &buttons[..] else {
                return Err(format!("{name} has {} buttons to check", buttons.len()).into());
            };
            assert_eq!(chrome.accessible_name(check).await?, "Check");
            names.push(name);
        }
    }
    // Each once. They stand after the demos that answer them, so not all are in the book's order.
    let mut wanted: Vec<_> = (1..=22).map(|number| format!("Question {number}")).collect();
    names.sort();
    wanted.sort();
    assert_eq!(names, wanted);
    let outside =
        chrome.js("return [...document.querySelectorAll('[role=status], output')].filter(e => !e.closest('fieldset')).length").await?;
    assert_eq!(outside, json!(1), "the run's own status line");
    // A wrong answer is told, with a way to the demo.
    let group = chrome.client.find(Locator::Id("learn-question-14")).await?;
    group.find(Locator::Css("input")).await?.send_keys("3x128x128").await?;
    group.find(Locator::Css("button[type=submit]")).await?.click().await?;
    let verdict = wait_for("a hint", SOON, async || {
        Ok(Some(chrome.verdict("Question 14").await?)
            .filter(|verdict| verdict.starts_with("Not yet.")))
    })
    .await?;
    assert!(verdict.contains("Go to 1×1 convolution"), "{verdict}");
    Ok(Completion::Completed)
}

/// The numbers under the ribbon lead to the steps, and tell what is done of them.
pub async fn the_ribbon_is_a_map(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open(stage, "").await?;
    let marks = async || {
        let titles =
            chrome.js("return [...document.querySelectorAll('.ribbon-mark')].map(mark => mark.querySelector('title').textContent)").await?;
        Ok::<Vec<String>, Failed>(serde_json::from_value(titles)?)
    };
    let before = marks().await?;
    assert_eq!(before.len(), 6, "{before:?}");
    for (index, (title, step)) in before.iter().zip(&STEPS).enumerate() {
        assert!(title.starts_with(&format!("{}. {}: 0 of ", index + 1, step.title)), "{title}");
    }
    let third = chrome.client.find(Locator::Css(".ribbon-mark:nth-child(3)")).await?;
    assert_eq!(chrome.accessible_name(&third).await?, before[2]);
    for (mark, slug) in [(4, "bottleneck"), (2, "skip-connections")] {
        chrome.js(&format!("document.querySelectorAll('.ribbon-mark')[{mark}].focus()")).await?;
        chrome.press(&[Key::Enter.into()]).await?;
        wait_for("the step's heading", SOON, async || {
            let at = chrome.js("return document.activeElement.id + location.hash").await?;
            let wanted = (format!("learn-{slug}"), format!("step={slug}"));
            Ok(at
                .as_str()
                .filter(|at| at.starts_with(&wanted.0) && at.contains(&wanted.1))
                .map(drop))
        })
        .await?;
        assert_eq!(open_steps(chrome).await?, [mark]);
    }
    let group = chrome.client.find(Locator::Id("learn-question-14")).await?;
    group.find(Locator::Css("input")).await?.send_keys("16 x 128 x 128").await?;
    group.find(Locator::Css("button[type=submit]")).await?.click().await?;
    wait_for("the answer in the ribbon", SOON, async || {
        let after = marks().await?;
        let changed: Vec<&String> = after
            .iter()
            .zip(&before)
            .filter(|(after, before)| after != before)
            .map(|(after, _)| after)
            .collect();
        Ok(matches!(changed[..], [title] if title.contains(": 1 of ")).then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Answers are there after a reload, in the sheet, and gone after the reset, which can be taken
/// back.
pub async fn answers_survive_a_reload(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open(stage, "step=question-14").await?;
    let group = chrome.client.find(Locator::Id("learn-question-14")).await?;
    group.find(Locator::Css("input")).await?.send_keys("16 x 128 x 128").await?;
    group.find(Locator::Css("button[type=submit]")).await?.click().await?;
    // While the page loads again there is no question to ask.
    let right = async || {
        Ok(chrome.verdict("Question 14").await.ok().filter(|verdict| verdict.starts_with("Right.")))
    };
    wait_for("the verdict", SOON, right).await?;
    chrome.client.refresh().await?;
    wait_for("the verdict after a reload", Duration::from_secs(30), right).await?;
    let value =
        chrome.js("return document.querySelector('#learn-question-14 input').value").await?;
    assert_eq!(value, json!("16 x 128 x 128"));

    chrome
        .js("const make = URL.createObjectURL; URL.createObjectURL = blob => { window.sheet = blob.text(); return make.call(URL, blob); }")
        .await?;
    chrome.click("Export sheet").await?;
    let sheet = chrome
        .client
        .execute_async("const done = arguments[0]; window.sheet.then(done)", vec![])
        .await?;
    let sheet = sheet.as_str().unwrap_or_default();
    assert!(
        sheet.contains("1 of 22 questions done") && sheet.contains("> 16 x 128 x 128"),
        "{sheet}"
    );

    let stored = async || {
        chrome.js_with("return localStorage.getItem(arguments[0])", vec![json!(KEY)]).await
    };
    assert!(stored().await?.is_string());
    chrome.click("Reset answers").await?;
    wait_for("the reset", SOON, async || Ok(stored().await?.is_null().then_some(()))).await?;
    assert_eq!(chrome.verdict("Question 14").await?, "");
    chrome.click("Undo the reset").await?;
    wait_for("the answers again", SOON, async || Ok(stored().await?.is_string().then_some(())))
        .await?;

    // What another program wrote there is told and left alone.
    chrome
        .js_with("localStorage.setItem(arguments[0], '{\"version\":7}')", vec![json!(KEY)])
        .await?;
    chrome.client.refresh().await?;
    wait_for("a word about the version", Duration::from_secs(30), async || {
        Ok(chrome.text().await?.contains("version 7").then_some(()))
    })
    .await?;
    assert_eq!(stored().await?, json!("{\"version\":7}"));
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// One thing a screen; a key shows the answer; what the reader answered before is not given away.
pub async fn a_class_sees_one_thing_at_a_time(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(1280, 720).await?;
    open(stage, "presenter=1&lock=1&step=adaptive-pooling").await?;
    let headings = async || {
        chrome.js("return [...document.querySelectorAll('.slide h1, .slide h3, .slide legend')].map(e => e.textContent)").await
    };
    assert_eq!(headings().await?, json!(["Adaptive pooling"]));
    chrome.screenshot(&screenshots().join("learn-presenter.png")).await?;
    chrome.press(&[Key::PageDown.into(), Key::PageDown.into()]).await?;
    wait_for("the question", SOON, async || {
        Ok((headings().await? == json!(["Question 2"])).then_some(()))
    })
    .await?;
    assert!(!chrome.text().await?.contains("64 × 256\n"));
    chrome.press(&['a']).await?;
    wait_for("the answer", SOON, async || {
        Ok(chrome.text().await?.contains("64 × 256\n").then_some(()))
    })
    .await?;
    chrome.press(&[Key::PageUp.into()]).await?;
    wait_for("the demo before", SOON, async || {
        Ok((headings().await? == json!(["Evidence map"])).then_some(()))
    })
    .await?;
    // Out of it and back, on the same page.
    chrome.client.find(Locator::LinkText("Leave presenter mode")).await?.click().await?;
    wait_for("the chapter", SOON, async || {
        Ok(chrome.js("return document.querySelector('.learn') !== null || null").await?.as_bool())
    })
    .await?;
    chrome.client.find(Locator::LinkText("Present to a class")).await?.click().await?;
    wait_for("the screens", SOON, async || {
        Ok(chrome.js("return document.querySelector('.slides') !== null || null").await?.as_bool())
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The experiments on the CPU engine in this tab: the skips win, and the evidence adds up to the
/// score.
pub async fn the_experiments_run_in_the_tab(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open_whole(stage, "seed=1&step=skip-connections-demo").await?;
    let began = Instant::now();
    chrome.click("Train all three").await?;
    wait_for("the race", Duration::from_secs(400), async || {
        Ok(chrome.button("Train all three").await.ok())
    })
    .await?;
    println!("the race took {:.0} s", began.elapsed().as_secs_f32());
    let text = chrome.text().await?;
    let line = text
        .lines()
        .find(|line| line.starts_with("Training loss so far"))
        .ok_or("no training loss")?
        .to_owned();
    println!("{line}");
    let loss = |name: &str| -> Result<f64, Failed> {
        let rest = line.split(name).nth(1).ok_or_else(|| format!("no loss of {name}"))?;
        Ok(rest
            .trim()
            .split([';', ' '])
            .next()
            .unwrap_or_default()
            .trim_end_matches('.')
            .parse()?)
    };
    assert!(loss("56 layers with skips")? < loss("56 layers, no skips")?, "{line}");

    chrome.click("Look at the picture").await?;
    wait_for("the evidence", Duration::from_secs(120), async || {
        Ok(chrome.text().await?.contains("and the network's score for").then_some(()))
    })
    .await?;
    let numbers = chrome
        .js("return [...document.querySelectorAll('[aria-labelledby=learn-evidence-map] .demo-says b')].map(e => e.textContent)")
        .await?;
    let [Value::String(mean), Value::String(score)] =
        numbers.as_array().map(Vec::as_slice).unwrap_or_default()
    else {
        return Err(format!("the evidence says {numbers}").into());
    };
    assert_eq!(mean, score);

    chrome.click("Measure both on this device").await?;
    let (_, rows) = wait_for("times", Duration::from_secs(120), async || {
        Ok(chrome.table("Measured on this device, forwards and backwards").await.ok())
    })
    .await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    println!("{rows:?}");

    let began = Instant::now();
    chrome.click("Measure both surfaces").await?;
    wait_for("the surfaces", Duration::from_secs(400), async || {
        Ok(chrome.button("Measure both surfaces").await.ok())
    })
    .await?;
    println!("the surfaces took {:.0} s", began.elapsed().as_secs_f32());
    let cells = chrome.js("return document.querySelectorAll('.surface .height').length").await?;
    assert_eq!(cells, json!(2 * 225));
    chrome.viewport(1000, 1000).await?;
    for step in &STEPS {
        picture(chrome, step.slug).await?;
    }
    // What the experiments draw is held to the same rules.
    axe_finds_none(chrome, "after the experiments").await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// axe-core, which `cargo xtask test` installs where there is npm, finds nothing.
pub async fn axe_finds_nothing(stage: &Stage) -> Outcome {
    if let Some(ignored) = axe_is_missing() {
        return Ok(ignored);
    }
    let chrome = &stage.chrome;
    let places = [
        ("", "light"),
        ("", "dark"),
        ("presenter=1&step=kernel", "light"),
        ("presenter=1&step=where-the-work-is", "light"),
        ("presenter=1&step=question-12", "light"),
    ];
    for (settings, scheme) in places {
        if settings.is_empty() {
            open_whole(stage, settings).await?;
        } else {
            open(stage, settings).await?;
        }
        chrome.prefer(scheme).await?;
        axe_finds_none(chrome, &format!("{settings} {scheme}")).await?;
    }
    Ok(Completion::Completed)
}

/// At 360 px nothing of the lesson sticks out sideways, in either scheme.
pub async fn the_lesson_fits_a_phone(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(360, 740).await?;
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        open_whole(stage, "").await?;
        let width = chrome.js("return document.documentElement.scrollWidth").await?;
        assert!(
            width.as_f64().is_some_and(|width| width <= 360.0),
            "the lesson is {width} px wide"
        );
    }
    Ok(Completion::Completed)
}
