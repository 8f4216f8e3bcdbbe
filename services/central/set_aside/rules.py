"""How many envelopes to settle next, and what a failed try means. Pure.

A try that fails is halved until the one envelope that fails alone is found: the good ones before it
are settled on the way. A failure that was seen is certain; a process that died while settling may
have been killed for any reason, so a death weighs half as much.
"""

from dataclasses import dataclass, replace

STRIKES_OF_A_FAILURE = 2
STRIKES_OF_A_DEATH = 1
STRIKES_MAX = 6  # three failures alone, or six deaths
DIED = "died"


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier tries at a region's front left behind.

    under_way: envelopes of a try that was begun and whose end nobody wrote down.
    suspect_seq: last seq of the shortest try that failed; what cannot be settled is up to there.
    strikes, reason: of the envelope `struck_seq`, which failed alone.
    """

    settled_seq: int
    under_way: int | None = None
    suspect_seq: int | None = None
    struck_seq: int | None = None
    strikes: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """Settle the next `count` envelopes together; 1 or more."""

    count: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """Do not try `seq` again: let it keep its place, and go on behind it."""

    seq: int
    reason: str
    attempts: int


def plan(standing: Standing, places: int) -> Try | SetAside:
    """The next move at a region's front. places: 1 or more, the region's share of the round."""
    front = standing.settled_seq + 1
    if standing.struck_seq == front and standing.strikes >= STRIKES_MAX:
        return SetAside(front, standing.reason or DIED, _attempts(standing))
    suspects = (standing.suspect_seq or 0) - standing.settled_seq
    if suspects <= 0:
        return Try(places)
    return Try(min(places, max(1, suspects // 2)))


def begun(standing: Standing, count: int) -> Standing:
    """Written down before the try, so that a death in it is seen."""
    return replace(standing, under_way=count)


def after_failure(standing: Standing, count: int, reason: str) -> Standing:
    """A try of `count` envelopes failed for what is in them, or for a bug."""
    return _after(standing, count, reason, STRIKES_OF_A_FAILURE)


def after_death(standing: Standing) -> Standing:
    """Whoever began the try that is still under way is gone."""
    if standing.under_way is None:
        return standing
    return _after(standing, standing.under_way, DIED, STRIKES_OF_A_DEATH)


def _after(standing: Standing, count: int, reason: str, strikes: int) -> Standing:
    failed = replace(standing, under_way=None, suspect_seq=standing.settled_seq + count)
    if count > 1:
        return failed
    front = standing.settled_seq + 1
    before = standing.strikes if standing.struck_seq == front else 0
    told = standing.reason if reason == DIED and before else reason
    return replace(failed, struck_seq=front, strikes=before + strikes, reason=told)


def _attempts(standing: Standing) -> int:
    weight = STRIKES_OF_A_DEATH if standing.reason == DIED else STRIKES_OF_A_FAILURE
    return -(-standing.strikes // weight)


@dataclass(frozen=True, slots=True)
class Kept:
    """An envelope with a note: what it is, as far as that is known without opening it."""

    kind: str
    version: int
    note: str


def may_try_again(kept: Kept, known_versions: dict[str, int]) -> bool:
    """What was set aside, always; what was held, once this program knows its kind and version.

    A repeat or a conflict is no trouble of ours: it never is acted on.
    """
    if kept.note == "set-aside":
        return True
    return kept.note == "held" and known_versions.get(kept.kind) == kept.version
