// What this browser's GPU can do at most, for a program that may not use anything special: a matrix product in which each invocation keeps
// 8 rows of 4 columns in registers and loads vectors of 4. `window.result` becomes { gflops } or { error }.

const N = 512;
const ROWS = 8;

const shader = `
@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;

@compute @workgroup_size(8, 8)
fn product(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x;
  let row = id.y * ${ROWS}u;
  ${Array.from({ length: ROWS }, (_, i) => `var sum${i} = vec4<f32>(0.0);`).join("\n  ")}
  for (var k = 0u; k < ${N / 4}u; k += 1u) {
    let b0 = b[(4u * k + 0u) * ${N / 4}u + column];
    let b1 = b[(4u * k + 1u) * ${N / 4}u + column];
    let b2 = b[(4u * k + 2u) * ${N / 4}u + column];
    let b3 = b[(4u * k + 3u) * ${N / 4}u + column];
    ${Array.from({ length: ROWS }, (_, i) => `let a${i} = a[(row + ${i}u) * ${N / 4}u + k];
    sum${i} += a${i}.x * b0 + a${i}.y * b1 + a${i}.z * b2 + a${i}.w * b3;`).join("\n    ")}
  }
  ${Array.from({ length: ROWS }, (_, i) => `c[(row + ${i}u) * ${N / 4}u + column] = sum${i};`).join("\n  ")}
}`;

async function measure() {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return { error: "this browser has no WebGPU adapter" };
  const device = await adapter.requestDevice();
  const module = device.createShaderModule({ code: shader });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "product" } });
  const input = new Float32Array(N * N).map((_, i) => (i % 7) - 3);
  const buffer = (usage) => device.createBuffer({ size: 4 * N * N, usage: GPUBufferUsage.STORAGE | usage });
  const [a, b, c] = [buffer(GPUBufferUsage.COPY_DST), buffer(GPUBufferUsage.COPY_DST), buffer(GPUBufferUsage.COPY_SRC)];
  device.queue.writeBuffer(a, 0, input);
  device.queue.writeBuffer(b, 0, input);
  const entries = [a, b, c].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });

  // Milliseconds of so many products.
  const run = async (count) => {
    const began = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < count; i += 1) pass.dispatchWorkgroups(N / 4 / 8, N / ROWS / 8);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - began;
  };
  await run(1);
  let count = 1;
  while ((await run(count)) < 200) count *= 2;
  const times = [];
  for (let i = 0; i < 10; i += 1) times.push(await run(count));
  times.sort((x, y) => x - y);

  // A limit that computes something else is none: one element against the same sum in JavaScript.
  const back = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(c, 4 * (3 * N + 4), back, 0, 16);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  let wanted = 0;
  for (let k = 0; k < N; k += 1) wanted += input[3 * N + k] * input[k * N + 4];
  const got = new Float32Array(back.getMappedRange())[0];
  if (Math.abs(got - wanted) > 1e-3 * Math.abs(wanted) + 1e-3) return { error: `the product is wrong: ${got} and not ${wanted}` };
  return { gflops: (2 * N ** 3 * count) / times[5] / 1e6, products: count, info: adapter.info?.description || adapter.info?.vendor || "" };
}

window.result = null;
measure().then(
  (result) => (window.result = result),
  (error) => (window.result = { error: String(error) }),
);
