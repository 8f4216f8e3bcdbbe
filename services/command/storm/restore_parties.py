"""The parties of the restore drill: a centre that can go back in time, and its regions.

They decide by the real rules of `central.resync`, `regional.resync`, the uplink and intake.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

from services.central.intake.rules import Differs, Gap, fit
from services.central.resync import rules as central
from services.command.storm.core.protocol import Head, Item, Page
from services.regional.feed_reader.rules import PageDoesNotFit, check_page
from services.regional.resync import rules as regional
from services.regional.resync.rules import Own
from services.regional.uplink.rules import Reached, position_after
from shared.contracts.resync import ResyncWord

REGIONS: Final = ("61.01", "61.02", "61.03", "61.04")
BATCH: Final = 8
PAGE: Final = 6


@dataclass(frozen=True, slots=True)
class Way:
    """How a restore is met. The first is ours."""

    has_barrier: bool = True
    has_witnesses: bool = True
    is_told: bool = True  # the operator says that it is a restore, before the centre speaks
    waives: bool = False  # an officer waives the region that stays away


@dataclass(slots=True)
class Ledger:
    """What the centre holds of one region."""

    envelopes: list[Head] = field(default_factory=list)
    settled: int = 0
    feed: list[tuple[int, int | None]] = field(default_factory=list)  # (recording, authorization)
    witnessed_seq: int = 0
    compared_pos: int = 0
    state: str = "done"  # of its re-sync in the present epoch
    displaced: list[tuple[int, int | None]] = field(default_factory=list)


def body_of(entry: tuple[int, int | None]) -> bytes:
    return f"{entry[0]}/{entry[1]}".encode()


class Handed(NamedTuple):
    """A kept page that comes back."""

    first_pos: int
    entries: tuple[tuple[int, int | None], ...]


Backup = tuple[int, dict[str, Ledger], dict[int, tuple[int, str]], int]


class Centre:
    """Everything here goes back with a restore; `made` counts on, as random ids do."""

    def __init__(self, way: Way, niks: dict[int, int]) -> None:
        self.way, self.niks = way, niks
        self.epoch = 1
        self.ledgers = {name: Ledger() for name in REGIONS}
        self.registry: dict[int, tuple[int, str]] = {}  # NIK → (recording, region)
        self.contested = 0
        self.made = 0

    def snapshot(self) -> Backup:
        return deepcopy((self.epoch, self.ledgers, self.registry, self.contested))

    def restore(self, backup: Backup) -> None:
        self.epoch, self.ledgers, self.registry, self.contested = deepcopy(backup)
        if self.way.is_told:
            self.raise_epoch()

    def raise_epoch(self) -> None:
        self.epoch += 1
        for ledger in self.ledgers.values():
            ledger.state = "awaiting"
            ledger.compared_pos = 0

    @property
    def is_barred(self) -> bool:
        return any(one.state == "awaiting" for one in self.ledgers.values())

    def take(self, name: str, heads: list[Head]) -> int | None:
        """The accepted seq; None for a refusal."""
        envelopes = self.ledgers[name].envelopes
        held = {
            one.seq: (one.envelope_id, one.sha256)
            for one in envelopes[heads[0].seq - 1 : heads[-1].seq]
        }
        placed = fit(heads, len(envelopes), held)  # type: ignore[arg-type]
        if isinstance(placed, Gap | Differs):
            return None
        envelopes.extend(heads[placed.held_count :])
        return max(heads[-1].seq, 0)

    def settle(self, name: str, count: int) -> None:
        ledger = self.ledgers[name]
        if self.way.has_barrier and (self.is_barred or ledger.state != "done"):
            return
        decided = {entry[0] for entry in ledger.feed} if ledger.witnessed_seq else set()
        for head in ledger.envelopes[ledger.settled : ledger.settled + count]:
            ledger.settled += 1
            if head.envelope_id in decided and head.seq <= ledger.witnessed_seq:
                continue
            nik = self.niks[head.envelope_id]
            if nik in self.registry:
                ledger.feed.append((head.envelope_id, None))
                continue
            self.made += 1
            self.registry[nik] = (head.envelope_id, name)
            ledger.feed.append((head.envelope_id, self.made))

    def page(self, name: str, after: int) -> Page:
        ledger = self.ledgers[name]
        is_silent = self.way.has_barrier and ledger.state != "done"
        told = [] if is_silent else ledger.feed[after : after + PAGE]
        items = [Item(after + n, one[0], one[1], None) for n, one in enumerate(told, 1)]
        return Page(name, after, self.epoch, items, len(ledger.feed))

    def word(self, name: str, mark: bytes | None, at: int, wanted: int | None = None) -> ResyncWord:
        ledger = self.ledgers[name]
        here = body_of(ledger.feed[at - 1]) if 0 < at <= len(ledger.feed) else None
        fits = mark is None or central.fits(here, sha256(mark).hexdigest())
        return ResyncWord(
            version=1,
            region=name,
            epoch=self.epoch,
            state=ledger.state,  # type: ignore[arg-type]
            accepted_seq=len(ledger.envelopes),
            last_pos=len(ledger.feed),
            fits=fits,
            wanted_pos=wanted,
        )

    def take_receipt(self, name: str, receipted_seq: int) -> None:
        ledger = self.ledgers[name]
        if receipted_seq > len(ledger.envelopes) and ledger.state == "done":
            self.raise_epoch()

    def take_page(self, name: str, handed: Handed) -> int | None:
        """Put it back where it stood; gives the pos wanted first, if another is."""
        ledger = self.ledgers[name]
        held = {pos: body_of(entry) for pos, entry in enumerate(ledger.feed, 1)}
        bodies = [body_of(entry) for entry in handed.entries]
        placed = central.place(
            handed.first_pos, bodies, len(ledger.feed), held, ledger.compared_pos
        )
        match placed:
            case central.Same():
                same_to = handed.first_pos + len(bodies) - 1
                ledger.compared_pos = max(ledger.compared_pos, same_to)
                return None
            case _ if ledger.state == "done":
                self.raise_epoch()
                return None
            case central.Wanted(pos):
                return pos
            case central.Lost(from_pos, _):
                ledger.displaced += ledger.feed[from_pos - 1 :]
                del ledger.feed[from_pos - 1 :]
                for entry in handed.entries[from_pos - handed.first_pos :]:
                    self._put_back(name, ledger, entry)
        return None

    def _put_back(self, name: str, ledger: Ledger, entry: tuple[int, int | None]) -> None:
        recording, authorization = entry
        ledger.feed.append(entry)
        ledger.witnessed_seq = max(ledger.witnessed_seq, recording // 10)
        if authorization is None:
            return
        holder = self.registry.setdefault(self.niks[recording], (recording, name))
        self.contested += holder != (recording, name)

    def declare(self, name: str, applied_pos: int, acked_seq: int) -> None:
        ledger = self.ledgers[name]
        if central.is_all_here(len(ledger.feed), len(ledger.envelopes), applied_pos, acked_seq) or (
            not self.way.has_witnesses
        ):
            told = {entry[0] for entry in ledger.feed}
            ledger.feed += [entry for entry in ledger.displaced if entry[0] not in told]
            ledger.displaced = []
            ledger.state = "done"


class Region:
    def __init__(self, name: str, place: int, centre: Centre) -> None:
        self.name, self.centre = name, centre
        self.outbox: list[Head] = []
        self.acked = self.receipted = 0
        self.epoch = self.uplink_epoch = 1
        self.applied: list[tuple[int, int | None]] = []
        self.pages: list[Handed] = []
        self.compared_in = 0
        self.is_away = False
        self.late_page: Page | None = None
        self._place = place

    def record(self, niks: dict[int, int], nik: int) -> None:
        seq = len(self.outbox) + 1
        recording = seq * 10 + self._place
        niks[recording] = nik
        self.outbox.append(Head(seq, recording, recording * 7))

    def send(self, is_lost: bool) -> None:
        heads = self.outbox[self.acked : self.acked + BATCH]
        if not heads:
            return
        here = Reached(self.uplink_epoch, self.acked)
        accepted = self.centre.take(self.name, heads)
        if accepted is None or is_lost:
            return
        acked = position_after(
            here,
            len(self.outbox),
            Reached(self.centre.epoch, accepted),
            heads[-1].seq,
            here,
        )
        if acked is not None:
            self.acked, self.uplink_epoch = acked, max(self.uplink_epoch, self.centre.epoch)
            self.receipted = max(self.receipted, acked)

    def read(self, is_lost: bool, is_late: bool) -> None:
        page = self.centre.page(self.name, len(self.applied))
        if is_late:
            self.late_page = page
        elif not is_lost:
            self.apply(page)

    def apply(self, page: Page) -> None:
        try:
            check_page(page, self.name, len(self.applied), self.epoch)  # type: ignore[arg-type]
        except PageDoesNotFit:
            return
        self.epoch = page.epoch
        if page.entries:
            told = tuple((item.recording, item.authorization) for item in page.entries)
            self.pages.append(Handed(len(self.applied) + 1, told))
            self.applied += told

    def resync(self, is_lost: bool) -> None:
        """One move of the region's re-sync, as its loop makes it."""
        mark = body_of(self.applied[-1]) if self.applied else None
        word = self.centre.word(self.name, mark, len(self.applied))
        if is_lost:
            return
        self.epoch = max(self.epoch, word.epoch)
        if not self.centre.way.has_witnesses:
            if word.state != "done":
                self.acked = min(self.acked, word.accepted_seq)
                self.centre.declare(self.name, len(self.applied), self.acked)
            return
        for _ in range(len(self.pages) + 3):
            own = Own(len(self.applied), self.receipted, self.epoch, self.uplink_epoch)
            move = regional.plan(own, word, is_compared=self.compared_in == word.epoch)
            wanted = self._do(move, word)
            if wanted is None:
                return
            word = self.centre.word(self.name, mark, len(self.applied), wanted or None)

    def _do(self, move: regional.Move, word: ResyncWord) -> int | None:
        """Gives the pos wanted next, 0 to look again, None to leave it for now."""
        match move:
            case regional.ShowReceipt():
                self.centre.take_receipt(self.name, self.receipted)
            case regional.HandBack(pos):
                (page,) = [
                    one
                    for one in self.pages
                    if one.first_pos <= pos < one.first_pos + len(one.entries)
                ]
                wanted = self.centre.take_page(self.name, page)
                if wanted is None and word.state != "done":
                    self.compared_in = word.epoch
                return wanted or 0
            case regional.StepBack():
                self.acked = min(self.acked, word.accepted_seq)
                self.uplink_epoch = word.epoch
            case regional.Declare():
                self.centre.declare(self.name, len(self.applied), self.receipted)
            case _:
                pass
        return None
