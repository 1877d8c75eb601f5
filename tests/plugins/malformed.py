"""Nine malformed plugins, each with one fault, and two good ones. `install` of conftest.py takes them."""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = '"""A component."""\nimport numpy as np\nfrom nncore.api import Module, Parameter, custom_op, example, ops, reduce, zeros\n'


@dataclass
class Malformed:
    """A plugin, and how the kit must find its fault: which check fails, saying what, with a hint of what."""

    body: str
    files: dict[str, str] = field(default_factory=dict)
    check: str = ""
    says: str = ""
    hint: str = ""

    def install(self, install: object, name: str) -> str:
        """Install it under this name."""
        files = {file: HEAD + text for file, text in self.files.items()}
        return install(name, self.body, files=files)  # type: ignore[operator,no-any-return]


def _one(kind: str, name: str, target: str) -> str:
    plural = "losses" if kind == "loss" else f"{kind}s"
    return f"""
@hookimpl
def nncore_{plural}():
    yield {kind.title()}Spec(name="{name}", target="{target}", summary="One")
"""


ACT = '''
def act(input):
    """x + 1, elementwise."""
    return input + 1.0
'''

MALFORMED: dict[str, Malformed] = {
    "raises-on-import": Malformed(
        "raise RuntimeError('no licence found')", {}, "import", "no licence found", "by itself"
    ),
    "wrong-record": Malformed(
        "@hookimpl\ndef nncore_layers():\n    yield {'name': 'layer'}",
        {},
        "registration",
        "must yield LayerSpecs, but it yielded {'name': 'layer'}",
        "@hookimpl",
    ),
    "name-clash": Malformed(
        _one("activation", "act", "nncore_name_clash.act:act").replace(
            "\n    yield", '\n    yield ActivationSpec(name="act", target="nncore_name_clash.other:act")\n    yield'
        ),
        {"act.py": ACT, "other.py": ACT},
        "registration",
        "two components of nncore-name-clash are called 'act'",
        "each name once",
    ),
    "missing-target": Malformed(
        _one("activation", "act", "nncore_missing_target.act:acd"),
        {"act.py": ACT},
        "load",
        "has no attribute 'acd'. Did you mean 'act'?",
        "target",
    ),
    "wrong-sign": Malformed(
        _one("activation", "act", "nncore_wrong_sign.act:act"),
        {
            "act.py": '''
@custom_op
def act(input):
    """x², elementwise."""
    return input * input

@act.backward
def back(ctx, grad):
    return grad * ctx.inputs[0] * -2.0
'''
        },
        "gradient",
        "differences say",
        "backward",
    ),
    "missing-mean": Malformed(
        _one("loss", "square", "nncore_missing_mean.loss:square"),
        {
            "loss.py": '''
def square(output, target, *, reduction="mean"):
    """(output - target)². Shape: both alike."""
    each = (output - target) * (output - target)
    if reduction == "mean":
        return each.sum() / each.shape[0]
    return reduce(each, reduction)
'''
        },
        "reduction",
        "3 times as much; the mean of its 12 values",
        "number of values",
    ),
    "shape-lie": Malformed(
        _one("layer", "twice", "nncore_shape_lie.layer:Twice"),
        {
            "layer.py": '''
@example(inputs=[(4, 3)], output=(4, 6))
class Twice(Module):
    """Each feature twice. Shape: (N, C) to (N, 2C)."""

    def forward(self, input):
        return ops.cat([input, input], 0)
'''
        },
        "shape",
        "gave (8, 3); promised is (4, 6)",
        "output",
    ),
    "not-deterministic": Malformed(
        _one("layer", "noise", "nncore_not_deterministic.layer:Noise"),
        {
            "layer.py": '''
from nncore.api import tensor

@example(inputs=[(4, 3)], output=(4, 3))
class Noise(Module):
    """Adds noise in training. Shape: any."""

    def forward(self, input):
        if not self.training:
            return input
        return input + tensor(np.random.standard_normal(tuple(input.shape)), dtype=input.dtype)
'''
        },
        "determinism",
        "the same seed and inputs give other outputs",
        "numpy.random",
    ),
    "writes-files": Malformed(
        _one("activation", "act", "nncore_writes_files.act:act")
        + "import pathlib\npathlib.Path(__file__).with_name('cache.txt').write_text('warm')\n",
        {"act.py": ACT},
        "import",
        "writes the file",
        "only defines things",
    ),
}

GOOD: dict[str, Malformed] = {
    "composed": Malformed(
        _one("activation", "act", "nncore_composed.act:act"),
        {
            "act.py": '''
@custom_op
def act(input, a=1.0):
    """a·x², elementwise."""
    return input * input * a

@act.backward
def back(ctx, grad):
    return grad * ctx.inputs[0] * (2.0 * ctx.arguments["a"])
'''
        },
    ),
    "on-arrays": Malformed(
        _one("activation", "act", "nncore_on_arrays.act:act"),
        {
            "act.py": '''
@custom_op(numpy=True)
def act(input, a=1.0):
    """a·x², elementwise."""
    return input * input * np.asarray(a, input.dtype)

@act.backward
def back(ctx, grad):
    return grad * ctx.inputs[0] * np.asarray(2.0 * ctx.arguments["a"], grad.dtype)
'''
        },
    ),
}
