// One thread of the CPU engine: takes the engine's module and memory, and then the work that the engine has for it.
import init, { run_thread } from "./NAME_glue.js";

self.onmessage = async ({ data: { module, memory } }) => {
  await init({ module_or_path: module, memory });
  self.postMessage("ready");
  run_thread(); // never returns
};
