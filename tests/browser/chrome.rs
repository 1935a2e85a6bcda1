//! Chromium through ChromeDriver: one browser with a fresh profile, ended with the test whichever
//! way that ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use xtask::process::which;
use xtask::tools::BROWSERS;

/// WebGPU in software, no network of its own, a camera that shows a test picture and asks nobody.
const FLAGS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
];

/// A running browser.
pub struct Chrome {
    pub client: Client,
    driver: Driver,
}

/// ChromeDriver and the profile's folder, both gone on drop.
struct Driver {
    process: Child,
    profile: PathBuf,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// What WebGPU runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// SwiftShader, which is the same everywhere.
    Software,
    /// The machine's own.
    #[allow(dead_code, reason = "only `cargo xtask bench --gpu` wants it")]
    Real,
}

impl Chrome {
    /// Starts a browser.
    #[allow(dead_code, reason = "the bench chooses its adapter")]
    pub async fn start() -> Result<Self, Failed> {
        Self::start_on(Adapter::Software).await
    }

    /// Starts a browser whose WebGPU runs on this adapter.
    pub async fn start_on(adapter: Adapter) -> Result<Self, Failed> {
        Self::start_with(adapter, None).await
    }

    /// Starts a browser with one flag more.
    pub async fn start_with(adapter: Adapter, flag: Option<String>) -> Result<Self, Failed> {
        Self::launch(adapter, flag, json!({})).await
    }

    /// Starts a browser whose settings block all site data.
    #[allow(dead_code, reason = "the bench has an ordinary browser")]
    pub async fn start_keeping_nothing() -> Result<Self, Failed> {
        let blocked = json!({ "profile.default_content_setting_values.cookies": 2 });
        Self::launch(Adapter::Software, None, blocked).await
    }

    /// Starts a browser with these settings.
    async fn launch(
        adapter: Adapter,
        flag: Option<String>,
        settings: Value,
    ) -> Result<Self, Failed> {
        let browser = BROWSERS
            .iter()
            .find_map(|name| which(name))
            .ok_or("no Chromium on PATH; run cargo xtask test")?;
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("can't start chromedriver: {error}"))?;
        let output = process.stdout.take().ok_or("chromedriver has no output")?;
        let profile = env::temp_dir().join(format!(
            "resnette-chromium-{}-{}",
            std::process::id(),
            process.id()
        ));
        let driver = Driver { process, profile };
        // "ChromeDriver was started successfully on port 12345."
        let port = BufReader::new(output).lines().map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("successfully on port ")?;
            rest.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.ok_or("chromedriver did not say on which port it listens")?;
        let flags: Vec<String> = FLAGS
            .iter()
            .filter(|flag| {
                adapter == Adapter::Software || !flag.starts_with("--use-webgpu-adapter")
            })
            .map(|&flag| flag.to_owned())
            .chain([format!("--user-data-dir={}", driver.profile.display())])
            .chain(flag)
            .collect();
        let capabilities = json!({
            "goog:chromeOptions": { "binary": browser, "args": flags, "prefs": settings },
            "goog:loggingPrefs": { "browser": "ALL" },
            "unhandledPromptBehavior": "accept",
            // Loading must not wait for what a test makes slow or unreachable.
            "pageLoadStrategy": "eager",
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let address = format!("http://127.0.0.1:{port}");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&address)
            .await?;
        Ok(Self { client, driver })
    }

    /// Closes the browser.
    pub async fn stop(self) -> Result<(), Failed> {
        let closed = self.client.close().await;
        drop(self.driver);
        Ok(closed?)
    }

    /// The driver's process, whose descendants are the browser's.
    pub fn process(&self) -> u32 {
        self.driver.process.id()
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
        let body = json!({ "cmd": command, "params": parameters });
        Ok(self.client.issue_cmd(Raw { path: "goog/cdp/execute".into(), body: Some(body) }).await?)
    }

    /// What was written to the console since the last call: level and text.
    pub async fn console(&self) -> Result<Vec<(String, String)>, Failed> {
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

    /// Clicks the button with this accessible name; it must be enabled.
    pub async fn click(&self, name: &str) -> Result<(), Failed> {
        let button = self.button(name).await?;
        if !button.is_enabled().await? {
            return Err(format!("the button {name:?} is disabled").into());
        }
        Ok(button.click().await?)
    }

    /// Presses and releases keys, one after the other.
    pub async fn press(&self, keys: &[char]) -> Result<(), Failed> {
        let actions = keys.iter().fold(KeyActions::new("keys".to_owned()), |actions, &value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Shows the page as to someone who prefers this colour scheme (`dark`, `light`).
    pub async fn prefer(&self, scheme: &str) -> Result<(), Failed> {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await.map(drop)
    }

    /// Sets the size of the window's inside, in pixels.
    pub async fn viewport(&self, width: u32, height: u32) -> Result<(), Failed> {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
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
        let png = self.client.screenshot().await?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(file, png)?)
    }
}

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

/// Asks every tenth of a second until there is an answer.
pub async fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, Failed>,
) -> Result<T, Failed> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if start.elapsed() > limit {
            return Err(format!("waited {} s in vain for {what}", limit.as_secs()).into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
