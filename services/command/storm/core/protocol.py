"""What the parties of the simulation decide by: the real rules, and the order of their commits.

One value holds it all, so that a planted bug is this value with one field changed. The fields after
the rules say what the real code does in one transaction; each has the careless way beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from services.central.intake import rules as intake
from services.regional.central_client.rules import wait_seconds
from services.regional.feed_reader.rules import check_page
from services.regional.uplink import rules as uplink

Order = Literal["together", "mark_first", "work_first"]


class Head(NamedTuple):
    """An envelope's head with plain numbers for ids and hashes; card: what a card receipt tells."""

    seq: int
    envelope_id: int
    sha256: int
    kind: str = "recording"
    version: int = 1
    nik: int = 0
    captured_at: float = 0.0
    card: tuple[int, str] | None = None  # (authorization, "printed" or "spoiled")


class Item(NamedTuple):
    pos: int
    recording: int
    authorization: int | None
    replaces: int | None


class Page(NamedTuple):
    region: str
    after: int
    epoch: int
    entries: Sequence[Item]
    head_pos: int


@dataclass(frozen=True, slots=True)
class Protocol:
    plan: Callable[[int, uplink.Line], uplink.Move] = uplink.plan
    after_answer: Callable[..., uplink.Line] = uplink.after_answer
    after_probe: Callable[..., uplink.Line] = uplink.after_probe
    after_failure: Callable[..., uplink.Line] = uplink.after_failure
    position_after: Callable[..., int | None] = uplink.position_after
    meaning_of: Callable[..., uplink.Meaning] = uplink.meaning_of
    wait_seconds: Callable[[int, float, float], float] = wait_seconds
    fit: Callable[..., Any] = intake.fit
    note_of: Callable[..., str | None] = intake.note_of
    share_out: Callable[..., dict[str, int]] = intake.share_out
    check_page: Callable[..., None] = check_page
    # What is sent, given what the outbox says: the same bytes every time.
    batch: Callable[[Sequence[Head], int], Sequence[Head]] = lambda heads, _attempt: heads
    settle_order: Callable[[list[Head]], list[Head]] = lambda heads: heads
    cursor_after: Callable[[Page], int] = lambda page: page.after + len(page.entries)
    # What one transaction holds.
    recording: Order = "together"  # mark: the station's receipt; work: the outbox
    taking: Order = "together"  # mark: the receipt; work: the envelopes
    settling: Order = "together"  # mark: the settled seq; work: entries and registry
    applying: Order = "together"  # mark: the cursor; work: decisions and permissions
    # Counters are locked until the commit: nobody else gets a number meanwhile.
    outbox_numbers_in_commit: bool = True
    feed_numbers_in_commit: bool = True
    # What is looked at before it is believed.
    proves_hashes: bool = True
    proves_answers: bool = True
    silence_is_unknown: bool = True
    keeps_refused: bool = True
    ghost_is_known: bool = True
    knows_nik_nationally: bool = True
    knows_nik_at_insert: bool = True  # not by a look before it
    spends_once: bool = True
    blank_is_new: bool = True
    reports_once: bool = True
    replaces_the_live_one: bool = True
    receipt_is_news_once: bool = True
    failures_max: int | None = None  # an uplink that gives up
