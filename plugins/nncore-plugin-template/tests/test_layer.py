"""The layer is its formula, and is found by its name."""

import numpy as np

import nncore as nc

rng = np.random.default_rng(0)


def test_it_is_its_formula() -> None:
    layer = nc.registry.layers["nncore-plugin-template/gated_linear"](3, 2)
    x = rng.standard_normal((4, 3)).astype(np.float32)
    value, gate = (p.detach().numpy() for p in (layer.value, layer.gate))
    expected = (x @ value.T) / (1 + np.exp(-(x @ gate.T)))
    np.testing.assert_allclose(layer(nc.tensor(x)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
