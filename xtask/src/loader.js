// Starts the engine. The page may post messages at once: those that come before the engine listens are kept and
// delivered again, in order, once it does. (The engine must have set its handler when its `main` returns.)
import init from "./NAME_glue.js";

const module = fetch(new URL("./NAME_bg.wasm", import.meta.url));
START_MODULE
// How many kernels have been started: the benchmark's most telling figure, and nothing else can count it.
self.resnetteDispatches = 0;
if (self.GPUComputePassEncoder) {
  const dispatch = GPUComputePassEncoder.prototype.dispatchWorkgroups;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y, z) {
    self.resnetteDispatches += 1;
    return dispatch.call(this, x, y, z);
  };
}

const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);

try {
  await startModule(init, module); // runs `main`
  self.removeEventListener("message", keep);
  for (const { data, ports } of early) self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
} catch (error) {
  self.reportError(error); // the page hears of it as the worker's `error` event
}
