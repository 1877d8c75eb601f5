"""Several modules side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from nncore.api import InvalidValueError, Module, ShapeError, Tensor, example, nn, ops
from nncore.builtin.layers._chain import chain
from nncore.builtin.layers._checks import choice


@example(
    config=lambda: {
        "branches": [{"one": nn.Conv2d(2, 3, 1), "three": [nn.Conv2d(2, 1, 1), nn.Conv2d(1, 2, 3, padding=1)]}]
    },
    inputs=[(1, 2, 3, 3)],
    output=(1, 5, 3, 3),
)
@example(
    config=lambda: {"branches": [nn.Linear(3, 2), nn.Linear(3, 2, act="tanh")], "join": "sum"},
    inputs=[(4, 3)],
    output=(4, 2),
)
class Branches(Module):
    """Calls modules side by side with the same input, and joins their outputs: `y = concat(b1(x), b2(x), …)`.

        nn.Branches(nn.Conv2d(8, 4, 1), [nn.Conv2d(8, 2, 1), nn.Conv2d(2, 4, 3, padding=1)])
        nn.Branches({"small": nn.Conv2d(8, 4, 1), "large": nn.Conv2d(8, 4, 5, padding=2)})

    Args:
        *branches: Modules, or what makes one; a list is called one after the other. Or one mapping from names to such;
            otherwise the names are "0", "1" and so on.
        join: `"concat"` puts the outputs one behind the other, `"sum"` adds them up.
        dim: The dimension along which outputs are put behind each other.

    Shape: what the branches take and give. Their outputs differ at most in `dim`, with `"sum"` in nothing.

    Raises:
        InvalidValueError: No branch, or an unknown way to join.
        ShapeError: Outputs that do not go together.

    Source: Szegedy and others 2015, section 4 (inception).

    Example:
        >>> from nncore import nn, ones
        >>> nn.Branches(nn.Conv2d(8, 4, 1), nn.Conv2d(8, 6, 3, padding=1))(ones((2, 8, 5, 5))).shape
        (2, 10, 5, 5)
    """

    def __init__(self, *branches: Any, join: Literal["concat", "sum"] = "concat", dim: int = 1) -> None:
        super().__init__()
        self.join = choice(self, "join", join, ("concat", "sum"))
        self.dim = dim
        named = branches[0] if len(branches) == 1 and isinstance(branches[0], Mapping) else None
        if named is None or "name" in named:
            named = {str(at): branch for at, branch in enumerate(branches)}
        if not named:
            raise InvalidValueError("Branches: give at least one branch")
        for name, branch in named.items():
            self.add_module(name, chain(branch))

    def arguments(self) -> dict[str, Any]:
        """Its present branches, since others may have been put in their places."""
        return {"branches": [dict(self._modules)], "join": self.join, "dim": self.dim}

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(list(self._modules.values()))

    def forward(self, input: Any) -> Tensor:
        outputs: list[Tensor] = [branch(input) for branch in self._modules.values()]
        if self.join == "concat":
            return ops.cat(outputs, self.dim)
        total = outputs[0]
        for output in outputs[1:]:
            if output.shape != total.shape:
                raise ShapeError(
                    "Branches: outputs that are added up have one shape", shapes=[output.shape for output in outputs]
                )
            total = total + output
        return total
