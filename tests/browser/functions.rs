//! What the page asks of the browser, each made to refuse in four ways; and what becomes of a run
//! then. `withheld` holds the page to it, `reliability` writes it down.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// How a function refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// It throws a `SecurityError`, as a browser does that blocks site data.
    Throws,
    /// Its promise is rejected. A function that answers at once throws a `QuotaExceededError`.
    Rejects,
    /// Its promise is never settled. A function that answers at once does nothing and answers
    /// `undefined`.
    Hangs,
    /// It is `undefined`.
    Vanishes,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Throws, Self::Rejects, Self::Hangs, Self::Vanishes];

    /// In the table and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throws => "throws",
            Self::Rejects => "rejects",
            Self::Hangs => "hangs",
            Self::Vanishes => "vanishes",
        }
    }
}

/// What kind of thing is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A part of the browser whose methods answer later: asking for it throws, its methods reject
    /// or hang, or it is not there.
    Part,
    /// A part whose methods answer at once.
    PartNow,
    /// A method that answers later.
    Later,
    /// A method that answers at once.
    Now,
    /// A class: its constructor refuses, or makes an empty object.
    Class,
    /// `fetch` of what lies in `models/`; all else is fetched.
    Models,
}

/// What becomes of a drawn run of two epochs, of its save, and of what else is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing is noticed: the run ends, and is offered again when the page is opened again.
    Unharmed,
    /// The run ends and is offered again; these words tell what is not kept, or what was done
    /// instead.
    Told(&'static str),
    /// The run ends, and these words say that it is not kept.
    NotKept(&'static str),
    /// The run ends and is kept; when the page is opened again these words say that it could not be
    /// looked for.
    NotFound(&'static str),
    /// There is no run: the status says these words, and **Train** may be pressed again.
    NoRun(&'static str),
}

/// What is tried beside the run, since the function is for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// The table is copied.
    Clip,
    /// The model is saved as a file.
    Save,
    /// A drawn sample is predicted by the model that comes with the page.
    Predict,
    /// The engine is chosen by the page, `backend=auto`.
    Engine,
}

/// A function of the browser that the page or its worker calls.
pub struct Function {
    /// As the documentation of the web has it.
    pub name: &'static str,
    /// Where it lies: a path of names from the global object on; empty for the global object.
    owner: &'static str,
    member: &'static str,
    pub kind: Kind,
    pub beside: Beside,
    /// By way, in the order of [`Way::ALL`].
    pub fates: [Fate; 4],
}

use Beside::{Clip, Engine, Nothing, Predict, Save};
use Fate::{NoRun, NotFound, NotKept, Told, Unharmed};

const NO_SITE_DATA: Fate = Told("keeps no site data");
const LOST: Fate = NotKept("This run is not kept");
const UNSEEN: Fate = NotFound("could not check for saved runs");
const COPIED: Fate = Told("Copied");
const NO_FILE: Fate = Told("did not take the file");
const NO_WORKER: Fate = NoRun("refuses to start a worker");
const ON_CPU: Fate = Told("CPU engine");

const fn function(
    name: &'static str,
    place: (&'static str, &'static str),
    kind: Kind,
    beside: Beside,
    fates: [Fate; 4],
) -> Function {
    Function { name, owner: place.0, member: place.1, kind, beside, fates }
}

/// The same whatever the way.
const fn always(
    name: &'static str,
    place: (&'static str, &'static str),
    kind: Kind,
    beside: Beside,
    fate: Fate,
) -> Function {
    function(name, place, kind, beside, [fate; 4])
}

const STORAGE: &str = "Storage.prototype";
const MANAGER: &str = "StorageManager.prototype";
const FOLDER: &str = "FileSystemDirectoryHandle.prototype";
const FILE: &str = "FileSystemFileHandle.prototype";
const ACCESS: &str = "FileSystemSyncAccessHandle.prototype";

/// All that is tried, in page and worker both.
pub const FUNCTIONS: &[Function] = &[
    always("window.localStorage", ("", "localStorage"), Kind::PartNow, Nothing, NO_SITE_DATA),
    always("Storage.getItem", (STORAGE, "getItem"), Kind::Now, Nothing, NO_SITE_DATA),
    always("Storage.setItem", (STORAGE, "setItem"), Kind::Now, Nothing, NO_SITE_DATA),
    always("Storage.removeItem", (STORAGE, "removeItem"), Kind::Now, Nothing, Unharmed),
    always("navigator.storage", ("navigator", "storage"), Kind::Part, Nothing, LOST),
    always("StorageManager.getDirectory", (MANAGER, "getDirectory"), Kind::Later, Nothing, LOST),
    always("StorageManager.estimate", (MANAGER, "estimate"), Kind::Later, Nothing, Unharmed),
    always("StorageManager.persist", (MANAGER, "persist"), Kind::Later, Nothing, Unharmed),
    always("StorageManager.persisted", (MANAGER, "persisted"), Kind::Later, Nothing, Unharmed),
    always(
        "FileSystemDirectoryHandle.getDirectoryHandle",
        (FOLDER, "getDirectoryHandle"),
        Kind::Later,
        Nothing,
        LOST,
    ),
    always(
        "FileSystemDirectoryHandle.getFileHandle",
        (FOLDER, "getFileHandle"),
        Kind::Later,
        Nothing,
        LOST,
    ),
    always(
        "FileSystemDirectoryHandle.removeEntry",
        (FOLDER, "removeEntry"),
        Kind::Later,
        Nothing,
        Unharmed,
    ),
    always("FileSystemFileHandle.getFile", (FILE, "getFile"), Kind::Later, Nothing, UNSEEN),
    always(
        "FileSystemFileHandle.createSyncAccessHandle",
        (FILE, "createSyncAccessHandle"),
        Kind::Later,
        Nothing,
        LOST,
    ),
    function(
        "FileSystemSyncAccessHandle.truncate",
        (ACCESS, "truncate"),
        Kind::Now,
        Nothing,
        [LOST, LOST, Unharmed, LOST],
    ),
    always("FileSystemSyncAccessHandle.write", (ACCESS, "write"), Kind::Now, Nothing, LOST),
    function(
        "FileSystemSyncAccessHandle.flush",
        (ACCESS, "flush"),
        Kind::Now,
        Nothing,
        [LOST, LOST, Unharmed, LOST],
    ),
    always("FileSystemSyncAccessHandle.close", (ACCESS, "close"), Kind::Now, Nothing, LOST),
    always("FileSystemSyncAccessHandle.getSize", (ACCESS, "getSize"), Kind::Now, Nothing, Unharmed),
    always("FileSystemSyncAccessHandle.read", (ACCESS, "read"), Kind::Now, Nothing, Unharmed),
    always("navigator.locks", ("navigator", "locks"), Kind::Part, Nothing, Unharmed),
    always(
        "LockManager.request",
        ("LockManager.prototype", "request"),
        Kind::Later,
        Nothing,
        Unharmed,
    ),
    always("LockManager.query", ("LockManager.prototype", "query"), Kind::Later, Nothing, Unharmed),
    always("window.caches", ("", "caches"), Kind::Part, Nothing, Unharmed),
    always("CacheStorage.has", ("CacheStorage.prototype", "has"), Kind::Later, Nothing, Unharmed),
    always("CacheStorage.open", ("CacheStorage.prototype", "open"), Kind::Later, Nothing, Unharmed),
    always("navigator.gpu", ("navigator", "gpu"), Kind::Part, Engine, ON_CPU),
    always("GPU.requestAdapter", ("GPU.prototype", "requestAdapter"), Kind::Later, Engine, ON_CPU),
    always(
        "navigator.serviceWorker",
        ("navigator", "serviceWorker"),
        Kind::Part,
        Nothing,
        Unharmed,
    ),
    always(
        "ServiceWorkerContainer.register",
        ("ServiceWorkerContainer.prototype", "register"),
        Kind::Later,
        Nothing,
        Unharmed,
    ),
    always(
        "fetch of the shipped model",
        ("", "fetch"),
        Kind::Models,
        Predict,
        Told("could not be fetched"),
    ),
    always("WakeLock.request", ("WakeLock.prototype", "request"), Kind::Later, Nothing, Unharmed),
    always(
        "History.replaceState",
        ("History.prototype", "replaceState"),
        Kind::Now,
        Nothing,
        Unharmed,
    ),
    always("Clipboard.writeText", ("Clipboard.prototype", "writeText"), Kind::Later, Clip, COPIED),
    always(
        "Element.requestFullscreen",
        ("Element.prototype", "requestFullscreen"),
        Kind::Later,
        Nothing,
        Unharmed,
    ),
    always(
        "Document.exitFullscreen",
        ("Document.prototype", "exitFullscreen"),
        Kind::Later,
        Nothing,
        Unharmed,
    ),
    always("MutationObserver", ("", "MutationObserver"), Kind::Class, Nothing, Unharmed),
    always("URL.createObjectURL", ("URL", "createObjectURL"), Kind::Now, Save, NO_FILE),
    always("URL.revokeObjectURL", ("URL", "revokeObjectURL"), Kind::Now, Nothing, Unharmed),
    always("Blob.arrayBuffer", ("Blob.prototype", "arrayBuffer"), Kind::Later, Nothing, UNSEEN),
    always(
        "HTMLCanvasElement.toBlob",
        ("HTMLCanvasElement.prototype", "toBlob"),
        Kind::Now,
        Predict,
        Told("did not give the page a canvas"),
    ),
    always(
        "HTMLCanvasElement.getContext",
        ("HTMLCanvasElement.prototype", "getContext"),
        Kind::Now,
        Nothing,
        Unharmed,
    ),
    always("Worker", ("", "Worker"), Kind::Class, Nothing, NO_WORKER),
    always("MessageChannel", ("", "MessageChannel"), Kind::Class, Nothing, Unharmed),
    always("BroadcastChannel", ("", "BroadcastChannel"), Kind::Class, Nothing, Unharmed),
];

/// The device of the WebGPU engine: it is tried apart, with that engine.
pub const DEVICE: Function = always(
    "GPUAdapter.requestDevice",
    ("GPUAdapter.prototype", "requestDevice"),
    Kind::Later,
    Engine,
    NoRun("engine"),
);

impl Function {
    /// What becomes of the run when this function refuses in this way.
    pub fn fate(&self, way: Way) -> Fate {
        let at = Way::ALL.iter().position(|other| *other == way).unwrap();
        self.fates[at]
    }

    /// As [`SCRIPT`] takes it.
    pub fn refusal(&self, way: Way) -> Value {
        let kind = match self.kind {
            Kind::Part => "part",
            Kind::PartNow => "part now",
            Kind::Later => "later",
            Kind::Now => "now",
            Kind::Class => "class",
            Kind::Models => "models",
        };
        json!([self.owner, self.member, kind, way.name()])
    }
}

/// Defines `withhold(refusals)`, which makes functions refuse, in a page or in a worker.
pub const SCRIPT: &str = "
const withhold = refusals => {
    for (const [path, member, kind, way] of refusals) {
        const owner = path ? path.split('.').reduce((at, name) => at?.[name], globalThis) : globalThis;
        // Half of them are not there in a worker.
        if (!owner || (path && !(member in owner))) continue;
        const now = kind.endsWith('now') || kind === 'class';
        const refuse = name => { throw new DOMException('withheld by a test', name); };
        const answer = {
            throws: () => refuse('SecurityError'),
            rejects: () => now ? refuse('QuotaExceededError') : Promise.reject(new DOMException('withheld by a test', 'NotAllowedError')),
            hangs: () => now ? undefined : new Promise(() => {}),
        }[way];
        const put = what => Object.defineProperty(owner, member, { configurable: true, ...what });
        if (kind === 'models') {
            const real = fetch.bind(globalThis);
            const asked = what => String(what?.url ?? what).includes('models/');
            // A page without `fetch` would not be there at all.
            const gone = () => Promise.reject(new TypeError('Failed to fetch'));
            put({ writable: true, value: (what, more) => asked(what) ? (answer ?? gone)() : real(what, more) });
        } else if (way === 'vanishes') {
            put({ writable: true, value: undefined });
        } else if (kind === 'class') {
            put({ writable: true, value: way === 'hangs' ? function () { return {}; } : function () { return answer(); } });
        } else if (!kind.startsWith('part')) {
            put({ writable: true, value: function () { return answer(); } });
        } else if (way === 'throws') {
            put({ get: answer });
        } else {
            const listens = name => typeof name === 'symbol' || name === 'then' ? undefined : /EventListener/.test(name) ? () => {} : answer;
            put({ value: new Proxy({}, { get: (_, name) => listens(name) }) });
        }
    }
};
";

/// In front of a worker's own script: what is to be withheld is in the worker's name.
pub fn in_worker() -> String {
    format!("{SCRIPT} withhold(JSON.parse(self.name || '[]'));\n")
}

/// Runs in a page before everything of its own, and hands on to its workers.
pub fn in_page(refusals: &[Value]) -> String {
    let refusals = Value::from(refusals.to_vec());
    format!(
        "(() => {{
            {SCRIPT}
            const refusals = {refusals};
            const Original = Worker;
            window.Worker = class extends Original {{
                constructor(url, options) {{ super(url, {{ ...options, name: JSON.stringify(refusals) }}); }}
            }};
            withhold(refusals);
        }})();"
    )
}

/// Fails if a function is listed twice, or too few are.
pub fn check() {
    let names: BTreeSet<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    assert_eq!(names.len(), FUNCTIONS.len(), "a function is listed twice");
    assert!(names.len() >= 30, "{} functions", names.len());
}
