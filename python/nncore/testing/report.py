"""What the kit found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["CheckError", "Fault", "Finding", "NotApplicable", "Report", "Status"]

Status = Literal["passed", "failed", "skipped", "noted"]


class Fault(Exception):
    """What a check raises where a component breaks a rule.

    Args:
        message: What is wrong: what was found, and what was expected.
        hint: How to mend it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotApplicable(Exception):
    """What a check raises where there is nothing to check; the message is the reason."""


class CheckError(AssertionError):
    """A component that does not pass the kit; the message lists what failed, and how to mend it."""


@dataclass(frozen=True)
class Finding:
    """What one check said.

    Args:
        check: The check's name, such as `"gradient"`.
        status: `"passed"`, `"failed"`, `"skipped"` (there was nothing to check, or the component's example says so), or
            `"noted"` (worth knowing, and no failure).
        message: What was found.
        hint: How to mend it.
        example: Which of the component's examples, from 1; 0 where it is about the whole component.
        traceback: Where an exception came from.
    """

    check: str
    status: Status
    message: str = ""
    hint: str = ""
    example: int = 0
    traceback: str = ""


@dataclass
class Report:
    """What the kit found in a component, or in a package and all its components.

    Args:
        subject: The qualified name, or the package.
        findings: What is about the subject itself.
        parts: The reports of a package's components.
    """

    subject: str
    findings: list[Finding] = field(default_factory=list)
    parts: list[Report] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @property
    def failures(self) -> list[tuple[str, Finding]]:
        """What failed, each with its subject."""
        return [(subject, finding) for subject, finding in self.walk() if finding.status == "failed"]

    def walk(self) -> Iterator[tuple[str, Finding]]:
        """All findings with their subjects, those of the parts included."""
        for finding in self.findings:
            yield self.subject, finding
        for part in self.parts:
            yield from part.walk()

    def of(self, check: str) -> list[Finding]:
        """The findings of one check."""
        return [finding for _, finding in self.walk() if finding.check == check]

    def raise_for_failures(self) -> None:
        """Do nothing where all is well.

        Raises:
            CheckError: Something failed; the message says what, and how to mend it.
        """
        if not self.ok:
            raise CheckError(str(self))

    def asdict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return {
            "subject": self.subject,
            "ok": self.ok,
            "findings": [asdict(finding) for finding in self.findings],
            "parts": [part.asdict() for part in self.parts],
        }

    def __str__(self) -> str:
        counts = {"passed": 0, "failed": 0, "skipped": 0, "noted": 0}
        for _, finding in self.walk():
            counts[finding.status] += 1
        lines = [f"{self.subject}: " + ", ".join(f"{count} {status}" for status, count in counts.items() if count)]
        for subject, finding in self.failures:
            where = f" (example {finding.example})" if finding.example > 1 else ""
            lines.append(f"  {subject}: {finding.check}{where}: {finding.message}")
            if finding.hint:
                lines.append(f"    {finding.hint}")
        return "\n".join(lines)
