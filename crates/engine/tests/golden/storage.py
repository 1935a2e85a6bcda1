"""Writes the fixtures: safetensors without a dependency, and compact JSON."""

import json
import struct

import torch

KINDS = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}


def write_safetensors(path, tensors):
    """An 8-byte little-endian length, a JSON header padded to 8 bytes, then the raw data in the header's order."""
    header, chunks, offset = {}, [], 0
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        data = tensor.numpy().tobytes()
        header[name] = {
            "dtype": KINDS[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for chunk in chunks:
            out.write(chunk)


def write_json(path, value):
    """Two levels are laid out one entry a line, so that a diff shows what moved; below that all is compact."""

    def text(node, depth):
        if depth and isinstance(node, dict) and node:
            pad = " " * (3 - depth)
            body = ",\n".join(f"{pad}{json.dumps(k)}: {text(v, depth - 1)}" for k, v in node.items())
            return "{\n" + body + "\n" + pad[:-1] + "}"
        return json.dumps(node, allow_nan=False)

    with open(path, "w", encoding="utf-8") as out:
        out.write(text(value, 2) + "\n")


def plain(tensor):
    """A tensor as nested lists of Python numbers."""
    return tensor.detach().tolist()
