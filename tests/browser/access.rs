//! The page as a screen reader has it: Chromium's accessibility tree, and what is announced while a
//! run goes on.

use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use serde_json::{Value, json};

use crate::chrome::Chrome;
use crate::learn::go;
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage};

/// Roles of what is operated, and of what stands for a picture or a table: without a name nobody
/// knows what they are.
const NAMED: [&str; 19] = [
    "button",
    "link",
    "textbox",
    "combobox",
    "checkbox",
    "radio",
    "slider",
    "spinbutton",
    "searchbox",
    "switch",
    "tab",
    "progressbar",
    "image",
    "table",
    "grid",
    "navigation",
    "region",
    "dialog",
    "DisclosureTriangle",
];

/// One element of the tree.
#[derive(Debug)]
struct Node {
    role: String,
    name: String,
    level: Option<u64>,
}

/// In every place: all that can be operated has a name, there is one of each landmark that there is
/// one of, headings leave out no level, and outside Learn one element alone has the role status.
pub async fn everything_has_a_name(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=train")).await?;
    stage.train(Duration::from_secs(120)).await?;
    for place in ["Data", "Train", "Predict", "Learn"] {
        go(chrome, place).await?;
        chrome.settled(place).await?;
        chrome
            .js("document.querySelectorAll('details').forEach(details => { details.open = true; })")
            .await?;
        let nodes = chrome.tree().await?;
        let nameless: Vec<&Node> = nodes
            .iter()
            .filter(|node| NAMED.contains(&node.role.as_str()) && node.name.is_empty())
            .collect();
        assert!(nameless.is_empty(), "{place}: {nameless:?}");
        let count = |role: &str| nodes.iter().filter(|node| node.role == role).count();
        assert_eq!(["banner", "main", "contentinfo"].map(count), [1, 1, 1], "{place}");
        assert!(
            count("status") == 1 || place == "Learn",
            "{place}: {} have the role status",
            count("status")
        );
        let levels: Vec<u64> = nodes
            .iter()
            .filter(|node| node.role == "heading")
            .filter_map(|node| node.level)
            .collect();
        assert_eq!(levels.first(), Some(&1), "{place}");
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{place}");
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{place} leaves out a level: {levels:?}"
        );
    }
    Ok(Completion::Completed)
}

/// An epoch is announced, a batch is not: whatever changes in a live region during a run is noted.
pub async fn an_epoch_is_announced_and_a_batch_is_not(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=train&epochs=2")).await?;
    let watch = "
        window.announced = [];
        new MutationObserver(changes => {
            for (const { target } of changes) {
                const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
                const region = element?.closest('[aria-live], [role=status], [role=alert], output');
                if (!region || region.getAttribute('aria-live') === 'off') continue;
                const words = region.textContent.trim();
                if (words && window.announced.at(-1) !== words) window.announced.push(words);
            }
        }).observe(document.body, { subtree: true, childList: true, characterData: true });";
    chrome.js(watch).await?;
    stage.train(Duration::from_secs(120)).await?;
    let told: Vec<String> = serde_json::from_value(chrome.js("return window.announced").await?)?;
    assert!(
        told.iter().any(|words| words.starts_with("Epoch 0 complete, 1 of 2 done, accuracy")),
        "{told:?}"
    );
    assert!(
        told.last().is_some_and(|words| words.starts_with("Done Epoch 1 complete, 2 of 2 done")),
        "{told:?}"
    );
    assert!(told.iter().all(|words| !words.contains("batch")) && told.len() < 12, "{told:?}");
    Ok(Completion::Completed)
}

impl Chrome {
    /// Waits until a place is there as a whole.
    async fn settled(&self, place: &str) -> Result<(), Failed> {
        let heading = "return document.querySelector('main h1')?.textContent === arguments[0] && !document.querySelector('main [aria-busy=true]') || null";
        crate::chrome::wait_for(place, Duration::from_secs(30), async || {
            Ok(self.js_with(heading, vec![json!(place)]).await?.as_bool())
        })
        .await
        .map(drop)
    }

    /// What assistive technology is given, in the document's order.
    async fn tree(&self) -> Result<Vec<Node>, Failed> {
        self.cdp("Accessibility.enable", json!({})).await?;
        let tree = self.cdp("Accessibility.getFullAXTree", json!({})).await?;
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().trim().to_owned();
        let nodes = tree["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let seen = nodes.iter().filter(|node| node["ignored"] != json!(true));
        let level = |node: &Value| {
            node["properties"].as_array()?.iter().find(|property| property["name"] == "level")?["value"]["value"].as_u64()
        };
        let nodes: Vec<Node> = seen
            .map(|node| Node {
                role: text(&node["role"]),
                name: text(&node["name"]),
                level: level(node),
            })
            .collect();
        if nodes.len() < 20 {
            return Err(format!("the tree has {} elements", nodes.len()).into());
        }
        Ok(nodes)
    }
}
