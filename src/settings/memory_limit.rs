//! Whether a run fits the engine that would train it: the largest tensor against the adapter's
//! limits, the whole step against a tab's memory.

use resnette_spec::architecture::Architecture;

use crate::engine::choice::Limits;
use crate::widgets::format;

/// Size of a 32-bit float, in bytes.
const BYTES_PER_NUMBER: u64 = 4;
/// What 32-bit WebAssembly can address, in bytes.
const MAX_TAB_BYTES: u64 = 1 << 32;

/// Why a training step does not fit into memory and what would help, as a sentence for the reader;
/// `None` if it fits. The step has a batch size of `bs` and pictures of `size` pixels. Without
/// `limits`, the CPU engine trains.
///
/// This is a lower bound: convolutions may need workspace beside the tensors that are counted here.
pub fn memory_limit_exceeded(
    plan: &Architecture,
    size: u32,
    bs: u32,
    limits: Option<Limits>,
) -> Option<String> {
    let Some(limits) = limits else {
        let step = plan.training_bytes(size, bs);
        return (step > MAX_TAB_BYTES).then(|| {
            format!(
                "This will not fit: a step needs about {}, and the CPU engine of a tab has {} at \
                 most. Choose fewer pictures a batch or a smaller size.",
                format::bytes(step),
                format::bytes(MAX_TAB_BYTES)
            )
        });
    };
    let most = limits.buffer.min(limits.binding);
    let (name, each) = largest_activation(plan, size);
    if each * u64::from(bs) > most {
        let way = match most / each.max(1) {
            0 => "Choose a smaller size.".to_string(),
            fit => format!(
                "Choose at most {} a batch, or a smaller size.",
                format::plural(fit, "picture")
            ),
        };
        return Some(format!(
            "This will not fit: the output of {name} has {} for a batch, and this computer's GPU \
             takes {} in one piece. {way}",
            format::bytes(each * u64::from(bs)),
            format::bytes(most)
        ));
    }
    let (name, weight) = largest_weight(plan);
    (weight > most).then(|| {
        format!(
            "This will not fit: the weights of {name} have {}, and this computer's GPU takes {} in \
             one piece. Choose a narrower network.",
            format::bytes(weight),
            format::bytes(most)
        )
    })
}

/// Name and bytes of a picture's largest tensor on its way through the network.
fn largest_activation(plan: &Architecture, size: u32) -> (String, u64) {
    let picture = ("the picture".to_string(), 3 * u64::from(size) * u64::from(size));
    let rows = plan.rows(size).into_iter().map(|row| {
        let numbers = row.shape.iter().map(|&side| u64::from(side)).product::<u64>();
        (row.name, numbers)
    });
    let pairs = ("self-attention".to_string(), plan.channel_pairs());
    let (name, numbers) =
        rows.chain([pairs]).fold(picture, |most, row| if row.1 > most.1 { row } else { most });
    (name, numbers * BYTES_PER_NUMBER)
}

fn largest_weight(plan: &Architecture) -> (String, u64) {
    // Weights do not depend on the size of the pictures.
    let rows = plan.rows(64).into_iter().map(|row| (row.name, row.parameters * BYTES_PER_NUMBER));
    rows.max_by_key(|(_, bytes)| *bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use resnette_spec::read_run;

    use super::*;

    fn plan(settings: &str) -> Architecture {
        Architecture::new(&read_run(settings).0.net, 10)
    }

    fn limits(most: u64) -> Option<Limits> {
        Some(Limits { buffer: most, binding: most })
    }

    #[test]
    fn the_largest_output_decides_on_a_gpu() {
        let plan = plan("stem=32,32,64&layers=1,1&width=64&expansion=1&block=basic");
        // 64 channels of 64×64 numbers, four bytes each: a megabyte a picture at 128 px.
        assert_eq!(largest_activation(&plan, 128), ("stem.2".into(), 64 * 64 * 64 * 4));
        let each = 64 * 64 * 64 * 4;
        assert_eq!(memory_limit_exceeded(&plan, 128, 64, limits(64 * each)), None);
        let words =
            memory_limit_exceeded(&plan, 128, 64, limits(64 * each - 1)).unwrap_or_default();
        assert!(words.contains("stem.2") && words.contains("at most 63 pictures"), "{words}");
        let words = memory_limit_exceeded(&plan, 128, 64, limits(each - 1)).unwrap_or_default();
        assert!(words.ends_with("Choose a smaller size."), "{words}");
    }

    #[test]
    fn how_alike_the_channels_are_counts_too() {
        let plan = plan("stem=4&layers=1&width=256&expansion=1&block=basic&sa=1");
        assert_eq!(largest_activation(&plan, 16), ("self-attention".into(), 256 * 256 * 4));
    }

    #[test]
    fn the_smaller_of_the_two_limits_counts() {
        let plan = plan("stem=8,8,8&layers=1&width=8&expansion=1");
        let wide = Limits { buffer: u64::MAX, binding: 1_000 };
        assert!(memory_limit_exceeded(&plan, 32, 1, Some(wide)).is_some());
    }

    #[test]
    fn weights_may_be_the_largest() {
        let plan = plan("stem=8,8,8&layers=1,1,1,1&width=512&expansion=1&block=basic");
        // 4096 × 4096 × 3 × 3 weights and two numbers a channel in the last stage.
        let weight = (4096 * 4096 * 9 + 2 * 4096) * 4;
        assert_eq!(largest_weight(&plan), ("stages.3.0.convs.1".into(), weight));
        assert!(
            memory_limit_exceeded(&plan, 32, 2, limits(weight - 1))
                .is_some_and(|words| words.contains("weights of stages.3.0.convs.1"))
        );
        assert_eq!(memory_limit_exceeded(&plan, 32, 2, limits(weight)), None);
    }

    #[test]
    fn a_tab_holds_what_32_bits_can_address() {
        let plan = plan("stem=32,32,64&layers=3,4,6,3&width=64&expansion=4");
        assert_eq!(memory_limit_exceeded(&plan, 128, 8, None), None);
        assert!(
            memory_limit_exceeded(&plan, 224, 256, None)
                .is_some_and(|words| words.contains("4.29 GB"))
        );
    }
}
