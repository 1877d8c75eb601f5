"""The constraints of `nncore.regularization`, sorted by name: name, class, what holds after each step."""

from nncore.api import ConstraintSpec

CONSTRAINTS = [
    ConstraintSpec(
        name="max_norm",
        target="nncore.regularization.constraints:MaxNorm",
        summary="No unit's weights are longer than c",
    ),
]
