//! A class: two pages of its host share what they agree to share, and the board shows it; an
//! experiment of the teacher's starts only where its student has agreed. Without a host a run is
//! carried as a code.

use std::time::Duration;

use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use resnette_class_host::ClassSite;

use crate::axe::axe_finds_none;
use crate::chrome::{Chrome, wait_for};
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, dist, screenshots};

const LIMIT: Duration = Duration::from_secs(120);

/// Waits until the element has these words in it.
async fn wait_words(chrome: &Chrome, selector: &str, words: &str) -> Result<(), Failed> {
    let script = format!("return document.querySelector({selector:?})?.textContent ?? ''");
    wait_for(&format!("{words:?} in {selector}"), LIMIT, async || {
        let text = chrome.js(&script).await?;
        Ok(text.as_str().is_some_and(|text| text.contains(words)).then_some(()))
    })
    .await
}

/// Opens a tab at an address, which is then the one that is driven.
async fn tab(chrome: &Chrome, url: &str) -> Result<fantoccini::wd::WindowHandle, Failed> {
    let handle = chrome.client.new_window(true).await?.handle;
    chrome.client.switch_to_window(handle.clone()).await?;
    chrome.goto(url).await?;
    Ok(handle)
}

/// Agrees to share under this nickname, after a look at what is said and at the address bar.
async fn agree(chrome: &Chrome, nickname: &str) -> Result<(), Failed> {
    wait_words(chrome, ".class-share", "If you agree").await?;
    let address = chrome.js("return location.href").await?;
    assert!(!address.to_string().contains("join"), "the token stays in the address: {address}");
    let field = chrome.client.find(Locator::Css("#class-nickname")).await?;
    field.send_keys(nickname).await?;
    chrome.click("Share with the class").await?;
    wait_words(chrome, ".class-share", &format!("with the class as {nickname}.")).await
}

/// Ada shares a run and Bo takes the teacher's experiment; Ada, who does not answer, keeps her run.
pub async fn two_pages_share_and_the_board_shows_it(stage: &Stage) -> Outcome {
    let host = ClassSite { dist: dist()?, port: Some(0), ..ClassSite::default() };
    let host = host.start().map_err(|error| format!("{error:#}"))?;
    let chrome = &stage.chrome;
    let link = |changes: &str| format!("{}&{}", host.join_link(), tiny_with(changes));

    let ada = tab(chrome, &link("epochs=2")).await?;
    agree(chrome, "Ada").await?;
    chrome.click("Train").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    let last = chrome.epochs().await?.pop().ok_or("no epoch")?;
    let accuracy = format!("{:.1} %", last.accuracy * 100.0);

    let bo = tab(chrome, &link("lr=0.01")).await?;
    agree(chrome, "Bo").await?;

    let board = tab(chrome, host.board_link()).await?;
    wait_words(chrome, "#view", "Connected: 2.").await?;
    wait_words(chrome, "#view", &accuracy).await?;
    wait_words(chrome, "#view", "Ada").await?;
    let address = chrome.js("return location.href").await?;
    let token = host.board_link().split_once('#').map_or("", |(_, token)| token);
    assert!(!token.is_empty() && !address.to_string().contains(token), "{address}");
    assert_eq!(chrome.js("return document.querySelectorAll('.curves .curve').length").await?, 1);

    // The teacher proposes Ada's run to all.
    chrome.js("document.getElementById('teacher').open = true").await?;
    let field = chrome.client.find(Locator::Css("input[name=link]")).await?;
    field.send_keys(&tiny_with("epochs=2&lr=0.02")).await?;
    chrome.click("Send to all").await?;
    wait_words(chrome, "#told", "Sent to all.").await?;

    chrome.client.switch_to_window(bo.clone()).await?;
    wait_words(chrome, ".class-share", "lr=0.02 (here 0.01)").await?;
    chrome.click("Take its settings and start with the class").await?;
    wait_words(chrome, ".class-share", "when the teacher starts it").await?;
    let status = chrome.status().await?;
    assert!(!status.starts_with("Training") && status != "Done", "{status}");

    chrome.client.switch_to_window(board.clone()).await?;
    wait_words(chrome, "#view", "ready for it: 1.").await?;
    chrome.click("Start together").await?;

    chrome.client.switch_to_window(bo).await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    chrome.client.switch_to_window(ada).await?;
    wait_words(chrome, ".class-share", "The teacher has started an experiment.").await?;
    assert_eq!(chrome.epochs().await?.len(), 2, "Ada has not agreed, and her table is as it was");
    assert_eq!(chrome.status().await?, "Done");

    chrome.client.switch_to_window(board).await?;
    wait_words(chrome, "#view", "Same seed, one other setting").await?;
    let curves = "return document.querySelectorAll('.curves .curve').length";
    wait_for("two curves", LIMIT, async || Ok((chrome.js(curves).await? == 2).then_some(())))
        .await?;
    chrome.viewport(1920, 1080).await?;
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await?;
        axe_finds_none(chrome, "the board").await?;
        chrome.screenshot(&screenshots().join(format!("board-{scheme}.png"))).await?;
    }
    drop(host);
    wait_words(chrome, "#told", "The host does not answer").await?;
    Ok(Completion::Completed)
}

/// A run of a page without a host is copied as a code, and pasted into the table of another page
/// and into a board; what is no code is refused there with a reason.
pub async fn a_run_is_carried_to_the_board_as_a_code(stage: &Stage) -> Outcome {
    let host = ClassSite { dist: dist()?, port: Some(0), ..ClassSite::default() };
    let host = host.start().map_err(|error| format!("{error:#}"))?;
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=2")).await?;
    chrome.click("Train").await?;
    chrome.wait_status(LIMIT, |status| status == "Done").await?;
    let last = chrome.epochs().await?.pop().ok_or("no epoch")?;
    for fold in [".advanced", ".by-hand"] {
        chrome.unfold(fold).await?;
    }
    let field = chrome.client.find(Locator::Css("#hand-nickname")).await?;
    field.send_keys("Ada").await?;
    wait_words(chrome, ".by-hand pre", "RUN1").await?;
    let code = chrome.js("return document.querySelector('.by-hand pre').textContent").await?;
    let code = code.as_str().ok_or("no code")?.to_owned();
    let field = chrome.client.find(Locator::Css("#hand-codes")).await?;
    field.send_keys(&code.to_lowercase()).await?;
    wait_words(chrome, ".by-hand table", "Ada").await?;
    axe_finds_none(chrome, "runs by code").await?;
    field.send_keys("RUN1A").await?;
    wait_words(chrome, ".by-hand .warning", "Not shown (1)").await?;

    tab(chrome, host.board_link()).await?;
    wait_words(chrome, "#view", "Connected: 0.").await?;
    chrome.js("document.getElementById('teacher').open = true").await?;
    for (text, told) in [("hello", "this is not the code of a run"), (code.as_str(), "Added.")] {
        let field = chrome.client.find(Locator::Css("input[name=code]")).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        chrome.click("Add run").await?;
        wait_words(chrome, "#told", told).await?;
    }
    wait_words(chrome, "#view", "done, by code").await?;
    wait_words(chrome, "#view", &format!("{:.1} %", last.accuracy * 100.0)).await?;
    Ok(Completion::Completed)
}
