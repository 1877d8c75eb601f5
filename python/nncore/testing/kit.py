"""`check_component` and `check_plugin`: the one kit for every component, built in or a stranger's."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from nncore import _core, streams
from nncore.errors import ComponentLoadError, PluginWarning, UnknownComponentError
from nncore.plugins import API_VERSION, KINDS, ComponentSpec, PluginRecord, current_host
from nncore.plugins.near import did_you_mean
from nncore.plugins.records import Entry, normalize
from nncore.testing import (
    callbacks,
    calls,
    captured,
    commands,
    datasets,
    docs,
    gradients,
    initializers,
    keeping,
    losses,
    metrics,
    optimizers,
    penalties,
    schedules,
    transforms,
)
from nncore.testing.case import Case
from nncore.testing.guess import cases
from nncore.testing.imports import Imported, check_entry, check_target, probe
from nncore.testing.report import Fault, Finding, NotApplicable, Report

__all__ = ["CHECKS", "check_component", "check_package", "check_plugin", "components_of"]

Check = Callable[[Case], str | None]

_CALLED: dict[str, Check] = {
    "shape": calls.check_shape,
    "inputs": calls.check_inputs,
    "strides": calls.check_strides,
    "float64": calls.check_float64,
    "gradient": gradients.check_gradient,
    "determinism": calls.check_determinism,
    "modes": calls.check_modes,
    "config": keeping.check_config,
    "state": keeping.check_state,
    "copy": keeping.check_copy,
    "capture": captured.check_capture,
    "memory": keeping.check_memory,
}

CHECKS: dict[str, dict[str, Check]] = {
    "layer": _CALLED,
    "activation": _CALLED,
    "architecture": _CALLED,
    "loss": {"reduction": losses.check_reduction, **_CALLED},
    "initializer": {
        "shape": initializers.check_array,
        "determinism": initializers.check_stream,
        "config": initializers.check_parameter,
        "memory": initializers.check_left_behind,
    },
    "optimizer": {
        "config": optimizers.check_unbound,
        "descent": optimizers.check_descent,
        "determinism": optimizers.check_repeats,
        "state": optimizers.check_resumed,
        "capture": optimizers.check_captured,
        "memory": optimizers.check_growth,
    },
    "schedule": {
        "value": schedules.check_factor,
        "determinism": schedules.check_pure,
        "config": keeping.check_config,
        "copy": schedules.check_pickle,
    },
    "penalty": {
        "value": penalties.check_added,
        "gradient": penalties.check_added_gradient,
        "determinism": penalties.check_added_alike,
        "config": keeping.check_config,
        "copy": penalties.check_added_copy,
        "capture": penalties.check_added_captured,
        "memory": penalties.check_added_growth,
    },
    "constraint": {
        "value": penalties.check_bounded,
        "determinism": penalties.check_bounded_alike,
        "config": keeping.check_config,
        "copy": penalties.check_bounded_copy,
        "capture": penalties.check_bounded_captured,
        "memory": penalties.check_bounded_growth,
    },
    "callback": {
        "value": callbacks.check_called,
        "determinism": callbacks.check_called_alike,
        "config": keeping.check_config,
        "state": callbacks.check_called_state,
        "copy": callbacks.check_called_copy,
    },
    "metric": {
        "value": metrics.check_value,
        "batches": metrics.check_batches,
        "determinism": metrics.check_reset,
        "config": keeping.check_config,
        "copy": metrics.check_copied,
        "capture": metrics.check_captured_update,
        "memory": metrics.check_growth,
    },
    "transform": {
        "shape": transforms.check_transformed,
        "batches": transforms.check_rows,
        "leak": transforms.check_leak,
        "inverse": transforms.check_back,
        "determinism": transforms.check_again,
        "config": keeping.check_config,
        "state": transforms.check_kept,
        "copy": transforms.check_copied,
    },
    "dataset": {
        "value": datasets.check_loaded,
        "determinism": datasets.check_loaded_again,
        "config": keeping.check_config,
    },
    "command": {"help": commands.check_help, "inputs": commands.check_slips},
}
"""The checks of each kind, by name, in the order in which they run. Every kind has `load`, `docs`, `source` and `import`
besides."""

_UNCALLED = ("config", "state", "copy")


def check_component(component: str | ComponentSpec) -> Report:
    """Check one component: contract, gradients, determinism, saving and loading, captured steps, documentation.

    The checks of each kind are in `nncore.testing.CHECKS`. What the component is made and called with is said by
    `@example` on it (see `nncore.api.example`), or guessed. The global random streams are left as they were.

    Args:
        component: A registered name, such as `"layer:nncore/linear"` or `"nncore-swiglu/swiglu"`; or a spec, which is
            registered for the time of the check.

    Returns:
        The report; `report.raise_for_failures()` raises where something failed.

    Raises:
        UnknownComponentError: Nobody provides it, or several kinds have the name.

    Example:
        >>> from nncore.testing import check_component
        >>> report = check_component("activation:nncore/tanh")
        >>> report.ok, [finding.status for finding in report.of("gradient")]
        (True, ['passed'])
    """
    if isinstance(component, ComponentSpec):
        with _registered(component) as entry:
            return _report(entry)
    return _report(_entry(component))


def check_plugin(package: str, *, only: str | None = None) -> Report:
    """Check a package: that it is found, registers what it should, imports nothing too early; and each component.

    Args:
        package: The distribution, such as `"nncore-swiglu"`, one of its entry points' names, or the package that is
            imported, such as `"nncore_swiglu"`. `"nncore"` is the built-in components.
        only: Check the components alone whose qualified name has this in it. Default: all.

    Returns:
        The report, with a part for each component.

    Raises:
        UnknownComponentError: There is no such package.
    """
    report, found = _package(_records(package))
    entries = [entry for record in _records(package) for entry in record.entries]
    report.parts = [_report(entry, found) for entry in entries if only is None or only in entry.qualified]
    return report


def check_package(package: str) -> Report:
    """The part of `check_plugin` that is about the package: that it is found, registers, and what its imports do.

    Raises:
        UnknownComponentError: There is no such package.
    """
    records = _records(package)
    report, found = _package(records)
    for entry in (entry for record in records for entry in record.entries):
        report.parts.append(Report(entry.qualified, [_finding("import", partial(check_target, found, entry))]))
    return report


def _package(records: list[PluginRecord]) -> tuple[Report, dict[str, Imported]]:
    report = Report(records[0].distribution)
    for record in records:
        report.findings += _record_findings(record)
    found = probe([(r.target, [e.spec.target for e in r.entries]) for r in records if r.status == "loaded"])
    for record in records:
        if record.status == "loaded":
            report.findings.append(_finding("import", partial(check_entry, found, record)))
    return report, found


def components_of(package: str) -> list[str]:
    """The qualified names of a package's components; empty where it is broken.

    Raises:
        UnknownComponentError: There is no such package.
    """
    return [entry.qualified for record in _records(package) for entry in record.entries]


def _records(package: str) -> list[PluginRecord]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # the report says it all
        records = current_host().plugins
    wanted = normalize(package)
    # A distribution of that name, else a plugin, else what is imported.
    names = [(r.distribution == wanted, r.name == package, r.target.partition(".")[0] == package) for r in records]
    for way in range(3):
        found = [record for record, match in zip(records, names, strict=True) if match[way]]
        if found:
            return found
    known = sorted({record.distribution for record in records} | {record.name for record in records})
    raise UnknownComponentError(
        f"no plugin {package!r} is installed.{did_you_mean(package, known)} Its pyproject.toml needs an entry point in the "
        f"group 'nncore', and it must be installed (pip install -e .). Found: {', '.join(known)}."
    )


def _record_findings(record: PluginRecord) -> Iterator[Finding]:
    if record.status == "skipped":
        yield Finding("registration", "failed", f"{record} was left out: {record.reason}", "Change the environment.")
        return
    for failure in record.failures:
        if failure.stage == "first use":
            continue  # the component's own report has it
        hint = {
            "import": f"Importing {record.target} must work by itself; `python -c 'import {record.target}'` shows it.",
            "registration": f"{record.target} needs `api_version = {API_VERSION}` and hooks marked with @hookimpl that "
            "yield specs, such as LayerSpec; each name once.",
        }[failure.stage]
        yield Finding(failure.stage, "failed", failure.error, hint, traceback=failure.traceback)
    if record.status == "loaded":
        yield Finding("registration", "passed", f"{len(record.entries)} components")
        for entry in record.entries:
            others = [e for e in current_host().entries(entry.kind) if e.plugin.distribution != record.distribution]
            for other in others:
                if entry.spec.name in (other.spec.name, *other.spec.aliases):
                    yield Finding(
                        "names",
                        "noted",
                        f"{other.plugin.distribution} has a {entry.kind} {entry.spec.name!r} too, so users write "
                        f"{entry.short!r}",
                    )


def _entry(name: str) -> Entry:
    host = current_host()
    kind, colon, _ = name.partition(":")
    if colon and kind in KINDS:
        return host.registry(kind).entry(name)
    found = [each for each in KINDS if name in host.registry(each)]
    if len(found) != 1:
        several = (
            f"several kinds have it: {', '.join(f'{each}:{name}' for each in found)}" if found else "nobody has it"
        )
        raise UnknownComponentError(f"no single component {name!r}: {several}")
    return host.registry(found[0]).entry(name)


@contextmanager
def _registered(spec: ComponentSpec) -> Iterator[Entry]:
    """An entry for a spec that nobody has registered, for the length of the block."""
    from nncore.plugins import BUILTINS, PluginHost, hookimpl, use_host

    class Plugin:
        api_version = API_VERSION

    def hook(self: Any) -> list[ComponentSpec]:
        return [spec]

    kind = KINDS[type(spec).kind]
    setattr(Plugin, kind.hook.__name__, hookimpl(hook))
    with use_host(PluginHost(BUILTINS)) as host:
        yield host.register(Plugin(), name="checked").entries[0]


def _report(entry: Entry, found: dict[str, Imported] | None = None) -> Report:
    """All checks of one component."""
    report = Report(entry.qualified)
    try:
        component = current_host().load(entry)
    except ComponentLoadError as error:
        hint = "Mend the spec's target, 'package.module:Name', or what its module imports."
        report.findings.append(Finding("load", "failed", str(error), hint, traceback=traceback.format_exc()))
        return report
    report.findings.append(Finding("load", "passed", entry.spec.target_path or ""))
    report.findings.append(_finding("docs", partial(docs.check_docs, entry.kind, component)))
    report.findings.append(_finding("source", partial(docs.check_source, entry.kind, component)))
    if found is not None:
        report.findings.append(_finding("import", partial(check_target, found, entry)))
    with streams.left_alone(), _core.enable_grad():
        try:
            found_cases = cases(entry.kind, entry.qualified, component)
        except Exception as error:
            report.findings.append(_failed("example", error, 0))
            return report
        for case in found_cases:
            report.findings += _checked(case)
    return report


def _checked(case: Case) -> Iterator[Finding]:
    uncalled = case.example.inputs is None and case.kind in ("layer", "activation", "loss", "architecture")
    unknown = [name for name in case.example.skip if name not in CHECKS[case.kind]]
    if unknown:
        message = f"skip names {', '.join(map(repr, unknown))}; the checks are {', '.join(CHECKS[case.kind])}"
        yield Finding("example", "failed", message, "Mend the example's `skip`.", case.number)
    for name, check in CHECKS.get(case.kind, {}).items():
        if name in case.example.skip:
            yield Finding(name, "skipped", case.example.skip[name], example=case.number)
        elif uncalled and name not in _UNCALLED:
            yield Finding(name, "skipped", "it is not called", example=case.number)
        else:
            yield _finding(name, partial(check, case), case.number)


def _finding(name: str, check: Callable[[], str | None], example: int = 0) -> Finding:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, of values that the checks judge themselves
            return Finding(name, "passed", check() or "", example=example)
    except NotApplicable as reason:
        return Finding(name, "skipped", str(reason), example=example)
    except Exception as error:
        return _failed(name, error, example)


def _failed(name: str, error: Exception, example: int) -> Finding:
    if isinstance(error, Fault):
        return Finding(name, "failed", str(error), error.hint, example, traceback.format_exc())
    message = f"it raised {type(error).__name__}: {error}"
    return Finding(
        name, "failed", message, "Mend the component, or the example that it is given.", example, traceback.format_exc()
    )
