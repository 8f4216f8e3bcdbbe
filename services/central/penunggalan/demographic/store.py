"""Keys of recordings, and the recordings that share one: what was recorded of a person before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.central.penunggalan.demographic.keys import keys_of
from services.central.penunggalan.demographic.persons import Person
from services.central.penunggalan.demographic.weights import (
    Comparison,
    compare_persons,
)
from services.central.tables import demographic_key, envelope, registry
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.recording import Recording
from shared.database.engine import Columns, Transaction, rows_of

CANDIDATES_MAX = 5  # for each recording; more than an officer compares
READ_FOR_EACH_MAX = 15  # recordings read back and compared for each recording
BLOCK_MAX = 50  # recordings looked at under one key, the oldest first
KEYS_AT_ONCE = 4_000
BODIES_AT_ONCE = 200  # some 15 KB each are in memory together

Place = tuple[str, UUID]  # region and id of a recording
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DemographicCandidate:
    """A recording that could be of the same person, with the evidence for and against it."""

    region: str
    recording_id: UUID
    captured_at: datetime
    comparison: Comparison


_COLUMNS: Columns = {"key": BigInteger(), "recording_id": Uuid(), "region_code": Text()}
_rows = rows_of("new_keys", _COLUMNS)
_FILL = (
    insert(demographic_key)
    .from_select([*_COLUMNS], select(*(_rows.c[name] for name in _COLUMNS)))
    .on_conflict_do_nothing()
)
_ranked = (
    select(
        demographic_key.c.key,
        demographic_key.c.recording_id,
        demographic_key.c.region_code,
        func.row_number()
        .over(partition_by=demographic_key.c.key, order_by=demographic_key.c.recording_id)
        .label("place"),
    )
    .where(demographic_key.c.key == func.any(bindparam("keys", type_=ARRAY(BigInteger))))
    .subquery()
)
_SHARING = select(_ranked.c.key, _ranked.c.recording_id, _ranked.c.region_code).where(
    _ranked.c.place <= bindparam("block_max", type_=Integer)
)
_wanted = rows_of("wanted", {"region_code": Text(), "envelope_id": Uuid()})
_BODIES = (
    select(envelope.c.region_code, envelope.c.envelope_id, envelope.c.body)
    .join(
        _wanted,
        (envelope.c.region_code == _wanted.c.region_code)
        & (envelope.c.envelope_id == _wanted.c.envelope_id),
    )
    .order_by(envelope.c.region_code, envelope.c.envelope_id, envelope.c.seq)
)


async def fill(
    transaction: Transaction, region: str, recordings: Sequence[Recording], secret: bytes = b""
) -> None:
    """Enter recordings under their keys; a second time changes nothing."""
    rows = [
        (key, one.recording_id) for one in recordings for key in keys_of(Person.of(one), secret)
    ]
    if not rows:
        return
    rows.sort()  # one way through the index
    await transaction.execute(
        _FILL,
        {
            "key": [key for key, _ in rows],
            "recording_id": [recording_id for _, recording_id in rows],
            "region_code": [region] * len(rows),
        },
    )


async def forget(
    transaction: Transaction, recordings: Sequence[Recording], secret: bytes = b""
) -> None:
    """Take recordings out: nobody is compared with them any more."""
    for one in recordings:
        await transaction.execute(
            delete(demographic_key).where(
                demographic_key.c.key.in_(keys_of(Person.of(one), secret)),
                demographic_key.c.recording_id == one.recording_id,
            )
        )


async def candidates(
    transaction: Transaction,
    recordings: Sequence[Recording],
    limit: int = CANDIDATES_MAX,
    *,
    gallery: int,
    secret: bytes = b"",
) -> dict[UUID, tuple[DemographicCandidate, ...]]:
    """For each recording at most `limit` others that share a key, the likeliest first.

    A recording is never its own candidate; those of one batch find each other once filled.
    gallery: how many recordings there are, for the score.
    """
    persons = {one.recording_id: Person.of(one) for one in recordings}
    keys = {recording_id: keys_of(person, secret) for recording_id, person in persons.items()}
    sharing = await _sharing(transaction, {key for some in keys.values() for key in some})
    places = {
        recording_id: _most_shared(recording_id, some, sharing)
        for recording_id, some in keys.items()
    }
    found = await compared(transaction, [(persons[one], places[one]) for one in persons], gallery)
    return {
        recording_id: tuple(
            sorted(some, key=lambda one: (-one.comparison.weight, one.recording_id))[:limit]
        )
        for recording_id, some in zip(persons, found, strict=True)
    }


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Recordings proven unique, in the order of their NIKs."""

    last_nik: int  # where the next page goes on
    recordings: tuple[tuple[str, Recording], ...]  # (region, recording)


async def register_page(
    transaction: Transaction, after_nik: int, count: int
) -> RegisterPage | None:
    """The next recordings of the register; None behind the last. Start with after_nik -1.

    Those whose body is not readable are left out.
    """
    rows = await transaction.execute(
        select(registry.c.nik, registry.c.region_code, registry.c.recording_id)
        .where(registry.c.nik > after_nik)
        .order_by(registry.c.nik)
        .limit(count)
    )
    listed = [(int(row.nik), (row.region_code, row.recording_id)) for row in rows]
    if not listed:
        return None
    found = await _stored(transaction, [place for _, place in listed])
    return RegisterPage(listed[-1][0], tuple(found))


async def compared(
    transaction: Transaction,
    pairs: Sequence[tuple[Person, Sequence[Place]]],
    gallery: int,
) -> list[list[DemographicCandidate]]:
    """The evidence for each person against stored recordings; in the order of `pairs`.

    What is no longer readable is left out.
    """
    askers: dict[Place, list[int]] = {}
    for number, (_, places) in enumerate(pairs):
        for place in places:
            askers.setdefault(place, []).append(number)
    found: list[list[DemographicCandidate]] = [[] for _ in pairs]
    for some in _batches(sorted(askers), BODIES_AT_ONCE):
        for region, stored in await _stored(transaction, some):
            person = Person.of(stored)
            for number in askers[region, stored.recording_id]:
                found[number].append(
                    DemographicCandidate(
                        region,
                        stored.recording_id,
                        stored.captured_at,
                        compare_persons(pairs[number][0], person, gallery),
                    )
                )
    return found


async def _sharing(transaction: Transaction, keys: Iterable[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    for some in _batches(sorted(keys), KEYS_AT_ONCE):
        rows = await transaction.execute(_SHARING, {"keys": some, "block_max": BLOCK_MAX})
        for key, recording_id, region in rows:
            found.setdefault(key, []).append((region, recording_id))
    return found


def _most_shared(
    recording_id: UUID, keys: Sequence[int], sharing: dict[int, list[Place]]
) -> list[Place]:
    """Those that share the most keys, and of equals those in the smallest blocks."""
    shared: dict[Place, float] = {}
    for key in keys:
        block = sharing.get(key, [])
        for place in block:
            shared[place] = shared.get(place, 0) + 1 + 1 / (1 + len(block))
    return [
        place
        for place, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))
        if place[1] != recording_id
    ][:READ_FOR_EACH_MAX]


async def _stored(transaction: Transaction, places: Sequence[Place]) -> list[tuple[str, Recording]]:
    """The first body under each id, where it is a recording."""
    rows = await transaction.execute(
        _BODIES,
        {
            "region_code": [region for region, _ in places],
            "envelope_id": [one for _, one in places],
        },
    )
    first: dict[Place, Body] = {}
    for row in rows:
        first.setdefault((row.region_code, row.envelope_id), Body(*row))
    bodies = list(first.values())
    said = await vault.recordings(transaction, bodies)
    return [
        (body.region, one)
        for body, one in zip(bodies, said, strict=True)
        if isinstance(one, Recording)
    ]


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
