//! The worker that computes on several of the CPU's cores: Burn Flex with 128-bit SIMD, in a
//! WebAssembly memory that all its threads share.

fn main() {
    #[cfg(target_arch = "wasm32")]
    resnette_worker::threads::serve();
}
