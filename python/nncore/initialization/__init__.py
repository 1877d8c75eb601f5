"""How a model's parameters begin: what was drawn and from what, and weights that are fitted to data.

    >>> import nncore as nc
    >>> model = nc.create("mlp", sizes=[784, 100, 10], init="he_normal", seed=0)
    >>> print(nc.initialization.report(model).rows[0].formula)
    N(0, 2/fan_in)

The initializers themselves are components: `nncore.registry.initializers` lists them.
"""

from nncore.initialization.reporting import Report, Row, formula, gain, report
from nncore.initialization.scaling import Scaled, lsuv

__all__ = ["Report", "Row", "Scaled", "formula", "gain", "lsuv", "report"]
