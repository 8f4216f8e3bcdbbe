"""Find the first entry that is not as it was written. Pure.

Four things are held against one another: each entry and its hash, the hash before it, signed
checkpoints of the chain's owner, and checkpoints somebody else kept as witness. What one who owns
the database can put right everywhere in it (chain it anew, take it back to an older copy) shows in
the last two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shared.audit.entries import BEGINNING, canonical, chained
from shared.audit.ledger import Head, Kept
from shared.audit.merkle import HASH_BYTES, Frontier, leaf_hash
from shared.audit.witnessing import Mark


class Kind(StrEnum):
    EDITED = "edited"
    REMOVED = "removed"
    CUT_OFF = "cut-off"
    ROLLED_BACK = "rolled-back"
    REWRITTEN = "rewritten"
    RESTORED = "restored"


SENTENCES = {
    Kind.EDITED: "is not what was written: its hash does not fit it or the one before",
    Kind.REMOVED: "is gone from the middle",
    Kind.CUT_OFF: "and what came after it is gone from the end",
    Kind.ROLLED_BACK: "is missing: this is an older copy of a chain a witness has seen longer",
    Kind.REWRITTEN: "is another than was signed for: the chain was written anew from it on",
    Kind.RESTORED: "is missing since a restore that the epoch tells of",
}
NEXT = {
    Kind.RESTORED: "Keep the witness's word with the minutes of the restore; nothing else to do.",
}
NEXT_ELSE = (
    "Stop whoever has access to this database, keep a copy of it as it is, and tell the other "
    "side: an older backup or a region's copy shows what was there."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """first: the first wrong entry, or the first that may be; last: the last that may be it."""

    kind: Kind
    first: int
    last: int

    def __str__(self) -> str:
        where = f"entry {self.first}"
        if self.last > self.first:
            where = f"the first wrong entry lies in {self.first}..{self.last}; it"
        return f"{self.kind}: {where} {SENTENCES[self.kind]}"

    @property
    def next_action(self) -> str:
        return NEXT.get(self.kind, NEXT_ELSE)


@dataclass(frozen=True, slots=True)
class Signed:
    """A mark whose signature was verified; frontier: of the same size, believed if it fits."""

    mark: Mark
    frontier: bytes = b""


@dataclass(slots=True)
class Verifier:
    """Takes a chain entry by entry; `wanted`: marks it will be held against."""

    chain: str
    wanted: Sequence[Signed]
    _hash: bytes = BEGINNING
    _frontier: Frontier = field(default_factory=Frontier)
    _at: dict[int, Frontier] = field(default_factory=dict)
    _sizes: frozenset[int] = frozenset()
    broken: Finding | None = None

    def __post_init__(self) -> None:
        self._sizes = frozenset(one.mark.size for one in self.wanted)
        self._note()

    @property
    def size(self) -> int:
        """Entries in order so far."""
        return self._frontier.size

    def take(self, entries: Iterable[Kept]) -> bool:
        """Gives False once the chain does not hang together: the rest says nothing more."""
        for one in entries:
            expected = self.size + 1
            if one.entry.position != expected:
                self.broken = Finding(Kind.REMOVED, expected, expected)
                return False
            written = canonical(self.chain, one.entry)
            hashed = chained(self._hash, written)
            if hashed != one.hash:
                self.broken = Finding(Kind.EDITED, expected, expected)
                return False
            self._hash = hashed
            self._frontier.append(leaf_hash(written))
            self._note()
        return True

    def _note(self) -> None:
        if self.size in self._sizes:
            self._at[self.size] = Frontier(self.size, list(self._frontier.nodes))

    def findings(self, head: Head, own: Sequence[Signed], seen: Sequence[Signed]) -> list[Finding]:
        """What is wrong, the first wrong entry first. own, seen: by the owner, by a witness."""
        found = [self.broken] if self.broken else []
        found += self._against(own, seen)
        if self.broken is None:
            if head.position > self.size:
                found.append(Finding(Kind.CUT_OFF, self.size + 1, head.position))
            elif (head.position, head.hash) != (self.size, self._hash):
                found.append(Finding(Kind.EDITED, max(head.position, 1), self.size))
        return sorted(found, key=lambda one: (one.first, -one.last))

    def _against(self, own: Sequence[Signed], seen: Sequence[Signed]) -> list[Finding]:
        epoch = max((one.mark.epoch for one in own), default=0)
        found: list[Finding] = []
        good = 0
        for one in sorted([*own, *seen], key=lambda one: one.mark.size):
            mine = self._at.get(one.mark.size)
            if mine is not None and mine.root() == one.mark.root:
                good = max(good, one.mark.size)
            elif mine is not None:
                kind = Kind.RESTORED if one.mark.epoch < epoch else Kind.REWRITTEN
                found.append(_narrowed(kind, good, mine, one))
                break
            elif self.broken is None:
                kind = Kind.CUT_OFF if one in own else Kind.ROLLED_BACK
                if one.mark.epoch < epoch:
                    kind = Kind.RESTORED
                found.append(Finding(kind, self.size + 1, one.mark.size))
        return found


def _narrowed(kind: Kind, good: int, mine: Frontier, signed: Signed) -> Finding:
    """Between the last mark that fits and this one, by the first subtree that differs."""
    first, last = good + 1, signed.mark.size
    if len(signed.frontier) != HASH_BYTES * signed.mark.size.bit_count():
        return Finding(kind, first, last)
    theirs = Frontier.of(signed.mark.size, signed.frontier)
    if theirs.root() != signed.mark.root:
        return Finding(kind, first, last)
    begin, left = 0, signed.mark.size
    for ours, other in zip(mine.nodes, theirs.nodes, strict=True):
        width = 1 << (left.bit_length() - 1)
        if ours != other:
            return Finding(kind, max(first, begin + 1), begin + width)
        begin, left = begin + width, left - width
    return Finding(kind, first, last)
