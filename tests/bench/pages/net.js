// What is measured in every peer: the network of burn-on-the-web.md, and how a page tells its result.

const query = new URLSearchParams(location.search);
export const [block, bs, steps] = [query.get("block"), Number(query.get("bs")), Number(query.get("steps"))];
export const backend = query.get("backend");
export const SIDE = 64;
export const CLASSES = 10;
export const STEM = [8, 8, 16];
export const WIDTH = 16;
export const STAGES = 4;
export const expansion = block === "bottleneck" ? 4 : 1;

/** Puts what `measure` finds, or `{ error }`, into `window.result`. */
export function tell(measure) {
  window.result = null;
  measure().then(
    (result) => (window.result = result),
    (error) => (window.result = { error: String(error) }),
  );
}
