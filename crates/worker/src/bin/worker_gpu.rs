//! The worker that computes on WebGPU.

use burn::tensor::Device;
use resnette_engine::{Chip, use_chip};
use resnette_protocol::engine::{EngineInfo, EngineKind};
use resnette_session::Engine;
use resnette_worker::{call_constructors, gpu_adapter, serve};

fn main() {
    call_constructors();
    wasm_bindgen_futures::spawn_local(serve(async || {
        let device =
            Device::wgpu_options().init_async().await.map_err(|error| error.to_string())?;
        let adapter = gpu_adapter::describe().await;
        use_chip(Chip::of(&adapter));
        Ok(Engine {
            device,
            info: EngineInfo { kind: EngineKind::WebGpu, device: adapter.words() },
            // While the losses of two steps are waited for the device has two more, and whoever
            // presses Stop waits for four at most.
            read_every: 2,
            groups_in_flight: 2,
        })
    }));
}
