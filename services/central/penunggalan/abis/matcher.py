"""The built-in matcher's place, taken by an ABIS: told of everybody first, then asked.

The promise is kept as follows. The ABIS is told every row of the gallery up to the position before
it is asked; each probe is inserted under its recording's id, as MOSIP does, and then identified.
Whomever the ABIS names and the gallery holds at that position is a likeness, at whatever distance
it lies by our own measure: the ABIS had its reasons, and people look at what we cannot confirm.
Whom the gallery does not hold there, it does not name either: probes under way, and those appended
later, whom the ticket compares. A name the centre never heard is no verdict at all.
"""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.central.penunggalan.abis import store
from services.central.penunggalan.abis.client import Abis, AbisTrouble, words_of
from services.central.penunggalan.abis.messages import Candidate
from services.central.penunggalan.abis.sharing import Shares
from services.central.penunggalan.abis.store import Change, Mark
from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.compare import delta
from services.central.penunggalan.iris.gallery import in_order
from services.central.penunggalan.iris.matcher import (
    GalleryIncomplete,
    Likeness,
    Probe,
    Row,
    Search,
)
from shared.database.engine import Database
from shared.iris import NOT_COMPARED, TEMPLATE_BYTES, Words, distance, from_bytes
from shared.iris_keys import GalleryKeys
from shared.telemetry.metrics import ABIS_BEHIND

AT_ONCE: Final = 8  # questions under way, so that a batch is not one after the other
TOLD_AT_ONCE: Final = 64  # rows, after which the mark moves
# What a search may tell the ABIS before it begins; more is told by the watch, and nobody waits.
ROWS_BEHIND_MAX: Final = 256
REFUSED_MAX: Final = 1_000  # an ABIS that calls more too poor has another idea of irises than ours
# As many false alarms as our own search may raise. No `maxResults`: a list that was cut short could
# hold only names that are no likenesses here.
FLAGS: Final = {"targetFPIR": str(thresholds.FALSE_ALARMS_DECIBELS)}

T = TypeVar("T")
log = structlog.get_logger()


class Behind(Exception):
    """So much is to be told first that no search waits for it."""


class MatcherAbis:
    """Searches by asking an ABIS; several processes may do so at once."""

    def __init__(
        self,
        database: Database,
        abis: Abis,
        shares: Shares,
        keys: GalleryKeys,
        base: str,
        seconds_max: float,
    ) -> None:
        """base: where the ABIS reaches this centre, to fetch irises. seconds_max: of a search."""
        self.database = database
        self.abis = abis
        self.is_short = False  # the ABIS held fewer than it was told; the watch looks after it
        self._shares = shares
        self._keys = keys
        self._base = base
        self._seconds_max = seconds_max
        self._places = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        await self.abis.close()

    async def search(
        self,
        probes: Sequence[Probe],
        position: int,
        *,
        exhaustive: bool = False,  # noqa: ARG002 an ABIS has one way to search
    ) -> Search:
        try:
            async with asyncio.timeout(self._seconds_max):
                return await self._search(probes, position)
        except (AbisTrouble, Behind, TimeoutError, SQLAlchemyError, OSError) as trouble:
            log.warning("abis.no_search", trouble=words_of(trouble))
            raise GalleryIncomplete from trouble

    async def _search(self, probes: Sequence[Probe], position: int) -> Search:
        mark = await self._tell_a_little(position)
        named = await _all([self._named(one.recording_id) for one in probes])
        ids = {one.reference_id for names in named for one in names or ()}
        async with self.database.begin() as transaction:
            people = await store.people_at(transaction, ids | mark.refused, position, self._keys)
            strangers = ids - people.keys() - await store.received(transaction, ids - people.keys())
            size = mark.people - await store.growth_between(transaction, position, mark.position)
        if strangers:
            log.error("abis.names_strangers", strangers=len(strangers))
            raise AbisTrouble("it holds people this centre never heard of")
        await self._stands_by(mark)
        refused = [row for one in mark.refused if (row := people.get(one)) is not None]
        likenesses = await asyncio.to_thread(
            _likenesses, probes, named, people, refused, thresholds.for_gallery(size)
        )
        too_poor = {
            one.recording_id for one, names in zip(probes, named, strict=True) if names is None
        }
        return Search(position, size, likenesses, frozenset(too_poor))

    async def _named(self, recording_id: UUID) -> tuple[Candidate, ...] | None:
        """Whom the ABIS calls alike; None where it calls the probe too poor."""
        if not await self._insert(recording_id):
            return None
        async with self._places:
            return await self.abis.identify(recording_id, FLAGS)

    async def _insert(self, recording_id: UUID) -> bool:
        async with self._places:
            address = self._shares.address_of(self._base, recording_id)
            return await self.abis.insert(recording_id, address)

    async def _stands_by(self, mark: Mark) -> None:
        """An ABIS that lost what it was told, by a restore of its own, must not go unnoticed.

        Nor one that lost it, was asked, and then was told everything anew before it was counted.
        """
        if await self.abis.count() < mark.held:
            self.is_short = True
            raise AbisTrouble("it holds fewer than it was told")
        later = await self.mark()
        if (later.epoch, later.times_begun) != (mark.epoch, mark.times_begun):
            raise AbisTrouble("it is told everything anew")

    async def _tell_a_little(self, position: int) -> Mark:
        mark = await self.mark()
        if position - mark.position > ROWS_BEHIND_MAX:
            raise Behind
        return await self.tell(position)

    async def mark(self) -> Mark:
        async with self.database.begin() as transaction:
            return await store.mark_of(transaction, self.abis.address)

    async def tell(self, position: int) -> Mark:
        """Tell the ABIS every row up to `position`. Raises AbisTrouble, SQLAlchemyError, OSError.

        Killed anywhere, it begins at the mark again: what is told twice is told once.
        """
        mark = await self.mark()
        while mark.position < position:
            ABIS_BEHIND.set(position - mark.position)
            upto = min(mark.position + TOLD_AT_ONCE, position)
            async with self.database.begin() as transaction:
                changes = await store.changes_between(transaction, mark.position, upto)
            if len(changes) != upto - mark.position:
                raise AbisTrouble("rows are not written yet")
            after = await self._told(mark, upto, changes)
            async with self.database.begin() as transaction:
                await store.move_mark(transaction, self.abis.address, mark, after)
            mark = await self.mark()  # ours, or what another process made of it meanwhile
        ABIS_BEHIND.set(0)
        return mark

    async def begin_anew(self) -> None:
        """Tell the ABIS everything again, from the first row on."""
        mark = await self.mark()
        async with self.database.begin() as transaction:
            await store.move_mark(
                transaction,
                self.abis.address,
                mark,
                Mark(mark.epoch, times_begun=mark.times_begun + 1),
            )
        self.is_short = False

    async def _told(self, mark: Mark, upto: int, changes: Sequence[Change]) -> Mark:
        removed = {one.recording_id for one in changes if one.is_removal}
        added = [one for one in changes if not one.is_removal]
        gone = removed | {one.recording_id for one in added if one.is_erased}
        left = [one.recording_id for one in added if one.recording_id not in gone]
        taken = await _all([self._insert(one) for one in left])
        await _all([self._delete(one) for one in sorted(removed)])
        poor = {one for one, is_taken in zip(left, taken, strict=True) if not is_taken}
        refused = (mark.refused | poor) - removed
        if len(refused) > REFUSED_MAX:
            log.error("abis.refuses_too_many", refused=len(refused))
            raise AbisTrouble("it calls too many people's irises too poor")
        people = mark.people + len(added) - len(removed)
        return replace(mark, position=upto, people=people, refused=refused)

    async def _delete(self, recording_id: UUID) -> None:
        async with self._places:
            await self.abis.delete(recording_id)


async def _all(questions: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """All of them at once, as far as there are places; the first trouble ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in questions]
    except ExceptionGroup as troubles:
        raise troubles.exceptions[0] from None
    return [one.result() for one in tasks]


def _likenesses(
    probes: Sequence[Probe],
    named: Sequence[Sequence[Candidate] | None],
    people: Mapping[UUID, Row | None],
    refused: Collection[Row],
    limits: thresholds.Thresholds,
) -> tuple[tuple[Likeness, ...], ...]:
    """By the ABIS's word whomever it names, by ours those it would not take."""
    ours = delta(probes, sorted(refused, key=lambda row: row.position), limits)
    found = []
    for probe, names, alike in zip(probes, named, ours, strict=True):
        by_id = {one.recording_id: one for one in alike}
        for one in names or ():
            row = people.get(one.reference_id)
            if row is not None and row.recording_id != probe.recording_id:
                by_id[row.recording_id] = _likeness(probe, row, one.score)
        found.append(tuple(in_order(by_id.values())))
    return tuple(found)


def _likeness(probe: Probe, row: Row, score: str | None) -> Likeness:
    left = _distance(probe.left, row.irises[:TEMPLATE_BYTES])
    right = _distance(probe.right, row.irises[TEMPLATE_BYTES:])
    return Likeness(row.recording_id, row.region, row.nik, row.kind, left, right, score)


def _distance(eye: Words | None, kept: bytes) -> float | None:
    if eye is None or not any(kept):
        return None
    found = distance(eye, from_bytes(kept))
    return None if found == NOT_COMPARED else found
