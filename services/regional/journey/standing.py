"""Where one recording is, as `status` tells it: what rooms may ask of it that import no other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.regional.journey.remedies import RemedyCode
from services.regional.journey.rules import Cause, OfficialStatus, Stage
from shared.contracts.outcomes import Outcome


class StandingStep(Protocol):
    """One step of the journey with its own time."""

    @property
    def at(self) -> datetime: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def event(self) -> str: ...


class Standing(Protocol):
    @property
    def seq(self) -> int: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def official_status(self) -> OfficialStatus: ...
    @property
    def since(self) -> datetime: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def waits_for(self) -> Cause: ...
    @property
    def remedy(self) -> RemedyCode | None: ...
    @property
    def timeline(self) -> Sequence[StandingStep]: ...
