//! What the tiles cost on each GPU, computed from the code's own tiles: units, registers, memory
//! and dispatches of a training step. A model, which stands for no measurement; its test prints it
//! (`cargo test -p resnette-kernels a_step -- --nocapture`).
//!
//! The network is *basic* of `docs/benchmarks.md`: 64 pixels, a batch of 16, stem 8, 8, 16, and
//! four basic blocks of width 16, 32, 64 and 128.

use crate::chip::{CHIPS, Chip, SOFTWARE};
use crate::tiles::{GemmTile, WeightGradTile};

/// Batch size.
const BATCH: usize = 16;
/// Output and input channels, side of the filter, stride, and side of the output.
const LAYERS: [[usize; 5]; 14] = [
    [8, 3, 3, 2, 32],
    [8, 8, 3, 1, 32],
    [16, 8, 3, 1, 32],
    [16, 16, 3, 1, 16],
    [16, 16, 3, 1, 16],
    [32, 16, 3, 2, 8],
    [32, 32, 3, 1, 8],
    [32, 16, 1, 1, 8],
    [64, 32, 3, 2, 4],
    [64, 64, 3, 1, 4],
    [64, 32, 1, 1, 4],
    [128, 64, 3, 2, 2],
    [128, 128, 3, 1, 2],
    [128, 64, 1, 1, 2],
];

/// One kernel, or several together.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    /// Units that have work.
    units: usize,
    /// Registers of a unit: sums, numbers that were fetched, addresses.
    registers: usize,
    /// Multiply-adds of all units.
    products: usize,
    /// Numbers that all units fetch, caches aside.
    loads: usize,
    /// Bytes of partial sums that are written.
    partial_bytes: usize,
    /// Dispatches.
    dispatches: usize,
}

/// The forward pass, or if `transposed` the gradient of the input.
fn product(chip: Chip, layer: [usize; 5], transposed: bool) -> Cost {
    let [co, ci, ks, stride, side] = layer;
    let (rows, inner) = if transposed { (ci, co) } else { (co, ci) };
    let (height, phases) = if transposed { (side * stride, stride) } else { (side, 1) };
    let columns = BATCH * height.div_ceil(phases);
    let tile = GemmTile::new(chip, rows, height, columns, phases, ks * ks);
    // The window of the source that a tile sees, along one axis (`GemmShape::extent`).
    let pad = (ks - 1) / 2;
    let extent = |pixels: usize| {
        if transposed {
            (pixels - 1 + pad) / stride + (ks - 1 - pad) / stride + 1
        } else {
            (pixels - 1) * stride + ks
        }
    };
    let (window_h, window_w) = (extent(tile.pixels), extent(phases));
    let units = columns * height.div_ceil(tile.pixels) * rows.div_ceil(tile.rows);
    // With a stride each pixel of the input meets only some of the taps.
    let phases_of_taps = if transposed { stride * stride } else { 1 };
    // Where each row of weights starts is the same for all units of a cube if its rows are uniform,
    // and then it takes no register of each.
    let row_starts = if chip.uniform_rows { 0 } else { 2 * tile.rows };
    Cost {
        units,
        registers: tile.pixels * phases * tile.rows
            + window_h
            + 4
            + row_starts
            + 2 * window_h
            + window_w,
        products: units * inner * tile.pixels * phases * tile.rows * ks * ks / phases_of_taps,
        loads: units * inner * (window_h * window_w + tile.rows * ks * ks),
        partial_bytes: 0,
        dispatches: 1,
    }
}

/// The gradient of the weight, with the sum of its partial sums.
fn weight_gradient(chip: Chip, [rows, inner, ks, stride, side]: [usize; 5]) -> Cost {
    let tile = WeightGradTile::new(chip, rows, inner, ks, side, BATCH * side);
    let strips = BATCH * side * side.div_ceil(tile.pixels);
    let window_h = (tile.pixels - 1) * stride + ks;
    let summed = tile.partials > 1;
    Cost {
        units: tile.tiles * tile.partials,
        registers: tile.rows * tile.inner * ks
            + tile.rows * tile.pixels
            + 2 * window_h
            + tile.inner
            + tile.rows,
        products: tile.tiles * strips * tile.rows * tile.inner * ks * tile.pixels,
        loads: tile.tiles * strips * (tile.rows * tile.pixels + tile.inner * window_h),
        partial_bytes: if summed { 4 * rows * inner * ks * ks * tile.partials } else { 0 },
        dispatches: if summed { 2 } else { 1 },
    }
}

/// The forward passes and the gradients of inputs, of which the first layer has none.
fn products(chip: Chip) -> Vec<Cost> {
    let forward = LAYERS.map(|layer| product(chip, layer, false));
    let backward = LAYERS.into_iter().skip(1).map(|layer| product(chip, layer, true));
    forward.into_iter().chain(backward).collect()
}

/// The gradients of the weights.
fn weight_gradients(chip: Chip) -> Vec<Cost> {
    LAYERS.map(|layer| weight_gradient(chip, layer)).to_vec()
}

/// The costs of several kernels together; of registers, the most.
fn together(costs: &[Cost]) -> Cost {
    costs.iter().fold(Cost::default(), |sum, cost| Cost {
        units: sum.units + cost.units,
        registers: sum.registers.max(cost.registers),
        products: sum.products + cost.products,
        loads: sum.loads + cost.loads,
        partial_bytes: sum.partial_bytes + cost.partial_bytes,
        dispatches: sum.dispatches + cost.dispatches,
    })
}

/// Units of the kernel that has the fewest, of the one in the middle, and of the one with the most.
fn units(costs: &[Cost]) -> [usize; 3] {
    let mut units: Vec<usize> = costs.iter().map(|cost| cost.units).collect();
    units.sort_unstable();
    [units[0], units[units.len() / 2], units[units.len() - 1]]
}

/// Registers of a unit, as [`crate::chip`] has them: what a tile takes must fit, or it is spilt.
fn registers(chip: Chip) -> usize {
    match chip.name {
        "software" | "nvidia-amd" => 255,
        "apple-xe2" | "intel-adreno" => 128,
        _ => 64,
    }
}

#[test]
fn a_step_has_the_units_registers_and_dispatches_of_the_table() {
    println!(
        "| chip | units of products | of weight gradients | registers | multiply-adds a load \
         | MB of partial sums | dispatches |"
    );
    for chip in CHIPS {
        let [products, weights] = [products(chip), weight_gradients(chip)];
        let [product, weight] = [&products, &weights].map(|costs| together(costs));
        println!(
            "| {chip} | {:?} | {:?} | {} and {} | {:.1} and {:.1} | {:.1} | {} |",
            units(&products),
            units(&weights),
            product.registers,
            weight.registers,
            product.products as f64 / product.loads as f64,
            weight.products as f64 / weight.loads as f64,
            weight.partial_bytes as f64 / 1e6,
            product.dispatches + weight.dispatches
        );
        assert!(product.registers.max(weight.registers) <= registers(chip), "{chip}");
        assert_eq!(product.dispatches, 27, "{chip}");
        // A kernel in the middle has the units that the GPU wants, or half of them: the last
        // layers are too small.
        assert!(units(&products)[1] >= chip.units / 2, "{chip}");
    }
}

/// The counts of `docs/benchmarks.md`: 27 products, 14 weight gradients, of which 8 have partial
/// sums to add up.
#[test]
fn on_a_software_adapter_they_are_those_that_were_counted() {
    let [products, weights] = [products(SOFTWARE), weight_gradients(SOFTWARE)];
    assert_eq!(units(&products)[..2], [512, 512]);
    assert_eq!(together(&products).dispatches, 27);
    assert_eq!(together(&weights).dispatches, 14 + 8);
    // A multiply-add counts twice and the backward pass as two forward passes: 0.57 GFLOP.
    let forward: usize = LAYERS
        .into_iter()
        .map(|[rows, inner, ks, _, side]| rows * inner * ks * ks * side * side * BATCH)
        .sum();
    assert_eq!(6 * forward, 568_590_336);
    // All tiles of the weights' gradients are full.
    assert_eq!(together(&weights).products, forward);
}

/// Smaller tiles fetch more, and that is the price of not being spilt.
#[test]
fn fewer_registers_mean_more_loads() {
    let loads: Vec<usize> = CHIPS.map(|chip| together(&weight_gradients(chip)).loads).to_vec();
    // NVIDIA and AMD have the tiles of software adapters here, and more units.
    assert_eq!(loads[0], loads[1]);
    assert!(loads[1..].is_sorted(), "{loads:?}");
}
