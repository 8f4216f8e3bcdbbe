"""Send, probe or wait; how much at a time; what an answer means. Pure: time and chance come in."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from shared.contracts.envelopes import BATCH_BYTES_MAX, BATCH_ENVELOPES_MAX, PAUSE_SECONDS_MAX

BATCH_BYTES_FIRST = 256 * 1024
BATCH_BYTES_MIN = 16 * 1024
# One batch should take about this long, so that a cut costs little and a receipt comes often.
BATCH_SECONDS_AIMED = 2.0
GOODPUT_MEMORY = 0.7
# A small batch costs two commits and a round trip, as a large one does: let the next one gather.
LINGER_ITEMS = 200
LINGER_SECONDS = 0.15
REFUSALS_MAX = 3
SLOW_BYTES_PER_SECOND = 16_000  # 128 kbit/s: the line of a sub-district office


@dataclass(frozen=True, slots=True)
class Line:
    """What the uplink has seen of the line."""

    batch_bytes: int = BATCH_BYTES_FIRST
    goodput_bytes_per_second: float | None = None
    failures_in_a_row: int = 0
    failing_since: datetime | None = None
    last_heard_at: datetime | None = None
    items_max: int = BATCH_ENVELOPES_MAX


@dataclass(frozen=True, slots=True)
class Send:
    """Offer the oldest prefix within these bounds."""

    items_max: int
    bytes_max: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask the centre for its position first: the last word was lost, or the line was down."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing waits."""


Move = Send | Probe | Rest


def plan(waiting: int, line: Line) -> Move:
    """The next move. A probe follows every failure, and sending every probe that succeeds."""
    if line.failures_in_a_row > 0:
        return Probe()
    if waiting == 0:
        return Rest()
    return Send(line.items_max, line.batch_bytes)


def pause_seconds(items_sent: int | None, asked_seconds: float) -> float:
    """How long to wait before the next batch; items_sent: None after a probe.

    The centre's appointment counts, within bounds. Without one, recordings may gather after a small
    batch; while many wait there is no pause.
    """
    is_small = items_sent is not None and items_sent < LINGER_ITEMS
    gathering = LINGER_SECONDS if is_small else 0.0
    return max(gathering, min(asked_seconds, PAUSE_SECONDS_MAX))


def after_answer(line: Line, payload_bytes: int, seconds: float, now: datetime) -> Line:
    """The line carried `payload_bytes` and the receipt came back within `seconds` (> 0)."""
    seen = payload_bytes / max(seconds, 0.001)
    before = line.goodput_bytes_per_second
    # A small batch measures the delay of the line, not its width: it must not shrink the next one.
    is_telling = payload_bytes >= line.batch_bytes / 2 or seconds > BATCH_SECONDS_AIMED
    if before is None:
        goodput = seen
    elif is_telling:
        goodput = GOODPUT_MEMORY * before + (1 - GOODPUT_MEMORY) * seen
    else:
        goodput = max(before, seen)
    wanted = int(goodput * BATCH_SECONDS_AIMED)
    # Grow by doubling at most: a lucky minute must not stake minutes of sending on one batch.
    bounded = min(max(wanted, BATCH_BYTES_MIN), 2 * line.batch_bytes, BATCH_BYTES_MAX)
    return Line(
        batch_bytes=max(bounded, BATCH_BYTES_MIN),
        goodput_bytes_per_second=goodput,
        last_heard_at=now,
        items_max=min(2 * line.items_max, BATCH_ENVELOPES_MAX),
    )


def after_probe(line: Line, now: datetime) -> Line:
    """The centre answered a probe: sending may go on, with a smaller batch."""
    return Line(
        batch_bytes=max(BATCH_BYTES_MIN, line.batch_bytes // 2),
        goodput_bytes_per_second=line.goodput_bytes_per_second,
        last_heard_at=now,
        items_max=line.items_max,
    )


def after_failure(line: Line, now: datetime) -> Line:
    return replace(
        line,
        failures_in_a_row=line.failures_in_a_row + 1,
        failing_since=line.failing_since or now,
    )


def after_refusal(line: Line, items_sent: int, now: datetime) -> Line:
    """The centre's door refuses something in this batch: halve it until that is found.

    One that is refused alone is a failure like others: a probe follows, which waits.
    """
    if items_sent == 1:
        return after_failure(line, now)
    return replace(
        line,
        items_max=max(1, items_sent // 2),
        batch_bytes=max(BATCH_BYTES_MIN, line.batch_bytes // 2),
    )


class Meaning(Enum):
    """What the refusal of a batch asks of the uplink."""

    ASK = "ask"  # the positions differ: ask the centre where it stands, and go on from there
    FOREIGN = "foreign"  # other content lies there under our seqs: people must look first
    FENCED = "fenced"  # another server has the region's name
    ENVELOPE = "envelope"  # something in the batch will never be taken, however often it is sent
    TROUBLE = "trouble"  # it may be taken another time


def meaning_of(code: str, *, is_whole_here: bool) -> Meaning:
    """What a refusal with this code means.

    is_whole_here: its bytes fit its hash. Then a damaged one was damaged on the line.
    """
    match code:
        case "out-of-order":
            return Meaning.ASK
        case "seq-differs":
            return Meaning.FOREIGN
        case "region-fenced":
            return Meaning.FENCED
        case "body-too-large" | "invalid-input":
            return Meaning.ENVELOPE
        case "batch-damaged" if not is_whole_here:
            return Meaning.ENVELOPE
    return Meaning.TROUBLE


def is_to_be_set_aside(refusals_alone: int) -> bool:
    return refusals_alone >= REFUSALS_MAX


class Reached(NamedTuple):
    """A seq of one region, and the epoch of the centre in which it was reached."""

    epoch: int
    seq: int


def is_late(here: Reached, told: Reached) -> bool:
    """Whether a word that can be true was overtaken by one that another sender heard."""
    return told < here


def position_after(
    here: Reached, last_seq: int, told: Reached, vouched_seq: int, asked: Reached
) -> int | None:
    """Where to go on sending after the centre told what it holds; None: it cannot be true.

    asked: what was acknowledged here when the question left, at the latest. vouched_seq: last seq
    of the batch whose content this word is a receipt for; 0 for a position.
    A number alone proves nothing: after this region was restored from a backup, the centre holds
    other content under the same seqs. So a position is never a receipt; what it names and we have
    no receipt for is sent again, and recognised there by its hash.

    In one epoch a receipt is never taken back: a word that falls behind what was known when it was
    asked for is not our centre's. One that falls only behind what another sender of ours has heard
    since is late, and moves nothing. After a restore (a higher epoch) the centre may have lost the
    newest, and sending goes back to what it holds. What was never written here cannot be held
    there: somebody else sends under this region's name.
    """
    if told.seq > last_seq or told < asked:
        return None
    if is_late(here, told):
        return here.seq
    return min(told.seq, max(here.seq, vouched_seq))
