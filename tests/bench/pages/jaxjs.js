// The same training step in jax-js: `jaxjs.html?block=basic&bs=16&steps=10`, on WebGPU, the whole step compiled by `jit`. `window.result`
// becomes { steps_ms, first_step_ms, parameters } or { error }.

import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from "./jax.js";
import { bs, block, CLASSES, expansion, SIDE, STAGES, STEM, steps, tell, WIDTH } from "./net.js";

// What a layer is: shapes are told once, when the parameters are made, and taken in the same order by the network.
const shapes = [];
const param = (...shape) => shapes.push(shape) - 1;
const layer = (ni, nf, ks, stride, act) => ({ filter: param(nf, ni, ks, ks), gamma: param(1, nf, 1, 1), beta: param(1, nf, 1, 1), ks, stride, act });

function plan() {
  let ni = 3;
  const stem = STEM.map((nf, i) => { const made = layer(ni, nf, 3, i === 0 ? 2 : 1, true); ni = nf; return made; });
  const blocks = [];
  for (let stage = 0; stage < STAGES; stage += 1) {
    const [inner, stride] = [WIDTH * 2 ** stage, stage === 0 ? 1 : 2];
    const outer = inner * expansion;
    const path = block === "bottleneck"
      ? [layer(ni, inner, 1, 1, true), layer(inner, inner, 3, stride, true), layer(inner, outer, 1, 1, false)]
      : [layer(ni, inner, 3, stride, true), layer(inner, outer, 3, 1, false)];
    blocks.push({ path, stride, identity: ni === outer ? null : layer(ni, outer, 1, 1, false) });
    ni = outer;
  }
  return { stem, blocks, head: param(ni, CLASSES), bias: param(1, CLASSES) };
}
const net = plan();

// jax-js counts references: what is used again is used as `.ref`.
function conv(params, x, { filter, gamma, beta, ks, stride, act }) {
  const pad = (ks - 1) / 2;
  const z = lax.convGeneralDilated(x, params[filter].ref, [stride, stride], [[pad, pad], [pad, pad]]);
  const mean = np.mean(z.ref, [0, 2, 3], { keepdims: true });
  const away = z.sub(mean);
  const variance = np.mean(np.square(away.ref), [0, 2, 3], { keepdims: true });
  const y = away.div(np.sqrt(variance.add(1e-5))).mul(params[gamma].ref).add(params[beta].ref);
  return act ? nn.relu(y) : y;
}

function resBlock(params, x, { path, stride, identity }) {
  let other = x.ref;
  for (const made of path) other = conv(params, other, made);
  if (stride !== 1) {
    const [n, c, h, w] = x.shape;
    x = np.mean(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
  }
  if (identity) x = conv(params, x, identity);
  return nn.relu(x.add(other));
}

function loss(params, images, labels) {
  let x = images;
  for (const made of net.stem) x = conv(params, x, made);
  // After ReLU a border of zeros is as good as one of minus infinity.
  x = lax.reduceWindow(np.pad(x, [[0, 0], [0, 0], [1, 0], [1, 0]]), np.max, [3, 3], [2, 2]);
  for (const made of net.blocks) x = resBlock(params, x, made);
  const logits = np.matmul(np.mean(x, [2, 3]), params[net.head].ref).add(params[net.bias].ref);
  params.forEach((array) => array.dispose());
  return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(labels), 1)).mul(-1);
}

const step = jit((params, avg, sqr, images, labels) => {
  const [found, grads] = valueAndGrad(loss)(params.map((array) => array.ref), images, labels);
  const next = { params: [], avg: [], sqr: [] };
  grads.forEach((grad, i) => {
    const a = avg[i].mul(0.95).add(grad.ref.mul(0.05));
    const s = sqr[i].mul(0.99).add(np.square(grad).mul(0.01));
    next.params.push(params[i].sub(a.ref.div(np.sqrt(s.ref).add(1e-5)).mul(3e-3)));
    next.avg.push(a);
    next.sqr.push(s);
  });
  return [found, next];
});

async function measure() {
  const there = await init("webgpu");
  if (!there.includes("webgpu")) return { error: "jax-js has no webgpu here" };
  defaultDevice("webgpu");
  const random = (count, scale) => Float32Array.from({ length: count }, () => (Math.random() * 2 - 1) * scale);
  const size = (shape) => shape.reduce((product, side) => product * side, 1);
  let state = { params: [], avg: [], sqr: [] };
  for (const shape of shapes) {
    const fan = shape.length === 4 ? shape[1] * shape[2] * shape[3] : shape[0];
    const ones = shape.length === 4 && shape[0] === 1;
    state.params.push((ones ? np.ones(shape) : np.array(random(size(shape), Math.sqrt(6 / fan))).reshape(shape)));
    state.avg.push(np.zeros(shape));
    state.sqr.push(np.zeros(shape));
  }
  const images = np.array(random(bs * 3 * SIDE * SIDE, 2)).reshape([bs, 3, SIDE, SIDE]);
  const labels = np.array(Float32Array.from({ length: bs * CLASSES }, (_, i) => Number(i % CLASSES === Math.floor(i / CLASSES) % CLASSES))).reshape([bs, CLASSES]);
  const times = [];
  const losses = [];
  for (let i = 0; i < steps + 2; i += 1) {
    const began = performance.now();
    const [found, next] = step(state.params, state.avg, state.sqr, images.ref, labels.ref);
    state = next;
    await blockUntilReady(state);
    times.push(performance.now() - began);
    losses.push((await found.data())[0]);
  }
  if (!losses.every(Number.isFinite) || losses.at(-1) >= losses[0]) return { error: `the loss does not fall: ${losses}` };
  return { first_step_ms: times[0], steps_ms: times.slice(2), parameters: shapes.reduce((sum, shape) => sum + size(shape), 0), losses };
}

tell(measure);
