//! Decodes names of archives by a WebAssembly module of its own, which is fetched when the first
//! name comes that is not UTF-8: `crates/name-encodings`, built by xtask.

use std::cell::OnceCell;

use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array, WebAssembly};
use resnette_images::load::NameCodec;
use wasm_bindgen::prelude::*;

/// The module's file, beside the workers' scripts.
const FILE: &str = "./worker_names.wasm";

#[wasm_bindgen]
extern "C" {
    // In web-sys it is a feature of its own, and another set of features would rebuild all that
    // uses web-sys, Burn among it.
    type XMLHttpRequest;

    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<XMLHttpRequest, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn open(this: &XMLHttpRequest, method: &str, url: &str, wait: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, setter, js_name = responseType, catch)]
    fn set_response_type(this: &XMLHttpRequest, kind: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn send(this: &XMLHttpRequest) -> Result<(), JsValue>;

    #[wasm_bindgen(method, getter)]
    fn status(this: &XMLHttpRequest) -> u16;

    #[wasm_bindgen(method, getter)]
    fn response(this: &XMLHttpRequest) -> JsValue;
}

/// The module, once it was needed.
#[derive(Default)]
pub struct NameModule {
    /// What the module exports; `None` if it could not be had.
    exports: OnceCell<Option<Object>>,
}

impl NameModule {
    fn exports(&self) -> Option<&Object> {
        self.exports.get_or_init(|| load().ok()).as_ref()
    }

    fn call(&self, name: &str, arguments: &Array) -> Option<JsValue> {
        let exports = self.exports()?;
        let function: Function = Reflect::get(exports, &name.into()).ok()?.dyn_into().ok()?;
        function.apply(&JsValue::UNDEFINED, arguments).ok()
    }

    fn number(&self, name: &str, arguments: &Array) -> Option<u32> {
        self.call(name, arguments)?.as_f64().map(|number| number as u32)
    }

    /// A part of the module's memory. Calls may move it, so it is asked for each time.
    fn memory(&self, start: u32, length: u32) -> Option<Uint8Array> {
        let memory: WebAssembly::Memory =
            Reflect::get(self.exports()?, &"memory".into()).ok()?.dyn_into().ok()?;
        Some(Uint8Array::new_with_byte_offset_and_length(&memory.buffer(), start, length))
    }

    fn give(&self, parts: &[&[u8]]) -> Option<()> {
        let bytes = parts.concat();
        let length = bytes.len() as u32;
        let start = self.number("input", &Array::of1(&length.into()))?;
        self.memory(start, length)?.copy_from(&bytes);
        Some(())
    }

    fn output(&self) -> Option<String> {
        let start = self.number("output", &Array::new())?;
        let length = self.number("output_length", &Array::new())?;
        String::from_utf8(self.memory(start, length)?.to_vec()).ok()
    }
}

impl NameCodec for NameModule {
    fn detect(&self, names: &[u8], dos: bool) -> Option<String> {
        self.give(&[names])?;
        self.call("detect", &Array::of1(&u32::from(dos).into()))?;
        self.output()
    }

    fn decode(&self, encoding: &str, name: &[u8]) -> Option<String> {
        self.give(&[encoding.as_bytes(), b"\n", name])?;
        let found = self.number("decode", &Array::new())?;
        (found == 1).then(|| self.output()).flatten()
    }
}

/// Fetches and starts the module, and waits for it: archives are read by code that cannot be
/// interrupted, and a worker may wait.
fn load() -> Result<Object, JsValue> {
    let request = XMLHttpRequest::new()?;
    request.open("GET", FILE, false)?;
    request.set_response_type("arraybuffer")?;
    request.send()?;
    if request.status() != 200 {
        return Err("there is no such module".into());
    }
    let bytes: ArrayBuffer = request.response().dyn_into()?;
    let module = WebAssembly::Module::new(&bytes)?;
    let instance = WebAssembly::Instance::new(&module, &Object::new())?;
    Ok(instance.exports())
}
