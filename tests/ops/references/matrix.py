"""Matrix products."""

from __future__ import annotations

import numpy as np

from .table import REFERENCES, Array, reference

REFERENCES.update(
    {
        "matmul": np.matmul,
        "mm": np.matmul,
        "bmm": np.matmul,
        "mv": np.matmul,
        "dot": np.dot,
        "vdot": np.vdot,
        "inner": np.inner,
        "outer": np.outer,
        "kron": np.kron,
        "addmm": lambda x, a, b, beta=1.0, alpha=1.0: beta * x + alpha * (a @ b),
        "baddbmm": lambda x, a, b, beta=1.0, alpha=1.0: beta * x + alpha * (a @ b),
        "addbmm": lambda x, a, b, beta=1.0, alpha=1.0: beta * x + alpha * (a @ b).sum(0),
        "addmv": lambda x, a, b, beta=1.0, alpha=1.0: beta * x + alpha * (a @ b),
        "addr": lambda x, a, b, beta=1.0, alpha=1.0: beta * x + alpha * np.outer(a, b),
        "bilinear": lambda x, z, weight, bias=None: (
            np.einsum("...n,anm,...m->...a", x, weight, z) + (0 if bias is None else bias)
        ),
        "linear": lambda x, weight, bias=None: x @ weight.T + (0 if bias is None else bias),
    }
)


@reference("cdist")
def cdist(a: Array, b: Array, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Array:
    return np.asarray(np.linalg.norm(a[..., :, None, :] - b[..., None, :, :], p, axis=-1))
