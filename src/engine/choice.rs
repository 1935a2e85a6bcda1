//! The choice of an engine, with the reason for it.

use resnette_protocol::engine::EngineKind;
use resnette_spec::Backend;

/// The largest pieces of memory that a GPU provides, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The adapter's `maxBufferSize`.
    pub buffer: u64,
    /// The adapter's `maxStorageBufferBindingSize`.
    pub binding: u64,
}

/// Why there is no WebGPU on a page over HTTP.
const NOT_SECURE: &str = "browsers offer WebGPU only to pages that come over https";

/// What the browser says about its GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// There is no `navigator.gpu`, since the page did not come over HTTPS.
    NotSecure,
    /// There is no `navigator.gpu`: the browser is old, or has it switched off.
    NoWebGpu,
    /// There is `navigator.gpu`, but no adapter behind it.
    Missing,
    /// There is an adapter.
    Found {
        /// For people.
        name: String,
        /// Burn asks every device for `timestamp-query` and fails without.
        timestamp_query: bool,
        /// A software adapter, which is far slower than the CPU engine.
        software: bool,
        /// How large a tensor may be.
        limits: Limits,
    },
}

/// The engine to start, and the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub kind: EngineKind,
    /// Why this engine, as a sentence for the reader.
    pub reason: String,
    /// How large a tensor may be on the GPU; `None` for the CPU engine.
    pub limits: Option<Limits>,
}

/// Chooses the engine for a setting: WebGPU if there is an adapter in hardware with
/// `timestamp-query`, otherwise the CPU. The setting `webgpu` accepts a software adapter too, and
/// `host` chooses for the reader on a page that was not `joined` to a class.
///
/// # Errors
/// A sentence for the reader if the setting demands WebGPU and there is none.
pub fn choose(wanted: Backend, adapter: &Adapter, joined: bool) -> Result<Choice, String> {
    let gpu = |name: &str, note: &str, limits: Limits| {
        Ok(Choice {
            kind: EngineKind::WebGpu,
            reason: format!("WebGPU engine on {name}{note}"),
            limits: Some(limits),
        })
    };
    let cpu = |why: &str| {
        Ok(Choice { kind: EngineKind::Cpu, reason: format!("CPU engine: {why}"), limits: None })
    };
    let demand = |why: &str| {
        Err(format!(
            "backend=webgpu was asked for, but {why}. Choose backend=auto, and the CPU engine \
             trains instead"
        ))
    };
    match (wanted, adapter) {
        (Backend::Host, _) if joined => {
            let reason = "This run trains on the class’s host".into();
            Ok(Choice { kind: EngineKind::Host, reason, limits: None })
        }
        (Backend::Host, _) => choose(Backend::Auto, adapter, joined).map(|mut choice| {
            choice.reason.push_str("; backend=host needs a class’s link");
            choice
        }),
        (Backend::Cpu, _) => cpu("chosen in the settings"),
        (Backend::Auto, Adapter::NotSecure) => cpu(NOT_SECURE),
        (Backend::Auto, Adapter::NoWebGpu) => cpu("this browser offers no WebGPU to this page"),
        (Backend::Auto, Adapter::Missing) => cpu("this browser found no WebGPU adapter"),
        (Backend::Auto, Adapter::Found { software: true, .. }) => {
            cpu("no graphics card is available to this browser")
        }
        (_, Adapter::Found { name, timestamp_query: true, software, limits }) => {
            gpu(name, if *software { ", a software adapter: slow" } else { "" }, *limits)
        }
        (Backend::Auto, Adapter::Found { .. }) => {
            cpu("this browser's WebGPU adapter has no timestamp queries")
        }
        (Backend::WebGpu, Adapter::NotSecure) => demand(NOT_SECURE),
        (Backend::WebGpu, Adapter::NoWebGpu) => {
            demand("this browser offers no WebGPU to this page")
        }
        (Backend::WebGpu, Adapter::Missing) => demand("this browser found no WebGPU adapter"),
        (Backend::WebGpu, Adapter::Found { .. }) => demand("the adapter has no timestamp queries"),
    }
}

/// Whether an adapter's names say that it computes on the CPU.
pub fn sounds_like_software(names: &str) -> bool {
    let names = names.to_ascii_lowercase();
    ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "microsoft basic render", "software"]
        .iter()
        .any(|name| names.contains(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(timestamp_query: bool, software: bool) -> Adapter {
        let limits = Limits { buffer: 1 << 31, binding: 1 << 30 };
        Adapter::Found { name: "Acme 9000".into(), timestamp_query, software, limits }
    }

    #[test]
    fn auto_takes_only_a_real_adapter_with_timestamps() {
        let cases = [
            (Adapter::NotSecure, EngineKind::Cpu),
            (Adapter::NoWebGpu, EngineKind::Cpu),
            (Adapter::Missing, EngineKind::Cpu),
            (found(true, true), EngineKind::Cpu),
            (found(false, false), EngineKind::Cpu),
            (found(true, false), EngineKind::WebGpu),
        ];
        for (adapter, kind) in cases {
            let choice = choose(Backend::Auto, &adapter, false).unwrap();
            assert_eq!(choice.kind, kind, "{adapter:?}");
            assert!(choice.reason.starts_with(kind.name()), "{choice:?}");
            assert_eq!(choice.limits.is_some(), kind == EngineKind::WebGpu);
        }
    }

    #[test]
    fn a_demand_is_met_or_refused_with_a_way_out() {
        assert_eq!(
            choose(Backend::WebGpu, &found(true, true), false).unwrap().kind,
            EngineKind::WebGpu
        );
        assert_eq!(choose(Backend::Cpu, &found(true, false), false).unwrap().kind, EngineKind::Cpu);
        for adapter in
            [Adapter::NotSecure, Adapter::NoWebGpu, Adapter::Missing, found(false, false)]
        {
            assert!(choose(Backend::WebGpu, &adapter, false).unwrap_err().contains("backend=auto"));
        }
    }

    /// A link of a class means the host there, and elsewhere what the page would choose by itself,
    /// which then says so.
    #[test]
    fn the_host_trains_only_for_pages_of_its_class() {
        for adapter in [Adapter::NotSecure, Adapter::Missing, found(true, false)] {
            let joined = choose(Backend::Host, &adapter, true).unwrap();
            assert_eq!((joined.kind, joined.limits), (EngineKind::Host, None));
            assert!(joined.reason.contains("the class’s host"), "{joined:?}");
            let alone = choose(Backend::Host, &adapter, false).unwrap();
            let auto = choose(Backend::Auto, &adapter, false).unwrap();
            assert_eq!((alone.kind, alone.limits), (auto.kind, auto.limits));
            assert!(alone.reason.starts_with(&auto.reason));
            assert!(alone.reason.contains("needs a class’s link"), "{alone:?}");
        }
    }

    #[test]
    fn software_adapters_are_known_by_name() {
        assert!(sounds_like_software("Google swiftshader SwiftShader Device (Subzero)"));
        assert!(sounds_like_software("mesa llvmpipe"));
        assert!(!sounds_like_software("nvidia ampere"));
    }
}
