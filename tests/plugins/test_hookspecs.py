"""The documentation of hooks and protocols runs: every example is installed as it stands, found, and used."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import re
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import nncore.data
import nncore.errors
import nncore.plugins
from nncore.plugins import KINDS, Kind, PluginHost, protocols, use_host


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """`nncore.api`, or where the compiled core is not built, a stand-in with the names that the examples import."""
    try:
        return importlib.import_module("nncore.api")
    except ImportError:
        stand_in = types.ModuleType("nncore.api")
        vars(stand_in).update({name: getattr(nncore.plugins, name) for name in nncore.plugins.__all__})
        stand_in.Module = type("Module", (), {"__call__": lambda self, *inputs: self.forward(*inputs)})
        stand_in.Parameter = lambda shape, init: np.zeros(shape)
        monkeypatch.setitem(sys.modules, "nncore.api", stand_in)
        return stand_in


def files_of(docstring: str) -> dict[str, str]:
    """The files of an example, by path: a line "`path`::" and the indented block after it."""
    blocks = re.findall(r"^`([\w./]+)`::\n\n((?:    .*\n|\n)+)", inspect.cleandoc(docstring) + "\n", flags=re.M)
    return {path: textwrap.dedent(text) for path, text in blocks}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_hooks_docstring_is_a_plugin_that_works(
    kind: Kind, api: types.ModuleType, install: Callable, tmp_path: Path
) -> None:
    files = files_of(kind.hook.__doc__ or "")
    (plugin,) = (path for path in files if path.endswith("/plugin.py"))
    package = plugin.partition("/")[0]
    # The table in pyproject.toml becomes what a build writes from it: the same lines, without quotes.
    points = files["pyproject.toml"].replace("project.entry-points.", "").replace('"', "")
    modules = {path.partition("/")[2]: text for path, text in files.items() if path.startswith(f"{package}/")}
    install(package.replace("_", "-"), modules.pop("plugin.py"), raw=True, files=modules, entry_points=points)
    with use_host(PluginHost(environ={"NNCORE_STRICT_PLUGINS": "1"})) as host:
        (row,) = host.registry(kind.name).describe()
        assert row.qualified == f"{kind.name}:{package.replace('_', '-')}/{row.name}"
        assert row.summary
        component = host.registry(kind.name)[row.name]
    CHECKS[kind.name](component, api)


def check_layer(component: type, api: types.ModuleType) -> None:
    assert issubclass(component, api.Module)
    assert component(3.0).forward(2.0) == 6.0


def check_activation(component: Callable, api: types.ModuleType) -> None:
    output = component(api.tensor(np.linspace(-3, 3, 6).reshape(2, 3)))
    assert isinstance(output, api.Tensor)
    assert output.shape == (2, 3) and (output.numpy() > 0).all()


def check_initializer(component: Callable, api: types.ModuleType) -> None:
    weight = component((2, 4), 4, 2, np.random.default_rng(0), "float32")
    assert weight.dtype == np.float32 and weight.tolist() == [[0.5, -0.5, 0.5, -0.5]] * 2


def check_loss(component: Callable, api: types.ModuleType) -> None:
    output, target = np.array([1.0, 3.0]), np.array([0.0, 1.0])
    assert component(output, target, reduction="none").tolist() == [1.0, 16.0]
    assert (component(output, target, reduction="sum"), component(output, target)) == (17.0, 8.5)


def check_architecture(component: Callable, api: types.ModuleType) -> None:
    assert isinstance(component(), api.Module)


def check_optimizer(component: Callable, api: types.ModuleType) -> None:
    weight = api.tensor([1.0, -1.0], requires_grad=True)
    optimizer = component(lr=0.5).bind([weight])
    (weight * weight).sum().backward()
    optimizer.step()
    assert weight.tolist() == [0.5, -0.5]


def check_schedule(component: Callable, api: types.ModuleType) -> None:
    assert [component(epoch, 30) for epoch in (0.0, 9.9, 10.0, 25.0)] == [1, 1, 0.5, 0.25]


def check_penalty(component: Callable, api: types.ModuleType) -> None:
    model = api.nn.Linear(2, 1, init={"name": "constant", "value": 2.0})
    assert component(strength=0.5)(model).item() == 16.0


def check_constraint(component: Callable, api: types.ModuleType) -> None:
    model = api.nn.Linear(2, 1, init={"name": "constant", "value": -2.0})
    component(model)
    assert model.weight.tolist() == [[0.0, 0.0]]


def check_callback(component: Callable, api: types.ModuleType) -> None:
    x, y = np.ones((8, 2), np.float32), np.arange(8) % 2
    trainer = nncore.Trainer(api.nn.Linear(2, 2), callbacks=[component(seconds=0)], seed=0)
    trainer.fit((x, y), epochs=3, batch_size=2, progress=False)
    assert trainer.place["step"] == 1 and trainer.history.stopped == "0 seconds are over"


def check_metric(component: Callable, api: types.ModuleType) -> None:
    metric = component()
    for _ in range(2):
        metric.update(api.tensor([2.0, 4.0]), api.tensor([1.0, 1.0]))
    assert metric.compute() == 2.0
    metric.reset()
    metric.update(api.tensor([1.0]), api.tensor([0.0]))
    assert metric.compute() == 1.0


def check_transform(component: Callable, api: types.ModuleType) -> None:
    x = np.array([[2.0], [3.0], [5.0]])
    transform = component().fit(x)
    np.testing.assert_allclose(transform.transform(x), np.log([[1.0], [2.0], [4.0]]))
    np.testing.assert_allclose(transform.inverse_transform(transform.transform(x)), x)


def check_dataset(component: Callable, api: types.ModuleType) -> None:
    train, test = component(bits=4)
    assert (len(train), len(test), train.classes) == (12, 4, ("even", "odd"))
    assert all(x.sum() % 2 == y for x, y in zip(train.x, train.y, strict=True))


def check_command(component: Callable, api: types.ModuleType) -> None:
    result = CliRunner().invoke(component, ["lenet5"])
    assert result.output == "61706\n"


CHECKS = {
    "layer": check_layer,
    "activation": check_activation,
    "initializer": check_initializer,
    "loss": check_loss,
    "architecture": check_architecture,
    "optimizer": check_optimizer,
    "schedule": check_schedule,
    "penalty": check_penalty,
    "constraint": check_constraint,
    "callback": check_callback,
    "metric": check_metric,
    "transform": check_transform,
    "dataset": check_dataset,
    "command": check_command,
}


def test_load_finds_the_data_sets_of_plugins(
    install: Callable, host: PluginHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(KINDS["dataset"].hook.__doc__ or "")
    install(
        "nncore-parity", files["nncore_parity/plugin.py"], raw=True, files={"data.py": files["nncore_parity/data.py"]}
    )
    load, named = nncore.data.load, nncore.data.available()
    assert named == {"parity": "Even and odd rows of bits"}
    assert len(load("Parity", bits=3)[0]) == len(load("nncore-parity/parity", bits=3)[0]) == 6
    with pytest.raises(nncore.errors.DataError, match="unknown option 'bit': parity takes bits"):
        load("parity", bit=3)
    with pytest.raises(nncore.errors.DataError, match="expected parity or a path. Did you mean 'parity'"):
        load("paritty")
    # A folder keeps its meaning, whatever is installed.
    monkeypatch.chdir(tmp_path)
    Path("parity").mkdir()
    with pytest.raises(nncore.errors.DataError, match="parity lacks"):
        load("parity")


def test_the_host_has_no_hook_beside_the_table_of_kinds() -> None:
    hooks = {name for name in nncore.plugins.hookspecs.__all__ if name.startswith("nncore_")}
    assert hooks == {kind.hook.__name__ for kind in KINDS.values()}
    assert {kind.spec.kind for kind in KINDS.values()} == set(KINDS), "each spec says which kind it is for"


def documented_modules() -> list[str]:
    folder = Path(nncore.plugins.__file__).parent
    return ["nncore.errors", *(f"nncore.plugins.{path.stem}" for path in folder.glob("[a-z]*.py"))]


@pytest.mark.parametrize("name", documented_modules())
def test_examples_in_docstrings_say_the_truth(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.IGNORE_EXCEPTION_DETAIL).failed == 0


def test_protocols_cover_every_kind() -> None:
    assert {name.lower() for name in protocols.__all__} >= set(KINDS)


def test_the_host_imports_no_component() -> None:
    sources = Path(nncore.plugins.__file__).parent.glob("*.py")
    imports = [
        line for path in sources for line in re.findall(r"^\s*(?:from|import) (nncore[\w.]*)", path.read_text(), re.M)
    ]
    inside = [
        line for line in imports if not line.startswith(("nncore.plugins", "nncore.errors", "nncore.api", "nncore_"))
    ]
    assert imports and not inside


def test_importing_the_host_reads_no_metadata_and_no_component() -> None:
    root = Path(nncore.plugins.__file__).parents[2]
    # A bare package of the same folder, since what the package's own __init__ brings in is not the host's.
    program = (
        "import sys, types; package = types.ModuleType('nncore'); "
        f"package.__path__ = [{str(root / 'nncore')!r}]; sys.modules['nncore'] = package; "
        "import nncore.plugins, nncore.registry; "
        "print(sorted({'importlib.metadata', 'email', 'click', 'rich', 'numpy', "
        "'nncore.api', 'nncore.builtin'}.intersection(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(root)}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"
