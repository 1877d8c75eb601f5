"""The examples of CONTRIBUTING.md are whole, and do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "ops"))
from pages import ROOT, blocks, file_block

PAGE = "CONTRIBUTING.md"


def run(script: str, *paths: Path) -> str:
    """Run a script in a fresh interpreter that looks into these folders first; what it prints."""
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, paths), *known])}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_op_is_the_one_that_the_rust_tests_compile() -> None:
    shown = file_block(PAGE, "Add an op", "src/ops/activation/squareplus.rs")
    compiled = (ROOT / "rust/nncore/tests/contributing/squareplus.rs").read_text()
    assert shown == compiled, "change both: rust/nncore/tests/contributing.rs tests the file"


def test_the_ops_line_has_the_form_of_the_list() -> None:
    (line,) = [block.code for block in blocks(PAGE, "Add an op") if block.language == "text"]
    listed = (ROOT / "rust/nncore/src/ops/mod.rs").read_text()
    assert re.fullmatch(r"        squareplus: Squareplus;\n", line)
    assert re.search(r"^        relu: Relu ReluGrad;$", listed, re.MULTILINE), (
        "the list's form has changed: change the page"
    )


def test_the_ops_reference_is_a_row_of_the_table() -> None:
    from references import REFERENCES, activation

    before = dict(REFERENCES)
    try:
        exec(file_block(PAGE, "Add an op", "tests/ops/references/activation.py"), dict(vars(activation)))
        made = REFERENCES["squareplus"]
        x = np.array([-3.0, 0.0, 2.0])
        np.testing.assert_allclose(made(x), np.exp(np.arcsinh(x / 2)), rtol=1e-12)
        np.testing.assert_allclose(made(x, b=0.0), np.maximum(x, 0))
    finally:
        REFERENCES.clear()
        REFERENCES.update(before)


def test_the_optimizers_step_is_the_one_that_the_rust_tests_compile() -> None:
    shown = file_block(PAGE, "Add an optimizer", "src/ops/optim/signum.rs")
    compiled = (ROOT / "rust/nncore/tests/contributing/signum.rs").read_text()
    assert shown == compiled, "change both: rust/nncore/tests/contributing.rs tests the file"
    (line,) = [block.code for block in blocks(PAGE, "Add an optimizer") if block.language == "text"]
    assert re.fullmatch(r"        signum: SignumStep;\n", line)
    listed = (ROOT / "rust/nncore/src/ops/mod.rs").read_text()
    assert re.search(r"^        lion: LionStep;$", listed, re.MULTILINE), "the list's form has changed: change the page"


def test_the_optimizers_class_calls_its_step_as_that_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is not in the extension: a stand-in of the same signature takes its place, and the page's formula judges."""
    from nncore import _internal, nn, optim

    assert not hasattr(optim, "Signum"), "the page's example is there already"
    step = file_block(PAGE, "Add an optimizer", "src/ops/optim/signum.rs")
    declared = re.search(r"SignumStep = \"signum_step\"\((.*?)\) -> .*?\{(.*?)\}", step, re.DOTALL)
    assert declared
    names = re.findall(r"(\w+): (?:List|One|f64|bool)", declared[1] + declared[2])

    def signum_step(*args: Any) -> None:
        assert len(args) == len(names)
        given = dict(zip(names, args, strict=True))
        for p, g, m in zip(given["params"], given["grads"], given["momentum_buffers"], strict=True):
            m.copy_(m * given["momentum"] + g * (1 - given["momentum"]))
            p.detach().copy_(p.numpy() - given["lr"].item() * np.sign(m.numpy()))

    monkeypatch.setattr(_internal, "internal", {"signum_step": signum_step}.__getitem__)
    space: dict[str, Any] = {"__name__": "signum"}
    exec(file_block(PAGE, "Add an optimizer", "nncore/optim/signum.py"), space)
    space |= {"np": np, "Array": np.ndarray}
    exec(blocks(PAGE, "Add an optimizer")[-1].code, space)
    (row,) = re.findall(r'`(\("Signum", .*?\))`', (ROOT / PAGE).read_text())
    (_, reference, settings) = eval(row, space)
    start, grads = np.array([1.0, -2.0, 3.0]), list(np.random.default_rng(0).standard_normal((5, 3)))
    parameter = nn.Parameter(start)
    optimizer = space["Signum"]([parameter], **settings)
    for grad in grads:
        parameter.grad = nncore.tensor(grad)
        optimizer.step()
    np.testing.assert_allclose(parameter.detach().numpy(), reference(start, grads, **settings), rtol=1e-12)
    with pytest.raises(nncore.errors.InvalidValueError, match="momentum"):
        space["Signum"]([parameter], momentum=1.0)


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A copy of the package to change; the extension is linked, not copied."""
    source = Path(nncore.__file__).parent
    target = tmp_path / "overlay" / "nncore"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    for extension in [*source.glob("*.so"), *source.glob("*.pyd")]:
        (target / extension.name).symlink_to(extension)
    return target


LAYER = """
import nncore as nc, numpy as np, pathlib, sys, tempfile
from nncore import nn
assert pathlib.Path(nc.__file__).parents[1].name == "overlay", nc.__file__
layer = nn.Scale(3, init={"name": "constant", "value": 2.0})
x = nc.tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
y = layer(x)
np.testing.assert_array_equal(y.detach().numpy(), 2 * x.numpy())
y.sum().backward()
np.testing.assert_array_equal(layer.weight.grad.numpy(), [3, 5, 7])
assert nc.registry.layers["scale"] is nn.Scale
twin = nn.Scale(**layer.config)
np.testing.assert_array_equal(twin(x).detach().numpy(), y.detach().numpy())
try:
    layer(nc.ones((2, 4)))
except nc.errors.ShapeError as error:
    print(error)
"""


def test_the_layer_works_in_a_copy_of_the_package(overlay: Path) -> None:
    (overlay / "builtin/layers/scale.py").write_text(file_block(PAGE, "Add a layer", "layers/scale.py"))
    (line,) = [b.code for b in blocks(PAGE, "Add a layer") if b.path and b.path.endswith("catalogue/layers.py")]
    catalogue = overlay / "builtin" / "catalogue" / "layers.py"
    rows = catalogue.read_text().splitlines(keepends=True)
    after = next(number for number, row in enumerate(rows) if row.startswith("    layer(") and row > line)
    catalogue.write_text("".join([*rows[:after], line, *rows[after:]]))
    printed = run(LAYER, overlay.parent)
    assert "3 features" in printed and "(2, 4)" in printed


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The plugin of the page, installed: its files, and the metadata that an installer makes of its pyproject.toml."""
    site = tmp_path / "site"
    for block in blocks(PAGE, "Add a plugin"):
        if block.path and block.path.endswith(".py") and block.path.startswith("nncore_"):
            (site / block.path).parent.mkdir(parents=True, exist_ok=True)
            (site / block.path).write_text(block.code)
    project = tomllib.loads(file_block(PAGE, "Add a plugin", "pyproject.toml"))["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    rows = "".join(f"{name} = {target}\n" for name, target in project["entry-points"]["nncore"].items())
    (info / "entry_points.txt").write_text(f"[nncore]\n{rows}")
    return site


def test_the_plugin_is_found_and_computes_what_the_page_says(site: Path) -> None:
    use = blocks(PAGE, "Add a plugin")[-1].code
    (expected,) = re.findall(r"# ([\d.]+)$", use, re.MULTILINE)
    assert run(use, site).strip() == expected


def test_finding_the_plugin_imports_its_small_module_alone(site: Path) -> None:
    script = """
import sys, nncore as nc
assert "quartic" in nc.registry.losses
print(sorted(name for name in sys.modules if name.startswith("nncore_quartic")))
"""
    assert run(script, site).strip() == "['nncore_quartic', 'nncore_quartic.plugin']"
