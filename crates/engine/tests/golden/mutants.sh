#!/usr/bin/env bash
# Breaks the engine (as committed) in one place at a time and asks the golden tests to notice.
#
#   crates/engine/tests/golden/mutants.sh [DRY]      with DRY it only shows that every change can be made
set -euo pipefail
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
copy=${RESNETTE_MUTANTS:-${TMPDIR:-/tmp}/resnette-mutants}
mkdir -p "$copy"
git -C "$root" archive HEAD | tar -x -C "$copy"

# name | file | what stands there | what stands there instead
mutants='
epsilon of the norm | crates/engine/src/model/batch_norm.rs | EPSILON: f64 = 1e-5 | EPSILON: f64 = 1e-3
momentum of the norm | crates/engine/src/model/batch_norm.rs | MOMENTUM: f64 = 0.1 | MOMENTUM: f64 = 0.9
biased running variance | crates/engine/src/model/batch_norm.rs | batch.variance, unbiased, | batch.variance, 1.0,
epsilon of Adam | crates/engine/src/train/adam/mod.rs | EPS: f64 = 1e-5 | EPS: f64 = 1e-4
second beta | crates/engine/src/train/adam/mod.rs | SQR_MOM: f64 = 0.99 | SQR_MOM: f64 = 0.999
no bias correction | crates/kernels/src/cpu/adam.rs | -lr / (1.0 - mom.powi(steps)) | -lr
undampened average | crates/kernels/src/cpu/adam.rs | ^            1.0 - mom, | 1.0,
decay of norms and biases | crates/engine/src/train/adam/mod.rs | if rank > 1 { self.wd } else { 0.0 } | self.wd + 0.0 * rank as f64
no decay at all | crates/engine/src/train/adam/mod.rs | if rank > 1 { self.wd } else { 0.0 } | 0.0 * rank as f64
momentum the wrong way round | crates/spec/src/schedule.rs | MOMS: \[f64; 3\] = \[0.95, 0.85, 0.95\] | MOMS: [f64; 3] = [0.85, 0.95, 0.85]
rise of 30 % | crates/spec/src/schedule.rs | ONE_CYCLE_PCT_START: f64 = 0.25 | ONE_CYCLE_PCT_START: f64 = 0.3
smoothing that forgets the classes | crates/engine/src/train/loss.rs | (eps / classes as f64) as f32 | eps as f32
Mixup with the shares swapped | crates/engine/src/train/loss.rs | += lam \* peak | += (1.0 - lam) * peak
ReLU before the sum | crates/engine/src/model/res_block.rs | last.forward_with_residual(x, identity, Some(self.act())) | match identity { Some(identity) => last.forward_with_residual(x, None, Some(self.act())) + identity, None => last.forward_with_residual(x, None, Some(self.act())) }
squeeze-and-excitation without its sigmoid | crates/engine/src/model/squeeze.rs | = sigmoid(self.excite | = relu(self.excite
self-attention without the step of its directions | crates/engine/src/model/attention.rs | self.conv.follow_weight(); | ();
pool that counts its padding | crates/engine/src/model/res_block.rs | with_ceil_mode(true) | with_ceil_mode(false)
gamma that starts at 1 | crates/spec/src/architecture/chapter.rs | zero_gamma: index == last \&\& skip | zero_gamma: false
stride in the first 1×1 | crates/spec/src/architecture/chapter.rs | ConvSpec::new(ni, inner, 1, 1) | ConvSpec::new(ni, inner, 1, stride)
bias of the norm at 0 | crates/engine/src/model/batch_norm.rs | constant(channels, 1e-3) | constant(channels, 0.0)
'

missed=0
while IFS='|' read -r name file from to; do
    name=$(echo "$name" | sed 's/^ *//; s/ *$//'); file=$(echo "$file" | tr -d ' ')
    from=${from# }; from=${from% }; to=${to# }
    [ -n "$name" ] || continue
    cp "$copy/$file" "$copy/whole.rs"
    sed "s|$from|$to|" "$copy/whole.rs" > "$copy/$file"
    if cmp -s "$copy/whole.rs" "$copy/$file"; then echo "STALE   $name: $file has changed"; missed=1
    elif [ "${1:-}" = DRY ]; then echo "applies $name"
    elif ! (cd "$copy" && cargo test --quiet --locked -p resnette-engine --test golden --no-run) > "$copy/mutant.log" 2>&1; then echo "BROKEN  $name does not compile"; missed=1
    elif (cd "$copy" && cargo test --quiet --locked -p resnette-engine --test golden) > "$copy/mutant.log" 2>&1; then echo "MISSED  $name"; missed=1
    else echo "caught  $name: $(grep -c '^    [a-z_]*::' "$copy/mutant.log" || true) tests"; fi
    cp "$copy/whole.rs" "$copy/$file"
done <<< "$mutants"
exit $missed
