// Starts the engine. The page may post messages at once: those that come before the engine listens are kept and
// delivered again, in order, once it does. (The engine must have set its handler when its `main` returns.)
import init from "./NAME_glue.js";

const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);

try {
  await init(); // fetches NAME_bg.wasm and runs `main`
  self.removeEventListener("message", keep);
  for (const { data, ports } of early) self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
} catch (error) {
  self.reportError(error); // the page hears of it as the worker's `error` event
}
