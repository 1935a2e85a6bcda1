"""PyTorch and the engine on the same machine, in turns, so that whatever else runs there slows both.

`python3 crates/engine/tests/golden/side_by_side.py PATH/TO/resnette [ROUNDS]` prints a table of milliseconds a step (median over the rounds) and the
ratio, by wall clock and by processor time; on a busy machine only the second means much.
"""

import json
import os
import statistics
import subprocess
import sys

import torch

from bench_torch import NETS, measure

STEPS = 6
SETTINGS = {
    "basic": "layers=1,1,1,1&block=basic&width=16&expansion=1&stem=8,8,16&bs=16",
    "bottleneck": "layers=1,1,1,1&block=bottleneck&width=16&expansion=4&stem=8,8,16&bs=8",
    "reference_2222_x1": "layers=2,2,2,2&block=bottleneck&width=32&expansion=1&stem=16,16,32&bs=64",
    "reference_1111_x4": "layers=1,1,1,1&block=bottleneck&width=32&expansion=4&stem=16,16,32&bs=64",
}


def flex(program, settings, threads):
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    command = [program, "bench", f"#size=64&smoothing=0&{settings}", "--steps", str(STEPS), "--json"]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


def pytorch(name, threads):
    torch.set_num_threads(threads)
    batch, build = NETS[name]
    return measure(build, batch, STEPS)


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print("| network | threads | Flex | PyTorch | ratio | Flex, processor | PyTorch, processor | ratio |")
    print("|--|--|--|--|--|--|--|--|")
    for name, settings in SETTINGS.items():
        for threads in (1, 2):
            pairs = [(flex(program, settings, threads), pytorch(name, threads)) for _ in range(rounds)]
            cells = []
            for key in ("median_ms", "cpu_ms"):
                ours, theirs = (statistics.median(pair[side][key] for pair in pairs) for side in (0, 1))
                cells += [f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.2f}"]
            print(f"| {name} | {threads} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
