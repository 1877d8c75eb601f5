"""A model of the architecture survives a file."""

from pathlib import Path

import numpy as np

import nncore as nc


def test_it_survives_a_file(tmp_path: Path) -> None:
    model = nc.create("nncore-plugin-template/gated_mlp", in_features=6, hidden=5, num_classes=3, seed=0)
    nc.save(model, tmp_path / "model.safetensors")
    again = nc.load(tmp_path / "model.safetensors")
    x = nc.tensor(np.random.default_rng(0).standard_normal((4, 2, 3)).astype(np.float32))
    np.testing.assert_array_equal(model(x).detach().numpy(), again(x).detach().numpy())
