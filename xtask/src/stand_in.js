// Stands in for an engine that is still being built: tells the page so, keeps its messages, and starts the
// engine as soon as its files are there. See stand_in.rs.
START_MODULE
const told = Uint8Array.from(TOLD);
const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);
self.postMessage([told], [told.buffer]);

const isBuilding = async () => {
  const answer = await fetch("./NAME_state.json", { cache: "no-store" });
  if (!answer.ok) return false;
  const { state } = await answer.json();
  if (state === "failed") throw new Error("the WebGPU engine could not be built; the terminal says why");
  return true;
};

try {
  while (await isBuilding()) await new Promise((resolve) => setTimeout(resolve, 1000));
  const { default: init } = await import("./NAME_glue.js");
  self.resnetteDispatches = 0;
  await startModule(init, fetch(new URL("./NAME_bg.wasm", import.meta.url)));
  self.removeEventListener("message", keep);
  for (const { data, ports } of early) self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
} catch (error) {
  self.reportError(error); // the page hears of it as the worker's `error` event
}
