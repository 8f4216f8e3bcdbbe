"""Officers' irises under the region's key: sealed in rows, read from before, no office stopped."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from services.regional.operators import steps, store
from services.regional.operators.steps import Head, OperatorEyes, OperatorTemplates
from services.regional.tables import operator_irises, outbox_head
from shared.contracts.recording import Template
from shared.database.engine import Database
from shared.iris import FORMAT, data_of, to_bytes
from shared.iris_keys import GalleryKeys
from shared.sealing import KeyRing, Secret, new_secret
from tests.eyes import KEYS, SECRET, a_person, an_eye
from tests.recordings import NOON
from tests.town import REGION

pytestmark = pytest.mark.security

NEWER = GalleryKeys(KeyRing(Path("no-file"), [SECRET, Secret("newer", bytes(32))]))
HEAD = Head(REGION, "kepala-1", NOON)


@pytest.fixture
async def enrolled(database: Database) -> Database:
    """Officers 1 and 2; the second from before there were keys, and with one eye."""
    async with database.begin() as transaction:
        if await transaction.scalar(select(outbox_head.c.region_code)) is None:
            await transaction.execute(
                outbox_head.insert().values(region_code=REGION, last_seq=0, acked_seq=0)
            )
        for number, right in ((1, an_eye(3)), (2, None)):
            templates = OperatorTemplates(
                left=Template(format=FORMAT, data=data_of(an_eye(2 * number))),
                right=None if right is None else Template(format=FORMAT, data=data_of(right)),
            )
            await steps.enrol(transaction, HEAD, f"officer-{number}", templates, KEYS)
        await transaction.execute(
            update(operator_irises)
            .where(operator_irises.c.officer == "officer-2")
            .values(left_eye=to_bytes(an_eye(4)), left_sealed=None, key_id=None)
        )
    return database


async def known(database: Database, keys: GalleryKeys) -> list[bool]:
    """Whether recordings that show the eyes of officers 1 and 2, and of nobody, are told apart."""
    eyes = OperatorEyes(keys)
    async with database.begin() as transaction:
        await eyes.load(transaction)
    return [eyes.carried_by(a_person(9, eyes=one, take=1)) for one in (1, 2, 8)]


async def test_an_officers_irises_are_readable_in_no_row(enrolled: Database) -> None:
    async with enrolled.begin() as transaction:
        rows = await transaction.execute(
            select(operator_irises).order_by(operator_irises.c.officer)
        )
        one, before = rows.all()
        listed = await store.enrolled(transaction)

    assert (one.left_eye, one.right_eye, one.key_id) == (None, None, SECRET.kid)
    for sealed, eye in ((one.left_sealed, an_eye(2)), (one.right_sealed, an_eye(3))):
        assert to_bytes(eye)[:64] not in sealed
        assert to_bytes(KEYS.protect(eye))[:64] not in sealed
    assert before.left_sealed is None
    assert [(each.has_left, each.has_right) for each in listed] == [(True, True), (True, False)]


async def test_officers_are_known_under_any_key_of_the_file_and_from_before_there_were_keys(
    enrolled: Database,
) -> None:
    for keys in (KEYS, NEWER):
        assert await known(enrolled, keys) == [True, True, False]

    async with enrolled.begin() as transaction:
        renewed = await store.renew(transaction, NEWER)
        again = await store.renew(transaction, NEWER)
        left = await store.count_elsewhere(transaction, NEWER)
        used = await store.keys_in_use(transaction)
        plain = await transaction.scalar(
            select(operator_irises.c.officer).where(operator_irises.c.left_eye.is_not(None))
        )

    assert (renewed, again, left, used, plain) == (2, 0, 0, {"newer"}, None)
    assert await known(enrolled, NEWER) == [True, True, False]


async def test_an_office_whose_key_is_lost_goes_on_without_the_officers_it_cannot_open(
    enrolled: Database,
) -> None:
    stranger = GalleryKeys(KeyRing(Path("no-file"), [new_secret()]))

    assert await known(enrolled, stranger) == [False, True, False]


async def test_what_is_removed_leaves_no_bits(enrolled: Database) -> None:
    async with enrolled.begin() as transaction:
        for officer in ("officer-1", "officer-2"):
            await steps.remove(transaction, HEAD, officer)
        rows = (await transaction.execute(select(operator_irises))).all()

    kept = {(row.left_eye, row.right_eye, row.left_sealed, row.right_sealed) for row in rows}
    assert kept == {(None,) * 4}
