// One thread of the CPU engine: takes the engine's module and memory, and then the work that the engine has for it.
//
// An engine whose thread has crashed waits for it for ever, and can tell nobody. So the thread itself tells the page, on the channel
// that the page has made for this engine (src/engine/alarm.rs).
import init, { run_thread } from "./NAME_glue.js";

self.onmessage = async ({ data: { module, memory, alarm } }) => {
  try {
    await init({ module_or_path: module, memory });
  } catch (error) {
    self.postMessage(String(error)); // the engine goes on without threads
    return;
  }
  const channel = opened(alarm);
  self.postMessage("ready");
  try {
    run_thread(); // never returns
  } catch (error) {
    tell(channel, error);
    self.reportError(error); // which the engine's worker hears as well, unless it waits already
  }
};

// A browser may have no such channel, or refuse it: then the thread works all the same.
function opened(alarm) {
  try {
    return alarm ? new BroadcastChannel(alarm) : undefined;
  } catch {
    return undefined;
  }
}

function tell(channel, error) {
  try {
    channel?.postMessage(String(error));
  } catch {
    // There is nobody else to tell.
  }
}
