"""Findings and what follows from them. Pure.

Checks stand on one another: what stands on a broken check is not looked at, so that the report
names the cause and not its ten symptoms.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.command.exits import ExitCode


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, and something wants looking after
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Good:
    found: str


@dataclass(frozen=True, slots=True)
class Trouble:
    found: str
    fix: str
    state: State = State.FAILED


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing to look at, which is no fault."""

    found: str


Verdict = Good | Trouble | Absent


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    state: State
    found: str
    fix: str | None = None
    because: str | None = None  # the check this one was not looked at for


@dataclass(slots=True)
class Examination:
    """Runs checks in order and remembers what each found."""

    findings: list[Finding] = field(default_factory=list)

    def look(
        self, check: str, verdict: Callable[[], Verdict], *, after: Sequence[str] = ()
    ) -> None:
        """Run one check unless one it stands on (`after`) is not ok."""
        for needed in after:
            if self.state_of(needed) is not State.OK:
                cause = self._cause(needed)
                why = f"not looked at: {cause} comes first"
                self.findings.append(Finding(check, State.SKIPPED, why, because=cause))
                return
        match verdict():
            case Good(found):
                self.findings.append(Finding(check, State.OK, found))
            case Trouble(found, fix, state):
                self.findings.append(Finding(check, state, found, fix))
            case Absent(found):
                self.findings.append(Finding(check, State.SKIPPED, found))

    def state_of(self, check: str) -> State | None:
        """None for a check that was not run."""
        return next((one.state for one in self.findings if one.check == check), None)

    def _cause(self, check: str) -> str:
        found = next((one for one in self.findings if one.check == check), None)
        return found.because if found is not None and found.because else check


def causes(findings: Sequence[Finding]) -> list[str]:
    """The checks that are themselves broken, the failed ones first."""
    failed = [one.check for one in findings if one.state is State.FAILED]
    return failed + [one.check for one in findings if one.state is State.WARNING]


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    states = {one.state for one in findings}
    if State.FAILED in states:
        return ExitCode.FAILED
    return ExitCode.DEGRADED if State.WARNING in states else ExitCode.DONE
