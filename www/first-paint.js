// Before the page is there, this is all that can speak: it says what is missing where the page cannot start. JavaScript, because
// a browser without WebAssembly runs nothing else; a part of index.html, so that it is there even if no other file comes.
{
  let line; // what is said instead of "The page is loading"

  const show = () => {
    const stand = document.getElementById("first-paint");
    if (!stand) {
      // This stands before the body. Once that is there and nothing to write on in it, the page has started.
      if (document.readyState === "loading") setTimeout(show, 50);
      return;
    }
    const paragraph = document.createElement("p");
    paragraph.setAttribute("role", "alert");
    paragraph.textContent = line;
    stand.replaceChildren(stand.firstElementChild, paragraph);
  };
  const tell = (text) => {
    line = text;
    show();
  };

  // A module whose one function has the vector instructions i8x16.splat and i8x16.popcnt in it.
  const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

  const reason = (error) => String((error && error.message) || error).slice(0, 300);

  if (typeof WebAssembly !== "object") {
    tell("Resnette needs WebAssembly, which is missing or switched off here. Every browser since 2018 has it; some turn it off in their strictest mode (Edge: “Enhanced security”, iOS: “Lockdown mode”). Allow it for this page and reload.");
  } else if (!WebAssembly.validate(SIMD)) {
    tell("Resnette needs a newer browser: the WebAssembly of this one has no SIMD, the vector instructions that training is built on. Update it, or open this page in another: Chrome and Edge have SIMD since version 91, Firefox since 89, Safari since 16.4.");
  } else {
    const failed = (event) => {
      const { target } = event;
      if (target instanceof HTMLElement) {
        // A file did not come. Browsers tell it the element alone, and give no reason. An icon or a style may be missing.
        if (target.tagName !== "SCRIPT" && !/preload/.test(target.rel || "")) return;
        tell("A part of the page did not load: the connection may have failed, or the page was updated and your browser still has an old copy of its first file. Saved runs are kept. Reload the page; if that does not help, reload it without the cache (Ctrl+Shift+R, on a Mac ⌘+Shift+R).");
        return;
      }
      tell(`The page did not start (${reason(event.reason || event.error || event.message)}). Reload it; if that does not help, update the browser: Resnette is tested with Chromium 156 and needs WebAssembly of 2021 or later.`);
    };
    // Nothing failed, and nothing came.
    const slow = setTimeout(() => line || tell("The page is still on its way. If the connection is not that slow, reload the page."), 30_000);
    // In the capturing phase: the errors of elements do not bubble.
    addEventListener("error", failed, true);
    addEventListener("unhandledrejection", failed);
    addEventListener("TrunkApplicationStarted", () => {
      clearTimeout(slow);
      removeEventListener("error", failed, true);
      removeEventListener("unhandledrejection", failed);
    });
  }
}
