//! A browser at the other end of WebDriver, with a fresh profile, ended with the test whichever way
//! that ends. Chromium unless a test asks for another.

use std::fs;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions, PointerAction, TouchActions};
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use libtest_mimic::Failed;
use serde_json::{Value, json};

pub use crate::browsers::{Adapter, Browser};
use crate::browsers::{Driver, Launch, Started};

/// How long a part of the page may take that comes after the first, and what was asked before.
const LATER_PART: Duration = Duration::from_secs(60);

/// A running browser.
pub struct Chrome {
    pub client: Client,
    pub browser: Browser,
    driver: Driver,
}

impl Chrome {
    /// Starts Chromium.
    #[allow(dead_code, reason = "the bench chooses its adapter")]
    pub async fn start() -> Result<Self, Failed> {
        Self::start_on(Adapter::Software).await
    }

    /// Starts Chromium whose WebGPU runs on this adapter.
    pub async fn start_on(adapter: Adapter) -> Result<Self, Failed> {
        Self::start_with(adapter, None).await
    }

    /// Starts Chromium with one flag more.
    pub async fn start_with(adapter: Adapter, flag: Option<String>) -> Result<Self, Failed> {
        Self::launch(Browser::Chromium, Launch { adapter, flag, settings: json!({}) }).await
    }

    /// Starts a browser that reaches nobody but this computer.
    #[allow(dead_code, reason = "the bench has an ordinary browser")]
    pub async fn start_alone(browser: Browser) -> Result<Self, Failed> {
        let chromiums =
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";
        // A proxy that is not there, for every host but this computer's.
        let firefoxs = json!({
            "network.proxy.type": 1,
            "network.proxy.http": "127.0.0.1",
            "network.proxy.http_port": 9,
            "network.proxy.ssl": "127.0.0.1",
            "network.proxy.ssl_port": 9,
            "network.proxy.no_proxies_on": "127.0.0.1, localhost",
        });
        let (flag, settings) = match browser {
            Browser::Firefox => (None, firefoxs),
            _ => (Some(chromiums.to_owned()), json!({})),
        };
        Self::launch(browser, Launch { adapter: Adapter::Software, flag, settings }).await
    }

    /// Starts Chromium with settings that block all site data.
    #[allow(dead_code, reason = "the bench has an ordinary browser")]
    pub async fn start_keeping_nothing() -> Result<Self, Failed> {
        let settings = json!({ "profile.default_content_setting_values.cookies": 2 });
        let adapter = Adapter::Software;
        Self::launch(Browser::Chromium, Launch { adapter, flag: None, settings }).await
    }

    /// Starts this browser.
    pub async fn start_browser(browser: Browser) -> Result<Self, Failed> {
        let how = Launch { adapter: Adapter::Software, flag: None, settings: json!({}) };
        Self::launch(browser, how).await
    }

    async fn launch(browser: Browser, how: Launch) -> Result<Self, Failed> {
        let Started { driver, capabilities } = browser.launch(&how)?;
        let Value::Object(mut capabilities) = capabilities else { unreachable!() };
        capabilities.insert("unhandledPromptBehavior".into(), json!("accept"));
        // Loading must not wait for what a test makes slow or unreachable. WebKit's driver takes
        // "eager" as a wait for the document alone, and when that is there before the rest of the
        // page, whatever is asked next waits in vain, until the time for loading is over.
        let strategy = if browser == Browser::WebKit { "normal" } else { "eager" };
        capabilities.insert("pageLoadStrategy".into(), json!(strategy));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.address())
            .await?;
        Ok(Self { client, browser, driver })
    }

    /// Name and version, as the browser gives them to its driver.
    pub fn version(&self) -> String {
        let told = self.client.capabilities().and_then(|all| all.get("browserVersion"));
        told.and_then(Value::as_str).unwrap_or("of an unknown version").to_owned()
    }

    /// Goes to an address. WebKit's driver gets two more tries, should it lose a navigation. And it
    /// waits in vain for the question whether to leave a page with a run, so that is not asked.
    pub async fn goto(&self, url: &str) -> Result<(), Failed> {
        match self.browser {
            Browser::WebKit => {}
            // Its driver never hears that the page is there.
            Browser::OldWebKit => {
                let _ = self.client.goto(url).await;
                return Ok(());
            }
            _ => return Ok(self.client.goto(url).await?),
        }
        let unasked =
            "addEventListener('beforeunload', event => event.stopImmediatePropagation(), true)";
        let mut tries = 0;
        loop {
            // A page that is still on its way asks nothing.
            let _ = self.js(unasked).await;
            let started = Instant::now();
            // A lost navigation shows only when something is asked of the new page.
            let there = match self.client.goto(url).await {
                Ok(()) => self.js("return document.readyState").await.map(drop),
                Err(error) => Err(error.into()),
            };
            tries += 1;
            match there {
                Err(_) if tries < 3 => {
                    eprintln!("WebKit's driver lost a navigation after {:?}", started.elapsed());
                }
                there => return there,
            }
        }
    }

    /// Touches the middle of an element with a finger. WebKitGTK's driver has only a mouse.
    #[allow(dead_code, reason = "the bench touches nothing")]
    pub async fn tap(&self, element: Element) -> Result<(), Failed> {
        if self.browser == Browser::WebKit {
            return Ok(element.click().await?);
        }
        // Scrolled to where no bar covers it.
        let middle = "arguments[0].scrollIntoView({ block: 'center' })";
        self.js_with(middle, vec![serde_json::to_value(&element)?]).await?;
        let finger = TouchActions::new("finger".to_owned())
            .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
            .then(PointerAction::Down { button: 0 })
            .then(PointerAction::Up { button: 0 });
        Ok(self.client.perform_actions(finger).await?)
    }

    /// Closes the browser.
    pub async fn stop(self) -> Result<(), Failed> {
        let closed = tokio::time::timeout(Duration::from_secs(20), self.client.close()).await;
        drop(self.driver);
        // Whatever the driver said, it is gone now, and the browser with it.
        Ok(closed.unwrap_or(Ok(()))?)
    }

    /// The driver's process, whose descendants are the browser's.
    pub fn process(&self) -> u32 {
        self.driver.process()
    }

    /// Runs a function body in the page and returns what it returns.
    pub async fn js(&self, body: &str) -> Result<Value, Failed> {
        Ok(self.client.execute(body, Vec::new()).await?)
    }

    /// Runs a function body, with arguments.
    pub async fn js_with(&self, body: &str, arguments: Vec<Value>) -> Result<Value, Failed> {
        Ok(self.client.execute(body, arguments).await?)
    }

    /// Issues a command of the debugging protocol, `Emulation.setEmulatedMedia` for one.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Result<Value, Failed> {
        if self.browser != Browser::Chromium {
            let name = self.browser.name();
            return Err(format!("only Chromium knows {command}; this is {name}").into());
        }
        let body = json!({ "cmd": command, "params": parameters });
        Ok(self.client.issue_cmd(Raw { path: "goog/cdp/execute".into(), body: Some(body) }).await?)
    }

    /// What was written to the console since the last call: level and text.
    pub async fn console(&self) -> Result<Vec<(String, String)>, Failed> {
        if self.browser != Browser::Chromium {
            let mut console = self.driver.console.lock().unwrap_or_else(PoisonError::into_inner);
            return Ok(std::mem::take(&mut *console));
        }
        let entries = self
            .client
            .issue_cmd(Raw { path: "se/log".into(), body: Some(json!({ "type": "browser" })) })
            .await?;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        Ok(entries
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| (text(entry, "level"), text(entry, "message")))
            .collect())
    }

    /// The element's name as assistive technology hears it.
    pub async fn accessible_name(&self, element: &Element) -> Result<String, Failed> {
        let path = format!("element/{}/computedlabel", element.element_id().as_ref());
        let label = self.client.issue_cmd(Raw { path, body: None }).await?;
        Ok(label.as_str().unwrap_or_default().to_owned())
    }

    /// The visible button with this accessible name.
    pub async fn button(&self, name: &str) -> Result<Element, Failed> {
        let mut names = Vec::new();
        for button in self
            .client
            .find_all(Locator::Css("button, [role=button], input[type=button], input[type=submit]"))
            .await?
        {
            if !button.is_displayed().await? {
                continue;
            }
            let label = self.accessible_name(&button).await?;
            if label == name {
                return Ok(button);
            }
            names.push(label);
        }
        Err(format!("no visible button is named {name:?}; there are {names:?}").into())
    }

    /// Clicks the button with this accessible name, once it is there and can be pressed: some come by
    /// themselves with a later part of the page, and some wait for what was asked before.
    pub async fn click(&self, name: &str) -> Result<(), Failed> {
        let deadline = Instant::now() + LATER_PART;
        loop {
            let missed: Failed = match self.button(name).await {
                Ok(button) => match self.try_press(&button).await? {
                    None => return Ok(()),
                    Some(reason) => format!("the button {name:?} {reason}").into(),
                },
                Err(error) => error,
            };
            if Instant::now() >= deadline {
                return Err(missed);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses a button, or answers why it was not pressed: it is disabled, or was drawn again, or
    /// something that came above it has moved it away from under the click.
    async fn try_press(&self, button: &Element) -> Result<Option<String>, Failed> {
        let listen = "
            const pressed = window.pressed = { button: arguments[0], hit: false };
            pressed.button.addEventListener('click', () => { pressed.hit = true; }, { capture: true, once: true });";
        let missed = "
            const pressed = window.pressed;
            return pressed !== undefined && !pressed.hit && pressed.button.isConnected && !pressed.button.disabled;";
        match button.is_enabled().await {
            Ok(true) => {}
            Ok(false) => return Ok(Some("is disabled".into())),
            Err(error) => return Ok(Some(error.to_string())),
        }
        self.js_with(listen, vec![serde_json::to_value(button)?]).await?;
        if let Err(error) = button.click().await {
            let said = error.to_string();
            let misses = ["stale element", "click intercepted", "not interactable"];
            return match misses.iter().any(|miss| said.contains(miss)) {
                true => Ok(Some(said)),
                false => Err(error.into()),
            };
        }
        // A page that has gone elsewhere, or that answers nothing any more, was hit.
        let is_missed = matches!(self.js(missed).await, Ok(Value::Bool(true)));
        Ok(is_missed.then(|| "was moved away from under the click".into()))
    }

    /// Opens what is folded away, by its selector, once it is there.
    #[allow(dead_code, reason = "the bench unfolds nothing")]
    pub async fn unfold(&self, fold: &str) -> Result<(), Failed> {
        let summary = format!("{fold} > summary");
        let summary = self.client.wait().at_most(LATER_PART).for_element(Locator::Css(&summary));
        Ok(summary.await?.click().await?)
    }

    /// Presses and releases keys, one after the other.
    pub async fn press(&self, keys: &[char]) -> Result<(), Failed> {
        let actions = keys.iter().fold(KeyActions::new("keys".to_owned()), |actions, &value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Gives the page the window's focus, which Tab may have taken to a button of the browser's
    /// own.
    #[allow(dead_code, reason = "the bench has no keyboard")]
    pub async fn focus_page(&self) -> Result<(), Failed> {
        match self.browser {
            // Where the page asks for it itself, the button keeps it as well.
            Browser::Firefox => self.privileged("gBrowser.selectedBrowser.focus()", vec![]).await,
            _ => self.js("window.focus()").await.map(drop),
        }
    }

    /// Shows the page as to someone who prefers this colour scheme (`dark`, `light`).
    pub async fn prefer(&self, scheme: &str) -> Result<(), Failed> {
        match self.browser {
            Browser::Firefox => {
                let script = "Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', arguments[0])";
                let value = if scheme == "dark" { 0 } else { 1 };
                self.privileged(script, vec![json!(value)]).await
            }
            _ => {
                let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
                self.cdp("Emulation.setEmulatedMedia", json!({ "features": features }))
                    .await
                    .map(drop)
            }
        }
    }

    /// Sets the size of the window's inside, in pixels.
    pub async fn viewport(&self, width: u32, height: u32) -> Result<(), Failed> {
        match self.browser {
            Browser::Chromium => {
                let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                self.cdp("Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
            }
            // Its window has a least width of 500.
            Browser::Firefox => {
                let script = "
                    const style = gBrowser.selectedBrowser.style;
                    for (const [name, value] of [['width', arguments[0]], ['height', arguments[1]]])
                        for (const bound of [name, 'min-' + name, 'max-' + name]) style.setProperty(bound, value + 'px');";
                self.privileged(script, vec![json!(width), json!(height)]).await
            }
            Browser::WebKit | Browser::OldWebKit => {
                self.client.set_window_size(width, height).await?;
                tokio::time::sleep(Duration::from_millis(300)).await;
                // The bar on top takes some.
                let inside = self.js("return innerHeight").await?.as_u64().unwrap_or(0);
                let bar = u64::from(height).saturating_sub(inside);
                let whole = height + u32::try_from(bar).unwrap_or(0);
                Ok(self.client.set_window_size(width, whole).await?)
            }
        }
    }

    /// Runs a script on the side of Firefox's own window.
    async fn privileged(&self, script: &str, arguments: Vec<Value>) -> Result<(), Failed> {
        let context =
            |name: &str| Raw { path: "moz/context".into(), body: Some(json!({ "context": name })) };
        self.client.issue_cmd(context("chrome")).await?;
        let done = self.client.execute(script, arguments).await;
        self.client.issue_cmd(context("content")).await?;
        Ok(done.map(drop)?)
    }

    /// Makes the page's link slow: bits a second down and up, milliseconds of delay.
    #[allow(dead_code, reason = "the bench has a fast link")]
    pub async fn throttle(&self, bits_per_second: f64, delay: f64) -> Result<(), Failed> {
        self.cdp("Network.enable", json!({})).await?;
        let bytes = bits_per_second / 8.0;
        let link = json!({ "offline": false, "latency": delay, "downloadThroughput": bytes, "uploadThroughput": bytes });
        self.cdp("Network.emulateNetworkConditions", link).await.map(drop)
    }

    /// Crashes the tab; the session's page is gone until it is opened again.
    pub async fn crash(&self) {
        // The answer never comes from a tab that has just died: an error is the expected end.
        let _ =
            tokio::time::timeout(Duration::from_secs(10), self.cdp("Page.crash", json!({}))).await;
    }

    /// Writes what the window shows as PNG, making the folder.
    pub async fn screenshot(&self, file: &Path) -> Result<(), Failed> {
        // WebKit's driver waits for the next paint, for good if nothing on the page changes.
        let webkit = self.browser == Browser::WebKit;
        if webkit {
            self.js(STIR).await?;
        }
        let png = tokio::time::timeout(Duration::from_secs(20), self.client.screenshot()).await;
        let png = png.map_err(|_| Failed::from("no screenshot within 20 s"))??;
        if webkit {
            self.js("window.settle()").await?;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(file, png)?)
    }
}

/// Has the page painted every 100 ms, by a spot of one pixel, until it is told to `settle`.
const STIR: &str = "
    const spot = document.createElement('i');
    spot.style = 'position: fixed; inset: 0 0 auto auto; width: 1px; height: 1px';
    document.body.append(spot);
    const painting = setInterval(() => {
        spot.style.background = spot.style.background === '' ? '#8881' : '';
    }, 100);
    window.settle = () => { clearInterval(painting); spot.remove(); };";

/// A WebDriver command that fantoccini has no function for: POST with a body, GET without.
#[derive(Debug)]
struct Raw {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        match &self.body {
            Some(body) => (http::Method::POST, Some(body.to_string())),
            None => (http::Method::GET, None),
        }
    }
}

/// How long [`wait_for`] pauses before it asks for the second time; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Asks until there is an answer: soon at first, for what is there at once, and then every tenth
/// of a second.
pub async fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, Failed>,
) -> Result<T, Failed> {
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if start.elapsed() > limit {
            return Err(format!("waited {} s in vain for {what}", limit.as_secs()).into());
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(2 * pause);
    }
}
