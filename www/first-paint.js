// Before the page is there, this is all that can speak: it says what is missing where the page cannot start. JavaScript, because
// a browser without WebAssembly runs nothing else.
const stand = document.getElementById("first-paint");

function tell(text) {
  if (!stand || !stand.isConnected) return;
  const line = document.createElement("p");
  line.setAttribute("role", "alert");
  line.textContent = text;
  stand.replaceChildren(stand.firstElementChild, line);
}

// A module whose one function has the vector instructions i8x16.splat and i8x16.popcnt in it.
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

const reason = (error) => String((error && error.message) || error).slice(0, 300);

if (typeof WebAssembly !== "object") {
  tell("Resnette needs WebAssembly, which is missing or switched off here. Every browser since 2018 has it; some turn it off in their strictest mode (Edge: “Enhanced security”, iOS: “Lockdown mode”). Allow it for this page and reload.");
} else if (!WebAssembly.validate(SIMD)) {
  tell("Resnette needs a newer browser: the WebAssembly of this one has no SIMD, the vector instructions that training is built on. Update it, or open this page in another: Chrome and Edge have SIMD since version 91, Firefox since 89, Safari since 16.4.");
} else {
  const failed = (event) => tell(`The page did not start (${reason(event.reason || event.error || event.message)}). Reload it; if that does not help, update the browser: Resnette is tried with Chromium 156 and needs WebAssembly of 2021 or later.`);
  addEventListener("error", failed);
  addEventListener("unhandledrejection", failed);
  addEventListener("TrunkApplicationStarted", () => {
    removeEventListener("error", failed);
    removeEventListener("unhandledrejection", failed);
  });
}
