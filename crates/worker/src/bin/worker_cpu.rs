//! The worker that computes on the CPU: Burn Flex with 128-bit SIMD.

use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_session::Engine;
use resnette_worker::{call_constructors, serve};

fn main() {
    call_constructors();
    wasm_bindgen_futures::spawn_local(serve(async || {
        Ok(Engine {
            device: burn::tensor::Device::flex(),
            info: EngineInfo { kind: EngineKind::Cpu, device: "one thread, 128-bit SIMD".into() },
            read_every: 1,
            groups_in_flight: 1,
        })
    }));
}
