//! The worker that computes on WebGPU.

use burn::tensor::Device;
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_session::Engine;
use resnette_worker::{call_constructors, serve};

fn main() {
    call_constructors();
    wasm_bindgen_futures::spawn_local(serve(async || {
        let device =
            Device::wgpu_options().init_async().await.map_err(|error| error.to_string())?;
        Ok(Engine {
            device,
            info: EngineInfo { kind: EngineKind::WebGpu, device: String::new() },
            read_every: 4,
        })
    }));
}
