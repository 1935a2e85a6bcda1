//! The page's contract: its links, its status line, its tables.

use std::time::Duration;

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::chrome::{Chrome, wait_for};
use crate::stage::Stage;

/// A run small enough for any machine: ten classes drawn by the program, one narrow stage each, a
/// few steps on the CPU engine.
pub const TINY: &str = "source=drawn&train=8&valid=4&size=32&block=bottleneck&layers=1,1,1,1&expansion=1&width=8&stem=8,8,8&epochs=1&bs=16&lr=0.003&mixup=0&smoothing=0&augment=none&seed=7&backend=cpu";

/// `TINY` with other values for some keys: `with("epochs=3&bs=32")`.
pub fn tiny_with(changes: &str) -> String {
    let key = |setting: &str| setting.split('=').next().unwrap_or_default().to_owned();
    let changed: Vec<String> = changes.split('&').map(key).collect();
    let kept = TINY.split('&').filter(|setting| !changed.contains(&key(setting)));
    kept.chain(changes.split('&')).collect::<Vec<_>>().join("&")
}

/// One row of the epoch table, as text and as numbers.
#[derive(Debug, Clone)]
pub struct EpochRow {
    pub cells: Vec<String>,
    pub train_loss: f64,
    pub valid_loss: f64,
    pub accuracy: f64,
}

impl Stage {
    /// Opens the page with these settings and waits until it is there.
    pub async fn open(&self, settings: &str) -> Result<(), Failed> {
        self.open_at(&self.site.url(), settings).await
    }

    /// Opens the page at an address of its own.
    pub async fn open_at(&self, url: &str, settings: &str) -> Result<(), Failed> {
        // A new hash alone is no navigation: leave first, so that the page starts afresh.
        self.chrome.goto("about:blank").await?;
        self.chrome.goto(&format!("{url}#{settings}")).await?;
        // In Learn every question has a status of its own, once the lesson has come.
        let there = "return document.querySelector('.run-bar [role=status]') !== null || null";
        wait_for("the page's status line", Duration::from_secs(60), async || {
            Ok(self.chrome.js(there).await.ok().filter(|there| !there.is_null()))
        })
        .await?;
        if settings.contains("view=predict") {
            // Predict is a part of the page that comes by itself.
            let there = "return document.getElementById('hub-address') !== null || null";
            wait_for("Predict", Duration::from_secs(60), async || {
                Ok(Some(self.chrome.js(there).await?).filter(|there| !there.is_null()))
            })
            .await?;
        }
        Ok(())
    }

    /// Presses Train and waits for the end of the run.
    pub async fn train(&self, limit: Duration) -> Result<Vec<EpochRow>, Failed> {
        self.chrome.click("Train").await?;
        self.chrome.wait_status(limit, |status| status == "Done").await?;
        self.chrome.epochs().await
    }
}

impl Chrome {
    /// The text of the one element with role `status`.
    pub async fn status(&self) -> Result<String, Failed> {
        let texts =
            self.js("return [...document.querySelectorAll('[role=status], output:not([role])')].map(e => e.textContent.trim())").await?;
        match texts.as_array().map(Vec::as_slice) {
            Some([text]) => Ok(text.as_str().unwrap_or_default().to_owned()),
            found => {
                Err(format!("there must be one element with role status, not {found:?}").into())
            }
        }
    }

    /// Waits for a status; a failure that is not waited for ends the wait.
    pub async fn wait_status(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&str) -> bool,
    ) -> Result<String, Failed> {
        let mut last = String::new();
        let waited = wait_for("a status", limit, async || {
            last = self.status().await?;
            match wanted(&last) {
                true => Ok(Some(last.clone())),
                false if last.starts_with("Failed") => Err(format!("the page says: {last}").into()),
                false => Ok(None),
            }
        })
        .await;
        waited.map_err(|error| {
            format!("{} (status: {last:?})", error.message().unwrap_or_default()).into()
        })
    }

    /// The header cells and rows of the table with this caption, also where it is folded away.
    pub async fn table(&self, caption: &str) -> Result<(Vec<String>, Vec<Vec<String>>), Failed> {
        let script = "
            const table = [...document.querySelectorAll('table')].find(t => t.caption?.textContent.trim() === arguments[0]);
            const texts = row => [...row.cells].map(cell => cell.textContent.trim());
            if (!table) return null;
            const [head, ...rows] = [...table.rows];
            return [head ? texts(head) : [], rows.map(texts)];";
        let answer = self.js_with(script, vec![json!(caption)]).await?;
        if answer.is_null() {
            return Err(format!("there is no table with the caption {caption:?}").into());
        }
        Ok(serde_json::from_value(answer)?)
    }

    /// The epoch table's finished rows; the form of every cell is checked.
    pub async fn epochs(&self) -> Result<Vec<EpochRow>, Failed> {
        let (head, rows) = self.table("Epochs").await?;
        if head != ["epoch", "train_loss", "valid_loss", "accuracy", "time"] {
            return Err(format!("the epoch table's head is {head:?}").into());
        }
        let rows = rows.into_iter().filter(|cells| cells.iter().any(|cell| !cell.is_empty()));
        rows.enumerate().map(|(epoch, cells)| EpochRow::parse(epoch, cells)).collect()
    }

    /// How strongly each block's plate of the ribbon is tinted, from left to right.
    pub async fn tints(&self) -> Result<Vec<f64>, Failed> {
        let plates = "return [...document.querySelectorAll('.plate-block .plate-shape')].map(plate => Number(plate.getAttribute('fill-opacity')))";
        Ok(serde_json::from_value(self.js(plates).await?)?)
    }

    /// The losses of the steps so far, from step 0 on.
    pub async fn step_losses(&self) -> Result<Vec<f64>, Failed> {
        let (head, rows) = self.table("Steps").await?;
        if head != ["step", "loss"] {
            return Err(format!("the step table's head is {head:?}").into());
        }
        let numbers = rows.iter().map(|cells| {
            Some((cells.first()?.parse::<usize>().ok()?, six_decimals(cells.get(1)?)?))
        });
        let mut numbers = numbers
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Failed::from(format!("the step table says {rows:?}")))?;
        numbers.sort_by_key(|&(step, _)| step);
        if let Some(odd) = numbers.iter().enumerate().find(|(place, (step, _))| place != step) {
            return Err(format!("the step table jumps: {odd:?}").into());
        }
        Ok(numbers.into_iter().map(|(_, loss)| loss).collect())
    }

    /// Fails if the console has an error or a panic.
    pub async fn console_is_clean(&self) -> Result<(), Failed> {
        let bad: Vec<_> = self
            .console()
            .await?
            .into_iter()
            .filter(|(level, text)| level == "SEVERE" || text.contains("panicked"))
            .collect();
        if bad.is_empty() { Ok(()) } else { Err(format!("the console has errors: {bad:?}").into()) }
    }

    /// Fails if something panicked; other errors (a refused connection, which the browser itself
    /// reports) may be there.
    pub async fn nothing_panicked(&self) -> Result<(), Failed> {
        let panics: Vec<_> = self
            .console()
            .await?
            .into_iter()
            .filter(|(_, text)| text.contains("panicked") || text.contains("RuntimeError"))
            .collect();
        if panics.is_empty() {
            Ok(())
        } else {
            Err(format!("a panic reached the console: {panics:?}").into())
        }
    }

    /// Everything that the page says.
    pub async fn text(&self) -> Result<String, Failed> {
        Ok(self.js("return document.body.innerText").await?.as_str().unwrap_or_default().to_owned())
    }

    /// A progress bar's value as a share of its maximum, by its accessible name.
    pub async fn progress(&self, name: &str) -> Result<f64, Failed> {
        for bar in
            self.client.find_all(fantoccini::Locator::Css("[role=progressbar], progress")).await?
        {
            if self.accessible_name(&bar).await? == name {
                let script = "
                    const bar = arguments[0], number = (name, other) => Number(bar.getAttribute(name) ?? other);
                    if (bar instanceof HTMLProgressElement) return bar.value / bar.max;
                    const low = number('aria-valuemin', 0);
                    return (number('aria-valuenow', low) - low) / (number('aria-valuemax', 100) - low);";
                let share = self.js_with(script, vec![serde_json::to_value(&bar)?]).await?;
                return share.as_f64().ok_or_else(|| {
                    format!("the progress bar {name:?} has the value {share}").into()
                });
            }
        }
        Err(format!("no progress bar is named {name:?}").into())
    }
}

impl EpochRow {
    /// Reads a row as the book prints it: the epoch from 0, six decimals, mm:ss.
    fn parse(epoch: usize, cells: Vec<String>) -> Result<Self, Failed> {
        let numbers = match &cells[..] {
            [number, train, valid, accuracy, time]
                if *number == epoch.to_string() && is_time(time) =>
            {
                [train, valid, accuracy].map(|cell| six_decimals(cell))
            }
            _ => [None; 3],
        };
        match numbers {
            [Some(train_loss), Some(valid_loss), Some(accuracy)] => {
                Ok(Self { cells, train_loss, valid_loss, accuracy })
            }
            _ => Err(format!("row {epoch} of the epoch table is {cells:?}").into()),
        }
    }
}

/// A number with six decimals, finite.
fn six_decimals(cell: &str) -> Option<f64> {
    let (_, decimals) = cell.split_once('.')?;
    let six = decimals.len() == 6 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    cell.parse().ok().filter(|number: &f64| six && number.is_finite())
}

/// mm:ss
fn is_time(cell: &str) -> bool {
    let digits = |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    cell.split_once(':')
        .is_some_and(|(minutes, seconds)| digits(minutes) && digits(seconds) && seconds.len() == 2)
}

/// A JSON number, or a failure that shows what was there.
pub fn number(value: &Value) -> Result<f64, Failed> {
    value.as_f64().ok_or_else(|| format!("{value} is no number").into())
}
