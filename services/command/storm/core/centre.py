"""The centre of the simulation: intake, settler and feed over memory that a crash cannot take."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from services.central.intake.rules import Differs, Gap, Queue
from services.central.print_authorization.rules import is_news
from services.command.storm.core.protocol import Head, Item, Page, Protocol
from services.command.storm.core.world import World
from shared.contracts.envelopes import CardResult

ROUND_PLACES: Final = 2_000
PAGE_ITEMS: Final = 100
ROUND_SECONDS: Final = 2.0
COMMIT_SECONDS: Final = 0.05
SLOW_COMMIT_SECONDS: Final = 20.0
DOWN_SECONDS_MEAN: Final = 120.0

Answer = tuple[str, Any]  # ("receipt" or "position", seq), ("page", Page), ("refused", code)


class Ledger:
    """What the centre holds of one region."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.envelopes: list[Head] = []
        self.accepted = 0
        self.settled = 0
        self.hashes: dict[int, list[int]] = {}  # envelope → hashes held under its id
        self.noted: set[int] = set()  # seqs that are kept and not acted on
        self.feed: list[Item] = []
        self.last_pos = 0
        self.results: dict[int, CardResult] = {}


class Centre:
    def __init__(self, world: World, protocol: Protocol, names: Sequence[str]) -> None:
        self.ledgers = {name: Ledger(name) for name in names}
        self.registry: dict[Any, tuple[int, int]] = {}  # NIK → (recording, live authorization)
        self.on_news: dict[str, Callable[[], None]] = {}
        self.is_up = True
        self._world, self._protocol = world, protocol
        self._life = 0
        self._authorizations = 0
        self._has_round = False

    def crash(self) -> None:
        """Whatever was not committed is gone; it comes back after a while."""
        if not self.is_up:
            return
        self._world.fault("centre_crash", "centre")
        self.is_up = False
        self._life += 1
        self._world.later(self._world.draw.expovariate(1 / DOWN_SECONDS_MEAN), self.start)

    def start(self) -> None:
        self.is_up = True
        self._has_round = False
        self._plan_round()

    def take(self, name: str, heads: Sequence[Head], is_harmed: bool) -> Answer | None:
        """One batch, as its door takes it; None while the centre is down."""
        if not self.is_up:
            return None
        ledger, protocol = self.ledgers[name], self._protocol
        if is_harmed:
            if protocol.proves_hashes:
                return "refused", "batch-damaged"
            heads = [heads[0]._replace(sha256=-heads[0].sha256), *heads[1:]]
        first, last = heads[0].seq, heads[-1].seq
        held = {
            one.seq: (one.envelope_id, one.sha256)
            for one in ledger.envelopes[max(0, first - 1) : last]
        }
        placed = protocol.fit(heads, ledger.accepted, held)
        if isinstance(placed, Gap):
            return "refused", "out-of-order"
        if isinstance(placed, Differs):
            return "refused", "seq-differs"
        if placed.held_count >= len(heads):
            if not protocol.ghost_is_known:
                ledger.accepted = last
            return "receipt", max(last, ledger.accepted) if last > ledger.accepted else last
        fresh = heads[placed.held_count :]
        if protocol.taking == "together":
            self._hold(ledger, fresh)
        elif self._world.tears():
            self._world.tell("torn", "taking")
            self._world.later(0, self.crash)
        else:
            self._world.later(COMMIT_SECONDS, self._hold_later, self._life, ledger, fresh)
        return "receipt", last

    def _hold_later(self, life: int, ledger: Ledger, fresh: Sequence[Head]) -> None:
        if life == self._life:
            self._hold(ledger, fresh)

    def _hold(self, ledger: Ledger, fresh: Sequence[Head]) -> None:
        for head in fresh:
            same_id = ledger.hashes.setdefault(head.envelope_id, [])
            if self._protocol.note_of(head, same_id) is not None:
                ledger.noted.add(len(ledger.envelopes) + 1)
            same_id.append(head.sha256)
            ledger.envelopes.append(head)
        ledger.accepted = fresh[-1].seq
        self._world.tell("held", ledger.name, ledger.accepted)
        self._plan_round()

    def position(self, name: str) -> Answer | None:
        return ("position", self.ledgers[name].accepted) if self.is_up else None

    def page(self, name: str, after: int) -> Answer | None:
        if not self.is_up:
            return None
        feed = self.ledgers[name].feed
        if self._protocol.feed_numbers_in_commit:
            entries = feed[after : after + PAGE_ITEMS]
        else:
            entries = sorted(item for item in feed if item.pos > after)[:PAGE_ITEMS]
        return "page", Page(name, after, 1, entries, len(feed))

    def _plan_round(self) -> None:
        if not self._has_round and self.is_up:
            self._has_round = True
            self._world.later(ROUND_SECONDS, self._round, self._life)

    def _round(self, life: int) -> None:
        if life != self._life or not self.is_up:
            return
        self._has_round = False
        queues = [
            Queue(name, waiting, one.envelopes[one.settled].captured_at)
            for name, one in self.ledgers.items()
            if (waiting := len(one.envelopes) - one.settled) > 0
        ]
        shares = self._protocol.share_out(queues, ROUND_PLACES)
        if not all(self._settle(self.ledgers[name], count) for name, count in shares.items()):
            return
        if any(len(one.envelopes) > one.settled for one in self.ledgers.values()):
            self._plan_round()

    def _settle(self, ledger: Ledger, count: int) -> bool:
        """One region's share in one transaction; torn apart only where the protocol says so.

        False if the centre died over it.
        """
        protocol = self._protocol
        waiting = ledger.envelopes[ledger.settled : ledger.settled + count]
        settled = ledger.settled + len(waiting)
        if protocol.settling == "mark_first":
            ledger.settled = settled
            if self._world.tears():
                self.crash()
                return False
        entries = self._decide(ledger, waiting)
        if protocol.settling == "work_first" and self._world.tears():
            self._publish(ledger, entries)
            self.crash()
            return False
        ledger.settled = settled
        self._publish(ledger, entries)
        return True

    def _decide(self, ledger: Ledger, waiting: list[Head]) -> list[Item]:
        entries: list[Item] = []
        fresh: set[Any] = set()
        for head in self._protocol.settle_order(waiting):
            if head.seq in ledger.noted:
                continue
            item = (
                self._admit(ledger, head, fresh)
                if head.card is None
                else self._take_result(ledger, head, *head.card)
            )
            if item is not None:
                entries.append(item)
        return entries

    def _admit(self, ledger: Ledger, head: Head, fresh: set[Any]) -> Item:
        protocol = self._protocol
        nik = head.nik if protocol.knows_nik_nationally else (ledger.name, head.nik)
        is_taken = nik in self.registry
        if is_taken and not protocol.knows_nik_at_insert and nik in fresh:
            is_taken = False  # it looked before anybody of this batch was in
        if is_taken:
            return Item(0, head.envelope_id, None, None)
        self._authorizations += 1
        self.registry[nik] = (head.envelope_id, self._authorizations)
        fresh.add(nik)
        return Item(0, head.envelope_id, self._authorizations, None)

    def _take_result(
        self, ledger: Ledger, head: Head, authorization: int, result: str
    ) -> Item | None:
        told, known = CardResult(result), ledger.results.get(authorization)
        if self._protocol.receipt_is_news_once and not is_news(known, told):
            return None
        ledger.results[authorization] = told
        if told is not CardResult.SPOILED:
            return None
        nik = head.nik if self._protocol.knows_nik_nationally else (ledger.name, head.nik)
        recording, live = self.registry.get(nik, (0, 0))
        if self._protocol.replaces_the_live_one and live != authorization:
            return None
        self._authorizations += 1
        self.registry[nik] = (recording, self._authorizations)
        return Item(0, recording, self._authorizations, authorization)

    def _publish(self, ledger: Ledger, entries: list[Item]) -> None:
        if not entries:
            return
        numbered = [item._replace(pos=ledger.last_pos + n) for n, item in enumerate(entries, 1)]
        ledger.last_pos += len(entries)
        if self._protocol.feed_numbers_in_commit:
            self._show(ledger, numbered)
        else:
            seconds = self._world.draw.random() * SLOW_COMMIT_SECONDS
            self._world.later(seconds, self._show, ledger, numbered)

    def _show(self, ledger: Ledger, numbered: list[Item]) -> None:
        ledger.feed.extend(numbered)
        self._world.tell("published", ledger.name, numbered[-1].pos)
        self.on_news[ledger.name]()
