"""What keeps weights small: penalties in the objective, bounds of their norms, and weight decay for some of them.

    >>> import nncore as nc
    >>> model = nc.create("mlp", sizes=[784, 100, 10], seed=0)
    >>> penalty = nc.regularization.L2(1e-4)
    >>> trainer = nc.Trainer(model, penalty=penalty, constraint=nc.regularization.MaxNorm(3.0), seed=0)

Label smoothing is an argument of `nn.CrossEntropyLoss`; dropout is a layer.
"""

from nncore.regularization.constraints import MaxNorm, make_constraint
from nncore.regularization.decay import decay_groups
from nncore.regularization.penalties import L1, L2, ElasticNet, Penalty, make_penalty

__all__ = ["L1", "L2", "ElasticNet", "MaxNorm", "Penalty", "decay_groups", "make_constraint", "make_penalty"]
