"""Random draws are functions of the generator's state alone, and captured steps go on drawing."""

from __future__ import annotations

import numpy as np

from nncore import _core as nc


def test_a_seed_gives_the_same_numbers() -> None:
    nc.manual_seed(7)
    a, b = nc.randn(1000), nc.rand(1000)
    nc.manual_seed(7)
    np.testing.assert_array_equal(nc.randn(1000).numpy(), a.numpy())
    np.testing.assert_array_equal(nc.rand(1000).numpy(), b.numpy())
    assert nc.default_generator().tolist() == [7, 2]
    assert (nc.rand(1000).numpy() != b.numpy()).mean() > 0.99
    own = nc.generator(7)
    np.testing.assert_array_equal(nc.randn(1000, generator=own).numpy(), a.numpy())
    assert nc.default_generator().tolist() == [7, 3] and own.tolist() == [7, 1]


def test_the_numbers_are_what_they_are_called() -> None:
    g = nc.generator(0)
    u, z = nc.rand(200_000, generator=g, dtype="float64").numpy(), nc.randn(200_000, generator=g).numpy()
    # Ten standard errors each.
    assert abs(u.mean() - 0.5) < 0.0065 and abs(u.var() - 1 / 12) < 0.002 and u.min() >= 0 and u.max() < 1
    assert abs(z.mean()) < 0.023 and abs(z.std() - 1) < 0.016
    assert nc.rand(2, 3).shape == (2, 3) and nc.randn((4,)).dtype == nc.float32
    assert (
        nc.randn_like(nc.zeros(2, dtype="float64")).dtype == nc.float64
        and nc.rand_like(u_ := nc.ones(3)).shape == u_.shape
    )
    assert nc.randn(2, requires_grad=True).requires_grad


def test_a_captured_step_goes_on_drawing() -> None:
    nc.manual_seed(3)
    eager = [nc.rand(4).tolist() for _ in range(4)]
    nc.manual_seed(3)
    (first,), program = nc.record(lambda: nc.rand(4), [])
    assert [first.tolist(), program()[0].tolist(), nc.rand(4).tolist(), program()[0].tolist()] == eager
    nc.manual_seed(3)
    assert program()[0].tolist() == eager[0]
