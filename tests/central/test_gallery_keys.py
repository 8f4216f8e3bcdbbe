"""The gallery under its keys: sealed in rows, renewed while it is searched, silent without."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from services.central.penunggalan import gallery, renewing
from services.central.penunggalan.iris.matcher import GalleryIncomplete, Probe, Row
from services.central.penunggalan.iris.part import MatcherHere
from services.central.print_authorization.rules import Permitter
from services.central.tables import gallery as table
from services.command import security_report
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.iris import Words, to_bytes
from shared.iris_keys import NO_KEYS, GalleryKeys
from shared.sealing import KeyRing, Secret, new_secret
from tests.central.iris_world import a_settler, rows_of, settle
from tests.eyes import KEYS, SECRET, a_person, an_eye, write_keys
from tests.recordings import NOON
from tests.town import REGION

pytestmark = pytest.mark.security

PEOPLE = 40
NEWER = GalleryKeys(KeyRing(Path("no-file"), [SECRET, Secret("newer", bytes(32))]))
BOTH_OLD = GalleryKeys(KeyRing(Path("no-file"), [Secret("newer", bytes(32)), SECRET]))


def row_of(person: int, keys: GalleryKeys) -> Row:
    eyes = to_bytes(an_eye(2 * person)) + to_bytes(an_eye(2 * person + 1))
    return Row(person, gallery.PERSON, UUID(int=person), REGION, person, keys.protected(eyes))


def probe(person: int, keys: GalleryKeys) -> Probe:
    left, right = (keys.protect(an_eye(2 * person + eye, take=1)) for eye in (0, 1))
    return Probe(UUID(int=1_000 + person), left, right)


@pytest.fixture
async def filled(database: Database) -> Database:
    """Persons 1 to PEOPLE; the first half from before there were keys."""
    rows = [(row_of(one, NO_KEYS), NO_KEYS) for one in range(1, PEOPLE // 2)]
    rows += [(row_of(one, KEYS), KEYS) for one in range(PEOPLE // 2, PEOPLE)]
    async with database.begin() as transaction:
        for row, keys in rows:
            await gallery.append(transaction, [row], NOON, keys)
        await gallery.remove(transaction, [UUID(int=3)], NOON)
    return database


async def found_by(keys: GalleryKeys, database: Database) -> list[Sequence[Any]]:
    """Whom a process that works under `keys` finds for one of the old rows and one of the new."""
    probes = [probe(person, keys) for person in (1, 3, PEOPLE - 1, 900)]
    return list((await MatcherHere(database, keys).search(probes, PEOPLE)).likenesses)


async def kids(database: Database) -> dict[str | None, int]:
    async with database.begin() as transaction:
        counted = await transaction.execute(
            select(table.c.key_id, func.count())
            .where(table.c.kind != gallery.REMOVED)
            .group_by(table.c.key_id)
        )
        return {row[0]: row[1] for row in counted}


async def test_what_settles_is_sealed_in_its_row(database: Database, permitter: Permitter) -> None:
    one = a_person(1)
    settler = a_settler(database, permitter, MatcherHere(database, KEYS))

    await settle(settler, REGION, one)

    (kept,) = await rows_of(database, table)
    eyes: list[Words] = [an_eye(2), an_eye(3)]
    assert kept.key_id == SECRET.kid
    for form in (to_bytes(eyes[0]), to_bytes(KEYS.protect(eyes[0]))):
        assert form[:64] not in kept.irises, "readable in the row"


async def test_processes_under_different_keys_find_the_same_whatever_is_renewed_meanwhile(
    filled: Database,
) -> None:
    before = await found_by(KEYS, filled)
    assert [len(alike) for alike in before] == [1, 0, 1, 0]

    for batches in (3, 7, None):  # killed twice on its way
        await renewing.renew(filled, NEWER, may_rebuild=False, batches_max=batches)
        assert [await found_by(keys, filled) for keys in (NEWER, BOTH_OLD)] == [before] * 2

    assert await kids(filled) == {"newer": PEOPLE - 1}
    assert await renewing.renew(filled, NEWER, may_rebuild=False) == renewing.Renewed()


async def test_a_renewal_that_dies_goes_on_where_rows_are_left(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "ROWS_AT_ONCE", 1)

    first = await renewing.renew(filled, NEWER, may_rebuild=False, batches_max=9)
    async with filled.begin() as transaction:
        left = await renewing.count_elsewhere(transaction, NEWER)
    rest = await renewing.renew(filled, NEWER, may_rebuild=False)

    assert 0 < first.renewed < PEOPLE - 1
    assert (left, rest.renewed) == (PEOPLE - 1 - first.renewed, left)


async def test_a_row_moved_changed_or_without_its_key_is_no_answer(filled: Database) -> None:
    """What an owner of the database may do to a row: noticed, and nobody is called unique."""
    last = table.c.recording_id == UUID(int=PEOPLE - 1)
    other = (
        select(table.c.irises).where(table.c.recording_id == UUID(int=PEOPLE - 2)).scalar_subquery()
    )
    harms: list[dict[str, Any]] = [
        {"irises": other},
        {"irises": func.set_byte(table.c.irises, 4_000, 0)},
        {"irises": func.substr(table.c.irises, 1, 8_192)},
        {"recording_id": UUID(int=77)},
        {"kind": gallery.OPERATOR},
        {"key_id": "unknown"},
        {"key_id": None},
    ]
    noticed = 0
    for harm in harms:
        async with filled.engine.connect() as connection:
            kept = (await connection.execute(select(table).where(last))).one()
        async with filled.begin() as transaction:
            await transaction.execute(update(table).where(last).values(harm))
        try:
            await found_by(KEYS, filled)
        except GalleryIncomplete:
            noticed += 1
        async with filled.begin() as transaction:
            await transaction.execute(
                update(table).where(table.c.pos == kept.pos).values(kept._asdict())
            )
    security_report.put({"gallery_harms": len(harms), "gallery_harms_noticed": noticed})

    assert noticed == len(harms)
    assert [len(alike) for alike in await found_by(KEYS, filled)] == [1, 0, 1, 0]


async def test_a_centre_whose_key_is_away_decides_nothing_and_then_everything(
    database: Database, permitter: Permitter
) -> None:
    stranger = GalleryKeys(KeyRing(Path("no-file"), [new_secret()]))
    known = a_settler(database, permitter, MatcherHere(database, KEYS))
    await settle(known, REGION, a_person(1))

    lost = a_settler(database, permitter, MatcherHere(database, stranger))
    lost.uniqueness = type(lost.uniqueness)(
        lost.uniqueness.irises, lost.uniqueness.matcher, keys=stranger
    )
    searched, same_nik = await settle(
        lost, REGION, a_person(2, eyes=1, take=1), a_person(1, take=1)
    )

    assert {searched.outcome, same_nik.outcome} == {Outcome.SEARCH_FAILURE_AT_CENTRAL}
    assert len(await rows_of(database, table)) == 1


async def test_a_gallery_whose_key_is_lost_is_made_anew_from_the_recordings(
    database: Database, permitter: Permitter
) -> None:
    stranger = GalleryKeys(KeyRing(Path("no-file"), [new_secret()]))
    settler = a_settler(database, permitter, MatcherHere(database, KEYS))
    people = [a_person(number) for number in (1, 2, 3)]
    await settle(settler, REGION, *people)
    officer = to_bytes(an_eye(90)) + to_bytes(an_eye(91))
    async with database.begin() as transaction:
        await gallery.enter_operator(transaction, REGION, UUID(int=9), officer, NOON, keys=KEYS)

    asked = await renewing.renew(database, stranger, may_rebuild=False)
    rebuilt = await renewing.renew(database, stranger, may_rebuild=True)

    assert asked == renewing.Renewed(lost=4)
    assert rebuilt == renewing.Renewed(renewed=3, rebuilt=3, lost=1)
    async with database.begin() as transaction:
        ids = [one.recording_id for one in people]
        kept = await gallery.rows_of_recordings(transaction, ids, stranger)
    assert stranger.original(kept[people[0].recording_id].irises) == to_bytes(an_eye(2)) + to_bytes(
        an_eye(3)
    )


async def test_what_is_erased_is_in_no_row_and_found_by_nobody(filled: Database) -> None:
    running = MatcherHere(filled, KEYS)
    await running.search([probe(1, KEYS)], PEOPLE)
    async with filled.begin() as transaction:
        await gallery.erase(transaction, [UUID(int=1)], NOON)

    for matcher in (running, MatcherHere(filled, KEYS)):
        (alike,) = (await matcher.search([probe(1, KEYS)], PEOPLE + 1)).likenesses
        assert alike == ()
    rows = [row for row in await rows_of(filled, table) if row.recording_id == UUID(int=1)]
    assert [(row.kind, row.irises, row.key_id) for row in rows] == [
        (gallery.PERSON, None, None),
        (gallery.REMOVED, None, None),
    ]
    assert (await renewing.renew(filled, NEWER, may_rebuild=True)).lost == 0


def test_a_key_file_of_the_tests_is_read_as_any(tmp_path: Path) -> None:
    keys = GalleryKeys(KeyRing.load(write_keys(tmp_path / "ring.json", SECRET)))

    assert (keys.protect(an_eye(1)) == KEYS.protect(an_eye(1))).all()
