"""The kit: what every component is checked with, built in or not.

    report = check_plugin("nncore-swiglu")
    print(report)
    report.raise_for_failures()

`nncore plugin check nncore-swiglu` does the same on the command line, and `pytest -p nncore.testing.pytest_plugin
--nncore-check nncore-swiglu` makes a test of each component.
"""

from nncore.testing.gradcheck import GradcheckResult, gradcheck
from nncore.testing.kit import CHECKS, check_component, check_package, check_plugin, components_of
from nncore.testing.report import CheckError, Finding, Report

__all__ = [
    "CHECKS",
    "CheckError",
    "Finding",
    "GradcheckResult",
    "Report",
    "check_component",
    "check_package",
    "check_plugin",
    "components_of",
    "gradcheck",
]
