"""scikit-learn is an extra: nncore does without it, and says what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_without_scikit_learn_it_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['sklearn'] = None\nimport nncore\n"
    for use in ("import nncore.sklearn", "nncore.sklearn.NNClassifier"):
        message = run(f"{hidden}try:\n    {use}\nexcept ImportError as error:\n    print(error)")
        assert message == 'nncore.sklearn needs scikit-learn 1.6 or newer: pip install "nncore[sklearn]"'
    assert run(hidden + "from nncore import *; import nncore.training; print(len(dir(nncore)) > 50)") == "True"


def test_nncore_does_not_import_it() -> None:
    pytest.importorskip("sklearn")
    assert run("import sys, nncore, nncore.training, nncore.nn; print('sklearn' in sys.modules)") == "False"
    assert run("import nncore; print(nncore.sklearn.NNClassifier().epochs)") == "200"
