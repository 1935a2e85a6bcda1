#!/usr/bin/env bash
# Breaks the engine (as committed) in one place at a time and asks the golden tests to notice.
#
#   tests/golden/mutants.sh [DRY]      with DRY it only shows that every change can be made
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=${RESNETTE_MUTANTS:-${TMPDIR:-/tmp}/resnette-mutants}
mkdir -p "$copy"
git -C "$root" archive HEAD | tar -x -C "$copy"

# name | file | what stands there | what stands there instead
mutants='
epsilon of the norm | src/model/batch_norm.rs | EPSILON: f64 = 1e-5 | EPSILON: f64 = 1e-3
momentum of the norm | src/model/batch_norm.rs | MOMENTUM: f64 = 0.1 | MOMENTUM: f64 = 0.9
biased running variance | src/model/batch_norm.rs | batch.variance, unbiased, | batch.variance, 1.0,
epsilon of Adam | src/train/adam.rs | EPS: f64 = 1e-5 | EPS: f64 = 1e-4
second beta | src/train/adam.rs | SQR_MOM: f64 = 0.99 | SQR_MOM: f64 = 0.999
no bias correction | src/train/adam.rs | 1.0 - mom.powi(steps) | 1.0
undampened average | src/train/adam.rs | mul_scalar(1.0 - mom) | mul_scalar(1.0)
decay of norms and biases | src/train/adam.rs | if D > 1 \&\& self.adam.wd | if self.adam.wd
no decay at all | src/train/adam.rs | 1.0 - lr \* self.adam.wd | 1.0
momentum the wrong way round | src/train/schedule.rs | MOMS: \[f64; 3\] = \[0.95, 0.85, 0.95\] | MOMS: [f64; 3] = [0.85, 0.95, 0.85]
rise of 30 % | src/train/schedule.rs | RISE: f64 = 0.25 | RISE: f64 = 0.3
smoothing that forgets the classes | src/train/loss.rs | (eps / classes as f64) as f32 | eps as f32
Mixup with the shares swapped | src/train/loss.rs | += lam \* peak | += (1.0 - lam) * peak
ReLU before the sum | src/model/res_block.rs | residual + self.identity(input) | relu(residual) + self.identity(input)
pool that counts its padding | src/model/res_block.rs | with_ceil_mode(true) | with_ceil_mode(false)
gamma that starts at 1 | src/model/summary.rs | zero_gamma: last \&\& skip | zero_gamma: false
stride in the first 1×1 | src/model/summary.rs | conv(ni, inner, 1, 1, false), conv(inner, inner, 3, stride, false) | conv(ni, inner, 1, stride, false), conv(inner, inner, 3, 1, false)
bias of the norm at 0 | src/model/batch_norm.rs | constant(channels, 1e-3) | constant(channels, 0.0)
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
    elif ! (cd "$copy" && cargo test --quiet --locked --test golden --no-run) > "$copy/mutant.log" 2>&1; then echo "BROKEN  $name does not compile"; missed=1
    elif (cd "$copy" && cargo test --quiet --locked --test golden) > "$copy/mutant.log" 2>&1; then echo "MISSED  $name"; missed=1
    else echo "caught  $name: $(grep -c '^    [a-z_]*::' "$copy/mutant.log" || true) tests"; fi
    cp "$copy/whole.rs" "$copy/$file"
done <<< "$mutants"
exit $missed
