//! Other hands and eyes: the keyboard, a phone, a dark room.

use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::Completion;

use crate::page::{TINY, number};
use crate::stage::{Outcome, Stage, screenshots};

/// Tab reaches Train, and Enter trains.
pub async fn a_run_started_by_keyboard(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(TINY).await?;
    let mut visited = Vec::new();
    loop {
        chrome.press(&[Key::Tab.into()]).await?;
        let element = chrome.client.active_element().await?;
        let name = chrome.accessible_name(&element).await?;
        // The view of this name is a link.
        if name == "Train" && element.tag_name().await? == "button" {
            break;
        }
        visited.push(name);
        assert!(visited.len() < 60, "Tab does not reach Train: {visited:?}");
    }
    chrome.press(&[Key::Enter.into()]).await?;
    chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
    assert_eq!(chrome.epochs().await?.len(), 1);
    Ok(Completion::Completed)
}

/// At 360 px nothing sticks out sideways, and who prefers dark gets dark.
pub async fn a_phone_in_the_dark(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(360, 740).await?;
    stage.open(TINY).await?;
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        let width = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
        assert!(width <= 360.0, "the page is {width} px wide");
        // The page's own ground, as 0 (black) to 765 (white).
        let ground = "
            for (const element of [document.body, document.documentElement]) {
                const parts = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
                if (parts[3] !== 0) return parts[0] + parts[1] + parts[2];
            }
            return null;";
        let light = number(&chrome.js(ground).await?)?;
        assert_eq!(light > 382.0, scheme == "light", "the ground has {light} in {scheme}");
        chrome.screenshot(&screenshots().join(format!("phone-{scheme}.png"))).await?;
    }
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
