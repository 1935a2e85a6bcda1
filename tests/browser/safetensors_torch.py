"""A stand-in for the package safetensors.torch, which Debian does not have: what the snippet imports, and the way back."""

import json
import struct

import torch

KINDS = {"F32": torch.float32, "F16": torch.float16, "I64": torch.int64}


def load_file(path):
    with open(path, "rb") as file:
        raw = file.read()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    out = {}
    for name, entry in json.loads(raw[8:start]).items():
        if name != "__metadata__":
            a, b = entry["data_offsets"]
            part = bytearray(raw[start + a : start + b])
            out[name] = torch.frombuffer(part, dtype=KINDS[entry["dtype"]]).reshape(entry["shape"])
    return out


def save_file(tensors, path):
    names = {kind: name for name, kind in KINDS.items()}
    header, body = {}, b""
    for name, tensor in tensors.items():
        data = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": names[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)
