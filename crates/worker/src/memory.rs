//! What the engine holds of the computer's memory.

use burn::tensor::Device;
use js_sys::{ArrayBuffer, WebAssembly};
use resnette_protocol::engine::Memory;
use wasm_bindgen::JsCast;

/// The worker's WebAssembly memory, and what the device has reserved where it counts that.
pub fn held(device: &Device) -> Memory {
    let memory = wasm_bindgen::memory().dyn_into::<WebAssembly::Memory>().ok();
    let wasm = memory
        .and_then(|memory| memory.buffer().dyn_into::<ArrayBuffer>().ok())
        .map_or(0, |buffer| buffer.byte_length());
    Memory { wasm: wasm.into(), gpu: device.memory_pool_usage().map(|usage| usage.bytes_reserved) }
}
