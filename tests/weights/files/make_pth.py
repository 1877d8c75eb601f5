"""Make the files beside this one. It needs PyTorch, which the tests do not: they know what is in the files.

python tests/weights/files/make_pth.py
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

HERE = Path(__file__).parent


def tensors() -> dict[str, torch.Tensor]:
    """One of each element, and views of all kinds; `test_weights_pytorch.py` has the same in NumPy."""
    base = torch.arange(48, dtype=torch.float32).reshape(6, 8)
    tagged = torch.ones(2)
    tagged.tag = 1  # type: ignore[attr-defined]
    return {
        "float32": base,
        "float64": torch.arange(6, dtype=torch.float64) / 3,
        "float16": torch.arange(-4, 4).to(torch.float16) / 16,
        "bfloat16": torch.tensor([1.0, -2.5, float("inf"), float("nan"), -0.0, 2.0**-130], dtype=torch.bfloat16),
        "int64": torch.tensor([-(2**62), 5]),
        "int32": torch.tensor([-7, 7], dtype=torch.int32),
        "int16": torch.tensor([-300, 300], dtype=torch.int16),
        "int8": torch.tensor([-128, 127], dtype=torch.int8),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "uint16": torch.tensor([1, 65535], dtype=torch.uint16),
        "uint32": torch.tensor([1, 2**32 - 1], dtype=torch.uint32),
        "bool": torch.tensor([True, False, True]),
        "strided": base[1:5:2, ::3],
        "transposed": base.T,
        "tied": base,
        "expanded": torch.ones(1).expand(4, 5),
        "channels_last": torch.arange(120.0).reshape(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "scalar": torch.tensor(3.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.full((2, 2), 0.25)),
        "buffer": torch.nn.Buffer(torch.ones(2)),
        "tagged": tagged,
    }


def main() -> None:
    torch.save(tensors(), HERE / "tensors.pth")
    torch.save(tensors(), HERE / "tensors_old.pth", _use_new_zipfile_serialization=False)
    torch.save(tensors(), HERE / "tensors_protocol4.pth", pickle_protocol=4)

    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    with torch.no_grad():
        for number, parameter in enumerate(net.parameters()):
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) + 10.0 * number)
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 2)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        for number, parameter in enumerate(net.parameters()):
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) + 10.0 * number)
    checkpoint = {
        "epoch": 3,
        "model": net.state_dict(),
        "ema": {"shadow": {name: 2 * value for name, value in net.state_dict().items()}},
        "optimizer": optimizer.state_dict(),
        "rng": torch.arange(4, dtype=torch.uint8),
        "args": {"lr": 0.1, "sizes": (1, 2), "on": torch.device("cuda", 0), "raw": b"\xff", "tags": {"a"}, "no": None},
    }
    torch.save(checkpoint, HERE / "checkpoint.pth")
    torch.save(checkpoint, HERE / "checkpoint_old.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.DataParallel(net).state_dict(), HERE / "parallel.pth")
    torch.save(net, HERE / "whole.pth")
    torch.save({"w": torch.ones(2), "z": torch.ones(2, dtype=torch.complex64)}, HERE / "complex.pth")

    state = net.state_dict()
    parts = {"pytorch_model-00001-of-00002.bin": list(state)[:3], "pytorch_model-00002-of-00002.bin": list(state)[3:]}
    folder = HERE / "parts"
    folder.mkdir(exist_ok=True)
    for part, names in parts.items():
        torch.save({name: state[name] for name in names}, folder / part)
    places = {name: part for part, names in parts.items() for name in names}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}, indent=2))


if __name__ == "__main__":
    main()
