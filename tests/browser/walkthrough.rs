//! The whole lesson by keyboard alone.

use std::collections::BTreeSet;
use std::time::Duration;

use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use resnette_lesson::question::QuestionKind;
use resnette_lesson::{Demo, numbered};

use crate::chrome::{Chrome, wait_for};
use crate::learn::open;
use crate::stage::{Outcome, Stage};

/// Where the keyboard's focus is.
#[derive(Debug, serde::Deserialize)]
struct Focus {
    /// The question around it, by its legend.
    question: Option<String>,
    /// The demo around it, by its heading.
    demo: Option<String>,
    /// Its tag.
    tag: String,
    /// Its type.
    kind: String,
    /// Its text or label.
    text: String,
    /// A tick that is there.
    checked: bool,
    /// A heading whose part is closed.
    closed: bool,
}

impl Chrome {
    async fn focus(&self) -> Result<Focus, Failed> {
        let script = "
            const at = document.activeElement;
            return {
                question: at.closest('fieldset.question')?.querySelector('legend').textContent ?? null,
                demo: at.closest('.demo')?.querySelector('h3').textContent ?? null,
                tag: at.tagName.toLowerCase(), kind: at.type ?? '', text: at.getAttribute('aria-label') ?? at.textContent, checked: at.checked === true, closed: at.closest('h2.fold') !== null && at.ariaExpanded === 'false',
            };";
        Ok(serde_json::from_value(self.js(script).await?)?)
    }

    async fn tab(&self) -> Result<Focus, Failed> {
        self.press(&[Key::Tab.into()]).await?;
        self.focus().await
    }

    async fn type_in(&self, text: &str) -> Result<(), Failed> {
        self.press(&text.chars().collect::<Vec<_>>()).await
    }
}

/// Tab, arrows, Space, Enter and letters are enough for all 22 questions, and Tab comes by every
/// demo.
pub async fn every_question_by_keyboard(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    open(stage, "").await?;
    let (mut demos, mut answered, mut checked) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for stop in 0.. {
        assert!(stop < 700, "Tab does not reach the end: {demos:?}, {checked:?}");
        let focus = chrome.tab().await?;
        if focus.closed {
            chrome.press(&[Key::Enter.into()]).await?;
            continue;
        }
        demos.extend(focus.demo.clone());
        let Some(name) = focus.question.clone() else {
            if checked.len() == 22 {
                break;
            }
            continue;
        };
        let number: u8 = name.trim_start_matches("Question ").parse()?;
        let question = numbered(number).ok_or("a question of another chapter")?;
        match (&question.kind, focus.kind.as_str(), focus.tag.as_str()) {
            (QuestionKind::Choose { options }, "radio", _) if answered.insert(number) => {
                let right = options
                    .iter()
                    .position(|option| option.hint.is_none())
                    .ok_or("no right option")?;
                chrome.press(&[' ']).await?;
                chrome.press(&vec![Key::Down.into(); right]).await?;
            }
            (QuestionKind::Number { value, .. }, "text", _) if answered.insert(number) => {
                chrome.type_in(&value.to_string()).await?
            }
            (QuestionKind::Shape { shape, .. }, "text", _) if answered.insert(number) => {
                let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
                chrome.type_in(&sizes.join("x")).await?;
            }
            (QuestionKind::Free { model_answer, .. }, _, "textarea") if answered.insert(number) => {
                chrome.type_in(&model_answer.chars().take(120).collect::<String>()).await?;
            }
            (QuestionKind::Free { .. }, "checkbox", _) if !focus.checked => {
                chrome.press(&[' ']).await?
            }
            // Sorting by insertion: the focus goes with the step that is moved.
            (QuestionKind::Order { steps, .. }, "button", _)
                if focus.text.starts_with("Move up: ") =>
            {
                let mine = focus.text.trim_start_matches("Move up: ").to_owned();
                let right = |words: &str| steps.iter().position(|step| *step == words);
                loop {
                    let script = "return document.activeElement.closest('li')?.previousElementSibling?.querySelector('.order-words').textContent ?? null";
                    let above = chrome.js(script).await?;
                    let Some(above) = above.as_str().and_then(right) else { break };
                    if right(&mine) > Some(above) {
                        break;
                    }
                    chrome.press(&[Key::Enter.into()]).await?;
                    let now = chrome.focus().await?;
                    assert_eq!(now.text, focus.text, "the focus stays with the step");
                }
                answered.insert(number);
            }
            (_, "submit", _) if checked.insert(number) => {
                assert_eq!(focus.text, "Check");
                assert!(answered.contains(&number), "{name} could not be answered");
                chrome.press(&[Key::Enter.into()]).await?;
                let verdict =
                    wait_for(&format!("a word on {name}"), Duration::from_secs(5), async || {
                        let verdict = chrome.verdict(&name).await?;
                        Ok((!verdict.is_empty()).then_some(verdict))
                    })
                    .await?;
                let wanted = if matches!(question.kind, QuestionKind::Free { .. }) {
                    "One good answer."
                } else {
                    "Right."
                };
                assert!(verdict.starts_with(wanted), "{name}: {verdict}");
            }
            _ => {}
        }
    }
    assert_eq!(
        demos,
        Demo::ALL.iter().map(|demo| demo.title().to_owned()).collect::<BTreeSet<_>>()
    );
    let text = chrome.text().await?;
    assert!(
        text.contains("22 of 22 questions done"),
        "{}",
        text.lines().find(|line| line.contains("of 22")).unwrap_or_default()
    );
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
