// Starts wasm-bindgen's module. Firefox (seen in 140) waits for ever for the rest of code that was cut off, so the rows of lengths
// that a module consists of are added up as well: a module that ends early is a failure in every browser.
const startModule = async (init, module) => {
  const isWhole = async () => {
    const bytes = new Uint8Array(await copy.arrayBuffer());
    let at = 8; // behind the magic number and the version
    while (at < bytes.length) {
      let length = 0;
      let factor = 1;
      do {
        at += 1; // the section's kind first, then the digits of its length
        length += (bytes[at] & 127) * factor;
        factor *= 128;
      } while (bytes[at] > 127);
      at += 1 + length;
    }
    return at === bytes.length;
  };
  const endsEarly = async () => {
    if (!response.ok || (await isWhole())) return new Promise(() => {}); // what else is wrong, `init` finds
    throw new Error("a file of the program ends early");
  };
  const response = await module;
  const copy = response.clone();
  await Promise.race([init({ module_or_path: response }), endsEarly()]);
};
