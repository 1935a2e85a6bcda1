// Starts the CPU engine on several threads, or on one if the browser gives no shared memory. As in the other workers' loader,
// messages that come before the engine listens are kept and delivered again, in order.

// Each thread is a worker with the same module and memory. They are kept here, since a browser may end workers that nothing refers to.
const threads = [];
const WAIT_MS = 20_000;
const asked = new URL(import.meta.url).searchParams;
self.resnetteThreads = Number(asked.get("threads")) || 1;
const alarm = asked.get("alarm"); // where a thread that crashes tells the page
self.resnetteStartThreads = (module, memory, count) =>
  Promise.all(
    Array.from({ length: count }, () =>
      new Promise((resolve, reject) => {
        const thread = new Worker(new URL("./NAME_one.js", import.meta.url), { type: "module" });
        threads.push(thread);
        thread.onmessage = ({ data }) => {
          if (data !== "ready") return reject(new Error(data));
          thread.onerror = null; // from now on an error of the thread is one of the engine
          resolve();
        };
        thread.onerror = (event) => {
          event.preventDefault(); // the engine goes on without threads
          reject(new Error(event.message));
        };
        setTimeout(reject, WAIT_MS);
        thread.postMessage({ module, memory, alarm });
      }),
    ),
  );

START_MODULE
const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);

try {
  // Runs `main`.
  const start = async (name) => {
    const { default: init } = await import(`./${name}_glue.js`);
    await startModule(init, fetch(new URL(`./${name}_bg.wasm`, import.meta.url)));
  };
  await start("NAME").catch(() => start("FALLBACK"));
  self.removeEventListener("message", keep);
  for (const { data, ports } of early) self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
} catch (error) {
  self.reportError(error); // the page hears of it as the worker's `error` event
}
