"""What to say to a centre that may have been restored. Pure."""

from dataclasses import dataclass

from shared.contracts.resync import ResyncWord


@dataclass(frozen=True, slots=True)
class Own:
    """What this region holds of the centre's signed words."""

    applied_pos: int
    receipted_seq: int
    epoch: int  # the highest heard
    uplink_epoch: int  # the highest the uplink acts by


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is missing there, or nothing can be done here now."""


@dataclass(frozen=True, slots=True)
class Stale:
    """An older life of the centre speaks: a copy that was replaced. It gets nothing."""


@dataclass(frozen=True, slots=True)
class ShowReceipt:
    """The centre receipted more than it says it holds, and does not know that it was restored."""


@dataclass(frozen=True, slots=True)
class HandBack:
    """Give the kept page that holds this pos."""

    pos: int


@dataclass(frozen=True, slots=True)
class StepBack:
    """Let the uplink send again from what the centre holds."""


@dataclass(frozen=True, slots=True)
class Declare:
    """All is there again: say so."""


Move = Rest | Stale | ShowReceipt | HandBack | StepBack | Declare


def plan(own: Own, word: ResyncWord, *, is_compared: bool) -> Move:
    """The next move.

    is_compared: in this epoch a page was laid beside the centre's feed and fitted. That comes
    first: where the centre wrote other entries before it was known to be restored, lengths tell
    nothing.
    """
    if word.epoch < own.epoch:
        return Stale()
    if word.state == "done":
        return _plan_closed(own, word)
    if word.wanted_pos is not None:
        return HandBack(word.wanted_pos) if word.wanted_pos <= own.applied_pos else Rest()
    if own.applied_pos and not is_compared:
        return HandBack(max(1, min(word.last_pos, own.applied_pos)))
    if word.last_pos < own.applied_pos:
        return HandBack(word.last_pos + 1)
    if word.accepted_seq < own.receipted_seq:
        return StepBack() if own.uplink_epoch < word.epoch else Rest()
    return Declare()


def _plan_closed(own: Own, word: ResyncWord) -> Move:
    if word.accepted_seq < own.receipted_seq:
        return ShowReceipt()
    if own.applied_pos and (word.last_pos < own.applied_pos or not word.fits):
        return HandBack(own.applied_pos)
    return Rest()
