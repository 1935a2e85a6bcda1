// Keeps the page for next time, without a network too. Written by xtask (xtask/src/offline.rs) for one version of the page.
//
// Every file is held to the hash that it had in this version's build: whatever a server hands out after an update is refused here,
// so that a page of one version never meets an engine of another.
const VERSION = "{{VERSION}}";
const FILES = {{FILES}};
// Fetched when the page is first opened. The engines and models wait until they are used.
const EAGER = {{EAGER}};

// Caches belong to the origin, on which there may be other copies of the page: each has its own, by its path.
const PREFIX = `resnette-page-${new URL(self.registration.scope).pathname}-`;
// Of earlier versions, whose caches had no path in their names.
const EARLIER = /^resnette-page-[^/]/;
const CACHE = PREFIX + VERSION;
const request = (path) => new Request(path, { integrity: FILES[path], cache: "no-cache" });

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(EAGER.map(request))));
});

self.addEventListener("activate", (event) => {
  const old = (name) => (name.startsWith(PREFIX) && name !== CACHE) || EARLIER.test(name);
  const tidy = async () => {
    await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

// The page says so when its reader has pressed "Reload".
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const path = ours(event.request);
  if (path !== undefined) event.respondWith(answer(path).then(isolated));
});

// The file that a request is for, if it is one of the page's: pictures and everything else go their own way.
function ours({ method, url }) {
  const scope = new URL(self.registration.scope);
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return undefined;
  const path = pathname.slice(scope.pathname.length) || "index.html";
  return Object.hasOwn(FILES, path) ? path : undefined;
}

async function answer(path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept) return kept;
  const response = await fetch(request(path));
  // A full disk must not keep the page from going on.
  if (response.ok) await cache.put(path, response.clone()).catch(() => undefined);
  return response;
}

// The same answer for a page that is isolated from other sites: browsers demand that before they let threads share memory, and many
// hosts can't set these headers. The page may still be shown in a frame; it has no threads there unless what is around it is isolated too.
function isolated(response) {
  if (response.type === "error") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
