"""What every party holds after a storm, and what must be true of it. Pure.

The one checker of all tiers: a simulation hands in its dicts, a test its database
(`books_sql.read_books`). The invariants' numbers are those of docs/RELIABILITY.md.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Id = Hashable  # a UUID from a database, a plain number in a simulation
SENTENCES_MAX = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What the centre told a region about one recording.

    authorization: the permission given, None for a decision that permits nothing.
    replaces: the permission it takes the place of: spoiled, expired or taken back.
    decides: whether it says how penunggalan ended; cards and changes of data have their own words.
    revokes: the permission it takes back; such an entry decides and permits nothing.
    at: when it was written, where regions are to be laid beside each other; else None.
    """

    pos: int
    recording: Id
    authorization: Id | None = None
    replaces: Id | None = None
    decides: bool = True
    revokes: Id | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    authorization: Id
    blank: Id
    is_spoiled: bool = False


@dataclass(frozen=True, slots=True)
class RegionBooks:
    """One region's two logs, each as its own side holds it."""

    region: str
    receipted: Mapping[Id, Id]  # what stations hold a receipt for: recording → hash
    outbox: Sequence[tuple[Id, Id]]  # (envelope, hash); the first has seq 1
    acked_seq: int
    envelopes: Sequence[tuple[int, Id, Id]]  # at the centre, by seq: (seq, envelope, hash)
    feed: Sequence[Entry]  # at the centre, by pos
    applied: Sequence[tuple[int, Id]]  # at the region, by pos: (pos, recording)
    applied_pos: int
    recordings: frozenset[Id] | None = None  # envelopes that are recordings; None: all are
    cards: Sequence[Card] = ()
    # Kept at the region for good, each with a tombstone at the centre that names it.
    set_aside: frozenset[Id] = frozenset()

    def is_recording(self, envelope: Id) -> bool:
        return self.recordings is None or envelope in self.recordings


@dataclass(frozen=True, slots=True)
class Books:
    """All regions and the centre's registry.

    niks: recording → the number it claims. registry: number → its live permission.
    """

    regions: Sequence[RegionBooks]
    niks: Mapping[Id, Id]
    registry: Mapping[Id, Id] | None = None


@dataclass(slots=True)
class Findings:
    """What the check counted. A storm is survived when `holds`."""

    recordings: int = 0
    lost: int = 0
    doubled: int = 0
    overtakes: int = 0
    broken: Counter[str] = field(default_factory=Counter)  # invariant → times
    sentences: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.overtakes or self.broken)

    def add(self, invariant: str, times: int, sentence: str) -> int:
        """Note `times` breaches (0 notes nothing); gives them back to be counted elsewhere too."""
        if times:
            self.broken[invariant] += times
            if len(self.sentences) < SENTENCES_MAX:
                self.sentences.append(f"{invariant}: {times} times {sentence}")
        return times


def check(books: Books, *, is_drained: bool = True) -> Findings:
    """Count what the storm cost. `is_drained`: faults have ended and everything had its time."""
    found = Findings()
    for region in books.regions:
        _check_receipts(region, found)
        _check_climb(region, found, is_drained=is_drained)
        _check_feed(region, found, is_drained=is_drained)
        _check_cards(region, found)
    _check_permissions(books, found)
    return found


def _check_receipts(region: RegionBooks, found: Findings) -> None:
    outbox = dict(region.outbox)
    found.recordings += sum(region.is_recording(one) for one in outbox)
    gone = sum(outbox.get(one) != hashed for one, hashed in region.receipted.items())
    found.lost += found.add("I1", gone, f"receipted at {region.region}, not in its outbox")
    twice = len(region.outbox) - len(outbox)
    found.doubled += found.add("I3", twice, f"envelope twice in the outbox of {region.region}")


def _check_climb(region: RegionBooks, found: Findings, *, is_drained: bool) -> None:
    """The centre's envelopes are the outbox's first ones: same order, same bytes, no hole."""
    name = region.region
    holes = sum(seq != place for place, (seq, _, _) in enumerate(region.envelopes, 1))
    found.add("I4", holes, f"seq out of place at the centre, from {name}")
    repeated = Counter(one for _, one, _ in region.envelopes)
    found.doubled += found.add(
        "I3", sum(count - 1 for count in repeated.values()), f"envelope twice held of {name}"
    )
    wrong = sum(
        not 1 <= seq <= len(region.outbox) or region.outbox[seq - 1] != (one, hashed)
        for seq, one, hashed in region.envelopes
    )
    found.add("I3", wrong, f"envelope held of {name} that its outbox does not say")
    unfounded = max(0, region.acked_seq - len(region.envelopes))
    found.lost += found.add("I2", unfounded, f"acknowledged to {name}, not held by the centre")
    if is_drained:
        missing = max(0, len(region.outbox) - len(region.envelopes) - unfounded)
        found.lost += found.add("I13", missing, f"never arrived from {name}")


def _check_feed(region: RegionBooks, found: Findings, *, is_drained: bool) -> None:
    name = region.region
    holes = sum(entry.pos != place for place, entry in enumerate(region.feed, 1))
    found.add("I9", holes, f"pos out of place in the feed of {name}")
    told = {entry.pos: entry.recording for entry in region.feed}
    invented = sum(told.get(pos) != recording for pos, recording in region.applied)
    found.add("I9", invented, f"applied at {name}, not in its feed")
    again = len(region.applied) - len({pos for pos, _ in region.applied})
    found.doubled += found.add("I9", again, f"entry applied twice at {name}")
    skipped = len(
        {pos for pos in told if pos <= region.applied_pos} - {pos for pos, _ in region.applied}
    )
    found.lost += found.add("I9", skipped, f"entry passed over at {name}")
    seqs = {one: seq for seq, one, _ in region.envelopes}
    decided = [entry.recording for entry in region.feed if _is_decision(entry)]
    strangers = sum(one not in seqs for one in decided)
    found.add("I6", strangers, f"decided for {name} without its envelope")
    found.add("I8", _again(region.feed), f"decided again for {name} after it was permitted")
    first_decided = [seqs[one] for one in dict.fromkeys(decided) if one in seqs]
    found.overtakes += found.add("I4", _descents(first_decided), f"overtaken within {name}")
    if is_drained:
        held = {one for _, one, _ in region.envelopes if region.is_recording(one)}
        waiting = len(held - set(decided) - region.set_aside)
        found.lost += found.add("I2", waiting, f"of {name} held and never decided")
        unread = sum(entry.pos > region.applied_pos for entry in region.feed)
        found.lost += found.add("I13", unread, f"entry never read by {name}")


def _is_decision(entry: Entry) -> bool:
    return entry.decides and entry.replaces is None and entry.revokes is None


def _again(feed: Sequence[Entry]) -> int:
    """Decisions on recordings that had their permission before."""
    permitted: set[Id] = set()
    count = 0
    for entry in feed:
        if _is_decision(entry):
            count += entry.recording in permitted
            if entry.authorization is not None:
                permitted.add(entry.recording)
    return count


def _descents(numbers: Iterable[int]) -> int:
    """How many come after a larger one."""
    count, highest = 0, 0
    for number in numbers:
        count += number < highest
        highest = max(highest, number)
    return count


def _check_cards(region: RegionBooks, found: Findings) -> None:
    name = region.region
    given = {entry.authorization for entry in region.feed if entry.authorization is not None}
    uses = Counter(card.authorization for card in region.cards)
    blanks = Counter(card.blank for card in region.cards)
    more = sum(count - 1 for counts in (uses, blanks) for count in counts.values())
    found.doubled += found.add("I7", more, f"card beyond one per permission or blank at {name}")
    bare = sum(card.authorization not in given for card in region.cards)
    found.add("I6", bare, f"card without a permission at {name}")


def _check_permissions(books: Books, found: Findings) -> None:
    """One live permission for a person, whoever asked: the promise all others are for."""
    voided = {
        card.authorization for region in books.regions for card in region.cards if card.is_spoiled
    }
    told = [entry for region in books.regions for entry in region.feed]
    voided |= {entry.revokes for entry in told if entry.revokes is not None}
    given = [
        (entry.recording, entry.authorization, entry.replaces)
        for entry in told
        if entry.authorization is not None
    ]
    replaced = {old for _, _, old in given if old is not None}
    live = [(one, new) for one, new, _ in given if new not in replaced and new not in voided]
    by_nik = Counter(books.niks.get(one, one) for one, _ in live)
    by_recording = Counter(one for one, _ in live)
    by_id = Counter(new for _, new, _ in given)
    more = sum(count - 1 for counts in (by_nik, by_recording, by_id) for count in counts.values())
    found.doubled += found.add("I5", more, "live permission beyond one for a person")
    found.doubled += found.add("I5", _given_beside(books), "permission given beside a live one")
    found.doubled += found.add("I7", _cards_beside(books), "card beyond one that stands, a person")
    if books.registry is not None:
        # A voided one stays in the registry until its replacement; it is nobody's card.
        alive = {books.niks.get(one, one): new for one, new in live}
        registered = {n: one for n, one in books.registry.items() if one not in voided}
        differing = len(registered.items() ^ alive.items())
        found.add("I6", differing, "registry and feeds differ")


def _given_beside(books: Books) -> int:
    """Permissions given at a moment at which another one of the same person stood.

    Within a region by pos; across regions by the moments at which entries were written.
    """
    spoiled = {
        card.authorization for region in books.regions for card in region.cards if card.is_spoiled
    }
    by_nik: dict[Id, list[tuple[float, Entry]]] = {}
    for region in books.regions:
        moment = 0.0
        for entry in region.feed:
            moment = max(moment, entry.at or 0.0)
            if entry.authorization is not None or entry.revokes is not None:
                nik = books.niks.get(entry.recording, entry.recording)
                by_nik.setdefault(nik, []).append((moment, entry))
    count = 0
    for history in by_nik.values():
        if len({entry.recording for _, entry in history}) > 1 and any(
            entry.at is None for _, entry in history
        ):
            continue  # of two recordings, and nobody knows in which order: the end alone is judged
        # What is taken back and given in one moment is taken back first.
        history.sort(key=lambda one: (one[0], one[1].revokes is None))
        count += _beside(history, spoiled)
    return count


def _beside(history: Iterable[tuple[float, Entry]], spoiled: Collection[Id]) -> int:
    standing: Id | None = None
    count = 0
    for _, entry in history:
        if entry.revokes is not None:
            standing = None if entry.revokes == standing else standing
            continue
        stands_still = standing is not None and standing not in spoiled
        count += stands_still and entry.replaces != standing
        standing = entry.authorization
    return count


def _cards_beside(books: Books) -> int:
    """Cards of one person that are neither spoiled nor printed on a permission taken back."""
    told = [entry for region in books.regions for entry in region.feed]
    revoked = {entry.revokes for entry in told if entry.revokes is not None}
    holder = {
        entry.authorization: books.niks.get(entry.recording, entry.recording)
        for entry in told
        if entry.authorization is not None
    }
    # A set: one permission used twice is counted where each card is looked at.
    standing = {
        card.authorization
        for region in books.regions
        for card in region.cards
        if not card.is_spoiled and card.authorization not in revoked
    }
    by_nik = Counter(holder[one] for one in standing if one in holder)
    return sum(count - 1 for count in by_nik.values())
