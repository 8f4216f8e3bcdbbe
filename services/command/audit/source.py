"""Where a chain comes from: a database, or an export that was carried away."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from shared.audit.checkpoints import Checkpoints, Made
from shared.audit.entries import Entry, canonical
from shared.audit.ledger import Head, Kept, Ledger
from shared.audit.verifying import Signed
from shared.audit.witnessing import Mark
from shared.contracts.audit import read_checkpoint
from shared.database.engine import Database
from shared.signing import BadSignature, PinnedKeys

PAGE_ENTRIES = 2_000
FORMAT = "tunggal-audit-export-1"


class NotAnExport(Exception):
    """The file is no export of an audit, or was cut off."""


@dataclass(slots=True)
class Source:
    """A chain's head and checkpoints, and its entries page by page."""

    chain: str
    head: Head
    checkpoints: list[tuple[str, bytes]]  # JWS, frontier
    pages: AsyncIterator[list[Kept]]
    forged: list[int] = field(default_factory=list)

    def signed(self, keys: PinnedKeys) -> list[Signed]:
        """Checkpoints whose signature is the owner's; others are counted in `forged`."""
        found = []
        for number, (jws, frontier) in enumerate(self.checkpoints, 1):
            try:
                found.append(Signed(mark_of(keys, jws, self.chain), frontier))
            except BadSignature:
                self.forged.append(number)
        return found


def mark_of(keys: PinnedKeys, jws: str, chain: str) -> Mark:
    """Raises BadSignature."""
    told = read_checkpoint(keys, jws, chain)
    return Mark(told.epoch, told.size, bytes.fromhex(told.root))


async def from_database(database: Database, ledger: Ledger) -> Source:
    """Entries are read in pages of their own: what is appended meanwhile is left out."""
    async with database.begin() as transaction:
        head = await ledger.head(transaction)
        kept: list[Made] = await Checkpoints(ledger).after(transaction, -1, -1, 1_000_000)

    async def pages() -> AsyncIterator[list[Kept]]:
        last = 0
        while True:
            async with database.begin() as transaction:
                found = await ledger.after(transaction, last, PAGE_ENTRIES)
            # Beyond the head as it was read: whether cut off or edited, it is looked at as well.
            found = [one for one in found if one.entry.position <= head.position]
            if not found:
                return
            last = found[-1].entry.position
            yield found

    return Source(ledger.chain, head, [(one.jws, one.frontier) for one in kept], pages())


async def write_export(source: Source, file: TextIO) -> int:
    """One JSON document a line: the head, each entry with its hash, checkpoints; gives how many."""
    _line(
        file,
        {
            "format": FORMAT,
            "chain": source.chain,
            "position": source.head.position,
            "hash": source.head.hash.hex(),
        },
    )
    for jws, frontier in source.checkpoints:
        _line(file, {"checkpoint": jws, "frontier": frontier.hex()})
    count = 0
    async for page in source.pages:
        for one in page:
            written = canonical(source.chain, one.entry).decode()
            _line(file, {"entry": written, "hash": one.hash.hex()})
            count += 1
    _line(file, {"end": count})
    return count


def _line(file: TextIO, told: dict[str, Any]) -> None:
    file.write(orjson.dumps(told).decode() + "\n")


def from_export(path: Path) -> Source:
    """Raises NotAnExport, OSError."""
    lines = iter(path.read_text().splitlines())
    try:
        first = orjson.loads(next(lines))
        if first["format"] != FORMAT:
            raise NotAnExport
        head = Head(int(first["position"]), bytes.fromhex(first["hash"]))
        told = [orjson.loads(line) for line in lines]
        if not told or "end" not in told[-1]:
            raise NotAnExport
        checkpoints = [
            (str(one["checkpoint"]), bytes.fromhex(one["frontier"]))
            for one in told
            if "checkpoint" in one
        ]
        entries = [_kept(one) for one in told if "entry" in one]
    except (StopIteration, ValueError, KeyError, TypeError) as doubt:
        raise NotAnExport from doubt

    async def pages() -> AsyncIterator[list[Kept]]:
        for page in _in_pages(entries):
            yield page

    return Source(str(first["chain"]), head, checkpoints, pages())


def _in_pages(entries: list[Kept]) -> Iterator[list[Kept]]:
    for at in range(0, len(entries), PAGE_ENTRIES):
        yield entries[at : at + PAGE_ENTRIES]


def _kept(line: dict[str, Any]) -> Kept:
    told = orjson.loads(line["entry"])
    return Kept(
        Entry(
            position=told["position"],
            at=datetime.fromisoformat(told["at"]),
            actor=told["actor"],
            roles=tuple(told["roles"]),
            region=told["region"],
            act=told["act"],
            purpose=told["purpose"],
            subjects=tuple(told["subjects"]),
            detail=told["detail"],
            trace=told["trace"],
        ),
        bytes.fromhex(line["hash"]),
    )
