//! A phone's window, 390 by 844 pixels.

use std::time::Duration;

use fantoccini::Locator;
use libtest_mimic::Completion;
use serde_json::json;

use crate::chrome::wait_for;
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage, screenshots};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every place by its own link, touched with a finger: nothing sticks out sideways, and what a
/// finger should hit is large enough (WCAG 2.2, 2.5.8: 24 pixels) or is part of a text. A run is
/// trained on the way.
pub async fn every_place_at_390_by_844(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    chrome.viewport(390, 844).await?;
    stage.open(&tiny_with("view=train")).await?;
    assert_eq!(chrome.js("return [innerWidth, innerHeight].join()").await?, "390,844");
    chrome.tap(chrome.button("Train").await?).await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    assert_eq!(chrome.epochs().await?.len(), 1);
    for place in ["Data", "Train", "Predict", "Learn"] {
        chrome.tap(chrome.client.find(Locator::LinkText(place)).await?).await?;
        let there = "return document.querySelector('nav [aria-current]')?.textContent.trim() === arguments[0] && !document.querySelector('main [aria-busy=true]') && document.querySelector('main h1') !== null";
        wait_for(place, PATIENCE, async || {
            Ok(chrome.js_with(there, vec![place.into()]).await?.as_bool().filter(|there| *there))
        })
        .await?;
        let width = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
        assert!(width <= 390.0, "{place} is {width} px wide");
        let small = "
            return [...document.querySelectorAll('button, select, summary, label.button')]
                .filter(element => element.checkVisibility?.() ?? true)
                .map(element => [element.textContent.trim() || element.getAttribute('aria-label'), element.getBoundingClientRect()])
                .filter(([, box]) => box.width > 1 && (box.width < 24 || box.height < 24))
                .map(([name, box]) => `${name}: ${box.width} × ${box.height}`).join('; ')";
        assert_eq!(chrome.js(small).await?, "", "{place}");
        let name = format!("phone-{}-{}.png", place.to_lowercase(), chrome.browser.prefix());
        chrome.screenshot(&screenshots().join(name)).await?;
    }
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// What would take an iPhone's tab beyond what iOS leaves it is refused with the figures, before
/// anything is fetched or started; the same run on another phone is not.
pub async fn an_iphone_refuses_what_it_cannot_hold(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let agent = chrome.js("return navigator.userAgent").await?;
    let large = tiny_with("size=224&train=800&valid=100");
    for (platform, refuses) in [("Linux armv81", false), ("iPhone", true)] {
        let who = json!({ "userAgent": agent, "platform": platform });
        chrome.cdp("Emulation.setUserAgentOverride", who).await?;
        stage.open(&large).await?;
        assert_eq!(chrome.js("return navigator.platform").await?, platform);
        assert_eq!(chrome.text().await?.contains("This will not fit"), refuses, "{platform}");
    }
    chrome.click("Train").await?;
    let told = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    assert!(
        told.contains("iPhones and iPads") && told.contains("fewer pictures a class"),
        "{told}"
    );
    let engines = stage.site.log().iter().filter(|served| served.path.contains("worker_")).count();
    assert_eq!(engines, 0, "no engine was fetched");
    // What fits is trained.
    stage.open(&tiny_with("view=train")).await?;
    assert_eq!(stage.train(PATIENCE).await?.len(), 1);
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
