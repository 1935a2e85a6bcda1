// The same training step in TensorFlow.js: `tfjs.html?backend=webgpu&block=basic&bs=16&steps=10`. `window.result` becomes
// { steps_ms, first_step_ms, parameters } or { error }.

import { backend, bs, block, CLASSES, expansion, SIDE, STAGES, STEM, steps, tell, WIDTH } from "./net.js";

function conv(x, filters, kernelSize, strides, activation) {
  x = tf.layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false, kernelInitializer: "heNormal" }).apply(x);
  x = tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(x);
  return activation ? tf.layers.reLU().apply(x) : x;
}

function resBlock(x, filters, stride) {
  const [inner, outer] = [filters, filters * expansion];
  let path = x;
  if (block === "bottleneck") {
    path = conv(path, inner, 1, 1, true);
    path = conv(path, inner, 3, stride, true);
    path = conv(path, outer, 1, 1, false);
  } else {
    path = conv(path, inner, 3, stride, true);
    path = conv(path, outer, 3, 1, false);
  }
  let identity = x;
  if (stride !== 1) identity = tf.layers.averagePooling2d({ poolSize: 2, strides: 2, padding: "same" }).apply(identity);
  if (x.shape[3] !== outer) identity = conv(identity, outer, 1, 1, false);
  return tf.layers.reLU().apply(tf.layers.add().apply([path, identity]));
}

function network() {
  const input = tf.input({ shape: [SIDE, SIDE, 3] });
  let x = input;
  STEM.forEach((filters, i) => (x = conv(x, filters, 3, i === 0 ? 2 : 1, true)));
  x = tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }).apply(x);
  for (let stage = 0; stage < STAGES; stage += 1) x = resBlock(x, WIDTH * 2 ** stage, stage === 0 ? 1 : 2);
  x = tf.layers.globalAveragePooling2d({}).apply(x);
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: CLASSES }).apply(x) });
}

async function measure() {
  if (!(await tf.setBackend(backend))) return { error: `TensorFlow.js has no ${backend} here` };
  await tf.ready();
  const model = network();
  const optimizer = tf.train.adam(3e-3, 0.95, 0.99, 1e-5);
  const images = tf.randomNormal([bs, SIDE, SIDE, 3]);
  const labels = tf.oneHot(Array.from({ length: bs }, (_, i) => i % CLASSES), CLASSES);
  const times = [];
  for (let step = 0; step < steps + 2; step += 1) {
    const began = performance.now();
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true })), true);
    loss.dispose();
    // The last layer's weights, as with our engine: then the whole step is done.
    await model.trainableWeights.at(-1).read().data();
    times.push(performance.now() - began);
  }
  return { first_step_ms: times[0], steps_ms: times.slice(2), parameters: model.countParams() };
}

tell(measure);
