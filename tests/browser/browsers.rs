//! The browsers that the tests drive: where each is found, and how it is started through its own
//! WebDriver.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use libtest_mimic::Failed;
use serde_json::{Value, json};
use xtask::process::which;
use xtask::tools::BROWSERS;

/// A browser that the tests can drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(dead_code, reason = "the bench drives Chromium only")]
pub enum Browser {
    /// Chromium through ChromeDriver.
    Chromium,
    /// Firefox through geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser through WebKitWebDriver: the engine of Safari, without Apple's
    /// parts.
    WebKit,
    /// WPE WebKit 2.38 of 2022, which has no SIMD in WebAssembly: a browser that is too old.
    OldWebKit,
}

/// WebGPU in software, no network of its own, a camera that shows a test picture and asks nobody.
const CHROMIUM_FLAGS: [&str; 15] = [
    "--headless",
    "--no-sandbox",
    // Some tests kill the GPU's process; after a few times in a minute the browser would end.
    "--disable-gpu-process-crash-limit",
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

/// What Safari 26 has and WebKitGTK leaves off: `navigator.storage` and the private file system.
const WEBKIT_FEATURES: &str =
    "--features=+StorageAPI,+StorageAPIEstimate,+FileSystem,+FileSystemWritableStream";

/// Lets MiniBrowser's window be as narrow as a phone: its bar of buttons would keep it at 447
/// pixels.
const NARROW_BAR: &str = "toolbar, headerbar, toolbar *, headerbar *, entry, button { min-width: 0; \
                          min-height: 0; padding: 0; margin: 0; border-width: 0; \
                          -gtk-icon-transform: scale(0.5); }\n";

/// Lavapipe, Mesa's Vulkan in software: the WebGPU adapter that Firefox gets.
const LAVAPIPE: [&str; 2] =
    ["/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", "/usr/share/vulkan/icd.d/lvp_icd.json"];

/// How long a driver may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What WebGPU runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// SwiftShader in Chromium and lavapipe in Firefox, which are the same everywhere.
    Software,
    /// The machine's own.
    #[allow(dead_code, reason = "only `cargo xtask bench --gpu` wants it")]
    Real,
}

/// How a browser is to be started; what a browser does not know, it leaves alone.
pub struct Launch {
    /// What WebGPU runs on.
    pub adapter: Adapter,
    /// A flag of Chromium's more.
    pub flag: Option<String>,
    /// Settings of Chromium's or Firefox's more.
    pub settings: Value,
}

/// A driver that listens, and the session to ask it for.
pub struct Started {
    pub driver: Driver,
    pub capabilities: Value,
}

/// What a browser has written to its console: level and text.
pub type Console = Arc<Mutex<Vec<(String, String)>>>;

/// A WebDriver, its display and the profile's folder, all gone on drop.
pub struct Driver {
    process: Child,
    display: Option<Child>,
    profile: PathBuf,
    port: u16,
    /// Fed from the driver's output, in browsers whose driver has no command for it.
    pub console: Console,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The whole group: a browser that was not closed would live on.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        for process in [Some(&mut self.process), self.display.as_mut()].into_iter().flatten() {
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.profile);
    }
}

impl Driver {
    /// Starts a driver's program with a profile folder of its own.
    fn spawn(
        browser: Browser,
        command: &mut Command,
        display: Option<Child>,
        profile: PathBuf,
    ) -> Result<(Self, impl Read + use<>), Failed> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("can't start {}'s driver: {error}", browser.name()))?;
        let output = process.stdout.take().ok_or("the driver has no output")?;
        Ok((Self { process, display, profile, port: 0, console: Console::default() }, output))
    }

    /// The driver's address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The driver's process, whose descendants are the browser's.
    #[allow(dead_code, reason = "the bench asks only for figures")]
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Reads the port from the driver's output, and what follows into the console.
    fn listen(
        &mut self,
        output: impl Read + Send + 'static,
        port: impl Fn(&str) -> Option<u16>,
        entry: fn(&str) -> Option<(&'static str, &str)>,
    ) -> Result<(), Failed> {
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        self.port = lines.find_map(|line| port(&line)).ok_or("the driver names no port")?;
        let console = self.console.clone();
        // It ends with the driver's output.
        thread::spawn(move || {
            for line in lines {
                if let Some((level, text)) = entry(&line) {
                    let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
                    console.push((level.to_owned(), text.to_owned()));
                }
            }
        });
        Ok(())
    }
}

#[allow(dead_code, reason = "the bench drives Chromium only")]
impl Browser {
    /// The browsers that a reader may have, in the order of the table.
    pub const CURRENT: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
            Self::OldWebKit => "old WebKit",
        }
    }

    /// The beginning of its tests' names, and what `cargo xtask test --browser` calls it.
    /// Chromium's tests have none: most drive it alone.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit | Self::OldWebKit => "webkit",
        }
    }

    /// The programs that it needs and that are not there.
    pub fn missing(self) -> Vec<&'static str> {
        let on_path = |name: &&'static str| which(name).is_none();
        match self {
            Self::Chromium => ["chromedriver"].into_iter().filter(on_path).collect(),
            Self::Firefox => {
                let browser = firefox().is_none().then_some("firefox");
                browser.into_iter().chain(["geckodriver"].into_iter().filter(on_path)).collect()
            }
            Self::WebKit => {
                let browser = mini_browser().is_none().then_some("MiniBrowser");
                let others = ["WebKitWebDriver", "Xvfb"].into_iter().filter(on_path);
                browser.into_iter().chain(others).collect()
            }
            Self::OldWebKit => {
                let mut missing: Vec<_> =
                    ["WPEWebDriver", "cog"].into_iter().filter(on_path).collect();
                if missing.is_empty() && !headless_cog() {
                    missing.push("cog's headless platform");
                }
                missing
            }
        }
    }

    /// Starts the driver; the browser starts with the session.
    pub fn launch(self, how: &Launch) -> Result<Started, Failed> {
        match self {
            Self::Chromium => chromium(how),
            Self::Firefox => firefox_through_geckodriver(how),
            Self::WebKit => webkit(),
            Self::OldWebKit => wpe(),
        }
    }
}

fn chromium(how: &Launch) -> Result<Started, Failed> {
    let browser = BROWSERS
        .iter()
        .find_map(|name| which(name))
        .ok_or("no Chromium on PATH; run cargo xtask test")?;
    // ChromeDriver wants one port for both kinds of addresses, and another driver that starts at
    // the same moment may have taken the second.
    let driver = chromedriver().or_else(|_| chromedriver()).or_else(|_| chromedriver())?;
    let flags: Vec<String> = CHROMIUM_FLAGS
        .iter()
        .filter(|flag| {
            how.adapter == Adapter::Software || !flag.starts_with("--use-webgpu-adapter")
        })
        .map(|&flag| flag.to_owned())
        .chain([format!("--user-data-dir={}", driver.profile.display())])
        .chain(how.flag.clone())
        .collect();
    let capabilities = json!({
        "goog:chromeOptions": { "binary": browser, "args": flags, "prefs": how.settings },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    Ok(Started { driver, capabilities })
}

fn chromedriver() -> Result<Driver, Failed> {
    let profile = profile("chromium")?;
    let (mut driver, output) = Driver::spawn(
        Browser::Chromium,
        Command::new("chromedriver").arg("--port=0"),
        None,
        profile,
    )?;
    // "ChromeDriver was started successfully on port 12345."
    let port = |line: &str| {
        let (_, rest) = line.split_once("successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    };
    // ChromeDriver has a command for the console.
    driver.listen(output, port, |_| None)?;
    Ok(driver)
}

fn firefox() -> Option<PathBuf> {
    ["firefox-esr", "firefox"].iter().find_map(|name| which(name))
}

fn firefox_through_geckodriver(how: &Launch) -> Result<Started, Failed> {
    let browser = firefox().ok_or("no Firefox on PATH; run cargo xtask test")?;
    let profile = profile("firefox")?;
    let mut command = Command::new("geckodriver");
    // The browser's own side is needed for a narrow window and for dark; geckodriver makes the
    // profile.
    command.args(["--port", "0", "--allow-system-access", "--profile-root"]).arg(&profile);
    command.envs([("MOZ_HEADLESS_WIDTH", "1280"), ("MOZ_HEADLESS_HEIGHT", "1000")]);
    if how.adapter == Adapter::Software
        && let Some(lavapipe) = LAVAPIPE.iter().find(|path| Path::new(path).is_file())
    {
        command.env("VK_ICD_FILENAMES", lavapipe).env("VK_DRIVER_FILES", lavapipe);
    }
    let (mut driver, output) = Driver::spawn(Browser::Firefox, &mut command, None, profile)?;
    // "1766… geckodriver INFO Listening on 127.0.0.1:12345"
    let port =
        |line: &str| line.split_once("Listening on ")?.1.rsplit_once(':')?.1.trim().parse().ok();
    driver.listen(output, port, |line| {
        // The browser's own scripts write to the same console, of their settings and backups: these
        // lines are no failure by themselves. A panic is known by its words.
        let called = line.strip_prefix("console.").map(|text| ("INFO", text));
        let thrown =
            line.strip_prefix("JavaScript error: ").filter(|text| text.starts_with("http"));
        called.or(thrown.map(|text| ("SEVERE", text)))
    })?;
    let mut capabilities = json!({
        "moz:firefoxOptions": {
            "binary": browser,
            "args": ["-headless"],
            "prefs": {
                "devtools.console.stdout.content": true,
                "dom.webgpu.enabled": true,
                "dom.webgpu.workers.enabled": true,
                "gfx.webgpu.ignore-blocklist": true,
                "media.navigator.streams.fake": true,
                "media.navigator.permission.disabled": true,
            },
        },
    });
    for (name, value) in how.settings.as_object().into_iter().flatten() {
        capabilities["moz:firefoxOptions"]["prefs"][name] = value.clone();
    }
    Ok(Started { driver, capabilities })
}

/// Where Debian puts WebKitGTK's small browser.
fn mini_browser() -> Option<PathBuf> {
    let libraries = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    libraries
        .flat_map(|folder| {
            ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]
                .map(|version| folder.join(version).join("MiniBrowser"))
        })
        .find(|path| path.is_file())
}

fn webkit() -> Result<Started, Failed> {
    let browser = mini_browser().ok_or("no MiniBrowser; run cargo xtask test")?;
    let profile = profile("webkit")?;
    fs::create_dir_all(profile.join("gtk-3.0"))?;
    fs::write(profile.join("gtk-3.0/gtk.css"), NARROW_BAR)?;
    let (number, display) = display()?;
    let mut command = Command::new("WebKitWebDriver");
    let port = free_port()?;
    command.arg(format!("--port={port}")).env("DISPLAY", format!(":{number}"));
    command.env("XDG_CONFIG_HOME", &profile).env("XDG_DATA_HOME", &profile);
    command.env("XDG_CACHE_HOME", profile.join("cache"));
    // Else software GL takes a core for itself.
    command.env("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
    // Safari has shared memory since 15.2; WebKitGTK has it too, switched off.
    command.env("JSC_useSharedArrayBuffer", "1");
    let (mut driver, output) =
        Driver::spawn(Browser::WebKit, &mut command, Some(display), profile)?;
    driver.port = port;
    read_webkits_console(output, &driver.console);
    wait_until_it_listens(port)?;
    let arguments =
        ["--automation", WEBKIT_FEATURES, "--enable-write-console-messages-to-stdout=true"];
    let capabilities = json!({
        "webkitgtk:browserOptions": { "binary": browser, "args": arguments },
        "timeouts": { "pageLoad": 12_000, "script": 30_000 },
    });
    Ok(Started { driver, capabilities })
}

/// Whether this cog can do without a screen.
fn headless_cog() -> bool {
    let libraries = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    libraries
        .map(|entry| entry.path().join("cog/modules/libcogplatform-headless.so"))
        .any(|path| path.is_file())
}

fn wpe() -> Result<Started, Failed> {
    let browser = which("cog").ok_or("no cog on PATH; run cargo xtask test")?;
    let profile = profile("wpe")?;
    let mut command = Command::new("WPEWebDriver");
    let port = free_port()?;
    command.arg(format!("--port={port}")).env("XDG_DATA_HOME", &profile);
    command.env("XDG_CACHE_HOME", profile.join("cache")).env("XDG_RUNTIME_DIR", &profile);
    let (mut driver, output) = Driver::spawn(Browser::OldWebKit, &mut command, None, profile)?;
    driver.port = port;
    read_webkits_console(output, &driver.console);
    wait_until_it_listens(port)?;
    let capabilities = json!({
        "wpe:browserOptions": { "binary": browser, "args": ["--automation", "--platform=headless"] },
        "timeouts": { "pageLoad": 5_000, "script": 30_000 },
    });
    Ok(Started { driver, capabilities })
}

/// "http://127.0.0.1:1234/page.js:5:3: CONSOLE JS ERROR Error: the words"
fn read_webkits_console(output: impl Read + Send + 'static, console: &Console) {
    let console = console.clone();
    // It ends with the driver's output.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let Some((_, text)) = line.split_once("CONSOLE ") else { continue };
            let level = if text.split(' ').any(|word| word == "ERROR") { "SEVERE" } else { "INFO" };
            let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
            console.push((level.to_owned(), text.to_owned()));
        }
    });
}

/// An X server of a test's own, and its number.
fn display() -> Result<(u32, Child), Failed> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1400x1900x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("can't start Xvfb: {error}"))?;
    let mut line = String::new();
    if let Some(output) = server.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    match line.trim().parse() {
        Ok(number) => Ok((number, server)),
        Err(_) => {
            let _ = server.kill();
            let _ = server.wait();
            Err("Xvfb names no display".into())
        }
    }
}

/// A port that nobody listens on now, for drivers that can't choose one themselves.
fn free_port() -> Result<u16, Failed> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn wait_until_it_listens(port: u16) -> Result<(), Failed> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(format!("the driver does not listen on port {port}").into())
}

/// A fresh folder for a browser's profile.
fn profile(name: &str) -> Result<PathBuf, Failed> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("resnette-{name}-{}-{number}", std::process::id()));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
