"""The residual blocks, and their plain twins."""

from __future__ import annotations

from typing import Any, ClassVar

from nncore.api import InvalidValueError, Module, Tensor, as_activation, example, nn, ops
from nncore_classics.network import normalization

SEAMS: dict[str, str] = {"act": "activation", "init": "initializer", "norm": "layer"}


def conv(before: int, after: int, size: int, stride: int, init: Any, norm: Any) -> nn.Conv2d:
    """A convolution that keeps the size, up to its stride. It has a bias only where no normalization follows."""
    return nn.Conv2d(before, after, size, stride, size // 2, bias=norm is None, init=init)


def normalized(norm: Any, size: int) -> Module:
    """The normalization of so many channels; the identity for None."""
    return (normalization(norm, size) or [nn.Identity()])[0]


class _Block(Module):
    """What both blocks share: a body, something that carries the input past it, and an activation after their sum."""

    components: ClassVar = SEAMS
    expansion: ClassVar[int]
    downsample: Module | None

    def carry(self, before: int, after: int, stride: int, shortcut: str | None, init: Any, norm: Any) -> None:
        """Make the way past the body, where the body changes the shape.

        Args:
            before: Channels of the input.
            after: Channels of the output.
            stride: By how much the body shrinks the image.
            shortcut: `"projection"` for a 1x1 convolution (option B), `"padding"` for zeros in the new channels (option
                A), None for no way past at all: a plain network.
            init: Initializer of the projection.
            norm: Layer after the projection.
        """
        if shortcut not in ("projection", "padding", None):
            raise InvalidValueError(f"shortcut is 'projection', 'padding' or None, got {shortcut!r}")
        self.shortcut = shortcut
        self.stride = stride
        self.added = after - before
        changes = stride != 1 or before != after
        self.downsample = (
            nn.Sequential(conv(before, after, 1, stride, init, norm), normalized(norm, after))
            if shortcut == "projection" and changes
            else None
        )

    def body(self, input: Tensor) -> Tensor:
        """What is learnt besides the input."""
        raise NotImplementedError

    def forward(self, input: Tensor) -> Tensor:
        output = self.body(input)
        if self.downsample is not None:
            output = output + self.downsample(input)
        elif self.shortcut is not None:
            output = output + self.padded(input)
        result: Tensor = self.act(output)
        return result

    def padded(self, input: Tensor) -> Tensor:
        """The input at every `stride`-th place, with zeros in the channels that it has not."""
        if self.stride != 1:
            input = input[:, :, :: self.stride, :: self.stride]
        return ops.pad(input, (0, 0, 0, 0, 0, self.added)) if self.added else input


@example(config={"before": 3, "planes": 4, "stride": 2}, inputs=[(2, 3, 6, 6)], output=(2, 4, 3, 3))
@example(
    config={"before": 3, "planes": 6, "stride": 2, "shortcut": "padding"}, inputs=[(2, 3, 5, 5)], output=(2, 6, 3, 3)
)
class BasicBlock(_Block):
    """Two 3x3 convolutions and the input: `act(x + norm(conv(act(norm(conv(x))))))`.

    Args:
        before: Channels of the input.
        planes: Channels of the output.
        stride: Step of the first convolution.
        act: Activation. What it learns is the block's, at all its places.
        norm: Layer after each convolution.
        init: Initializer of the weights. Default: `he_normal` by fan_out.
        shortcut: How the input gets past a change of shape: `"projection"` (option B), `"padding"` with zeros (option A),
            or None for a plain block without a way past.

    Shape: `(N, before, H, W)` to `(N, planes, ceil(H/stride), ceil(W/stride))`.
    Source: He and others 2016, figure 5, left.
    """

    expansion = 1

    def __init__(
        self,
        before: int,
        planes: int,
        stride: int = 1,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str | None = "projection",
    ) -> None:
        super().__init__()
        init = he(init)
        self.conv1 = conv(before, planes, 3, stride, init, norm)
        self.bn1 = normalized(norm, planes)
        self.act = as_activation(act)
        self.conv2 = conv(planes, planes, 3, 1, init, norm)
        self.bn2 = normalized(norm, planes)
        self.carry(before, planes, stride, shortcut, init, norm)

    def body(self, input: Tensor) -> Tensor:
        output: Tensor = self.bn2(self.conv2(self.act(self.bn1(self.conv1(input)))))
        return output


@example(config={"before": 4, "planes": 2, "stride": 2}, inputs=[(2, 4, 6, 6)], output=(2, 8, 3, 3))
@example(config={"before": 8, "planes": 2, "first": True}, inputs=[(2, 8, 3, 3)], output=(2, 8, 3, 3))
class Bottleneck(_Block):
    """A 1x1, a 3x3 and a 1x1 convolution and the input; the last has four times as many channels.

    Args:
        before: Channels of the input.
        planes: Channels inside; the output has four times as many.
        stride: Step of the 3x3 convolution.
        act: Activation. What it learns is the block's, at all its places.
        norm: Layer after each convolution.
        init: Initializer of the weights. Default: `he_normal` by fan_out.
        shortcut: As in `BasicBlock`.
        first: Whether the first 1x1 convolution takes the stride, as in the paper ("v1"), and not the 3x3 one ("v1.5").

    Shape: `(N, before, H, W)` to `(N, 4·planes, ceil(H/stride), ceil(W/stride))`.
    Source: He and others 2016, figure 5, right; the place of the stride by Gross and Wilber 2016.
    """

    expansion = 4

    def __init__(
        self,
        before: int,
        planes: int,
        stride: int = 1,
        act: Any = "relu",
        norm: Any = "batch_norm2d",
        init: Any = None,
        shortcut: str | None = "projection",
        first: bool = False,
    ) -> None:
        super().__init__()
        init = he(init)
        after = self.expansion * planes
        self.conv1 = conv(before, planes, 1, stride if first else 1, init, norm)
        self.bn1 = normalized(norm, planes)
        self.act = as_activation(act)
        self.conv2 = conv(planes, planes, 3, 1 if first else stride, init, norm)
        self.bn2 = normalized(norm, planes)
        self.conv3 = conv(planes, after, 1, 1, init, norm)
        self.bn3 = normalized(norm, after)
        self.carry(before, after, stride, shortcut, init, norm)

    def body(self, input: Tensor) -> Tensor:
        input = self.act(self.bn1(self.conv1(input)))
        input = self.act(self.bn2(self.conv2(input)))
        output: Tensor = self.bn3(self.conv3(input))
        return output


def he(init: Any) -> Any:
    """The initializer given, or the one of the residual networks."""
    return {"name": "he_normal", "mode": "fan_out"} if init is None else init
