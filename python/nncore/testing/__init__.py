"""The kit: what every component is checked with, built in or not."""

from nncore.testing.gradcheck import GradcheckResult, gradcheck

__all__ = ["GradcheckResult", "gradcheck"]
