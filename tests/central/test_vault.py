"""Keys are wrapped anew and records stay as they came; what was erased nobody opens again."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from services.central.amendments import store as amendments
from services.central.tables import data_key, envelope, identity_version
from services.central.vault import steps as vault
from services.central.vault.erasing import erase
from services.central.vault.rewrapping import rewrap
from services.central.vault.steps import CARRIED, Body, Lost, Vault
from services.regional.recording.rules import Arrival
from shared.contracts.envelopes import SEALED_RECORDING_VERSION, Envelope, EnvelopeNote
from shared.contracts.recording import Recording
from shared.database.engine import Database
from shared.ids import new_id
from shared.sealed.faults import Erased
from shared.sealed.keys import SealingKeys, SecretKeys, add_first, keep_only, next_sealing_jwk
from shared.sealed.opener import Opener
from shared.sealing import KeyMissing, KeyRing
from tests.amendments import an_identity
from tests.central.centre_world import REGION, take
from tests.recordings import NOON, a_recording, received
from tests.recordings import envelope as an_envelope
from tests.seals import seals_to

pytestmark = pytest.mark.security

NIK = 6172021708900001


class Keys:
    """The centre's key files, renewed as `tunggal keys` does it."""

    def __init__(self, folder: Path) -> None:
        self.sealing, self.kek = folder / "sealing.json", folder / "kek.json"
        SealingKeys.load_or_create(self.sealing)
        KeyRing.load_or_create(self.kek)

    def vault(self) -> Vault:
        return Vault(
            Opener(SealingKeys.read(self.sealing)), SecretKeys(KeyRing.load(self.kek), "tests")
        )

    def renew(self) -> None:
        add_first(self.sealing, next_sealing_jwk(self.sealing))
        KeyRing.load(self.kek).add()

    def drop_retired(self) -> None:
        keep_only(self.sealing, [SealingKeys.read(self.sealing).current])
        KeyRing.load(self.kek).drop_all_but([])


@pytest.fixture
def keys(database: Database, tmp_path: Path) -> Keys:
    made = Keys(tmp_path)
    database.carry(CARRIED, made.vault())
    return made


def sealed(seq: int, one: Recording, keys: Keys) -> Envelope:
    sealer = seals_to(SealingKeys.read(keys.sealing)).sealer
    assert sealer is not None
    arrival = Arrival.of(one.recording_id, one, "officer-1")
    body = sealer.seal(one.recording_id, arrival.sha256, arrival.body, arrival.images).body
    return an_envelope(seq, body, one.recording_id, version=SEALED_RECORDING_VERSION)


async def opened(database: Database) -> list[Recording | Lost]:
    async with database.begin() as transaction:
        rows = await transaction.execute(select(envelope).order_by(envelope.c.seq))
        bodies = [Body(REGION, row.envelope_id, row.body) for row in rows]
        return await vault.recordings(transaction, bodies)


async def bodies(database: Database) -> list[tuple[bytes, bytes]]:
    async with database.begin() as transaction:
        rows = await transaction.execute(select(envelope).order_by(envelope.c.seq))
        return [(row.body, row.sha256) for row in rows]


async def a_state(database: Database, recording_id: UUID) -> None:
    async with database.begin() as transaction:
        await amendments.save_version(transaction, NIK, recording_id, 1, an_identity(), None, NOON)


async def state(database: Database, recording_id: UUID) -> object:
    async with database.begin() as transaction:
        return await amendments.newest(transaction, NIK, recording_id)


async def test_a_state_of_a_persons_data_lies_sealed_and_is_read(
    database: Database, keys: Keys
) -> None:
    one = new_id()
    await a_state(database, one)

    async with database.begin() as transaction:
        row = (await transaction.execute(select(identity_version))).one()

    assert an_identity().card.name.encode() not in row.body
    assert await state(database, one) == (1, an_identity())


async def test_after_a_rewrap_the_retired_keys_may_go_and_no_byte_has_changed(
    database: Database, keys: Keys
) -> None:
    people = [a_recording(number) for number in range(3)]
    await take(database, REGION, received(REGION, [sealed(1, people[0], keys)]))
    await a_state(database, people[0].recording_id)
    keys.renew()
    await take(database, REGION, received(REGION, [sealed(2, people[1], keys)]))
    before = await bodies(database)

    done = await rewrap(database, keys.vault())
    again = await rewrap(database, keys.vault())
    keys.drop_retired()
    database.carry(CARRIED, keys.vault())

    assert (done.recordings, done.states, done.left) == (1, 1, 0)
    assert (again.recordings, again.states, again.left) == (0, 0, 0)
    assert await bodies(database) == before
    assert await opened(database) == people[:2]
    assert await state(database, people[0].recording_id) == (1, an_identity())


async def test_a_second_renewal_wraps_what_the_first_one_wrapped(
    database: Database, keys: Keys
) -> None:
    one = a_recording(1)
    await take(database, REGION, received(REGION, [sealed(1, one, keys)]))
    for _ in range(2):
        keys.renew()
        await rewrap(database, keys.vault())
        keys.drop_retired()
    database.carry(CARRIED, keys.vault())

    assert await opened(database) == [one]


async def test_a_key_file_that_lacks_a_key_decides_nothing_and_is_told(
    database: Database, keys: Keys
) -> None:
    await take(database, REGION, received(REGION, [sealed(1, a_recording(1), keys)]))
    keys.renew()
    keys.drop_retired()
    database.carry(CARRIED, keys.vault())

    with pytest.raises(KeyMissing):
        await opened(database)
    assert (await rewrap(database, keys.vault())).left == 1


@pytest.mark.parametrize("is_rewrapped", [False, True])
async def test_what_was_erased_is_opened_by_nobody(
    database: Database, keys: Keys, *, is_rewrapped: bool
) -> None:
    one, other = a_recording(1), a_recording(2)
    letter = sealed(1, one, keys)
    await take(database, REGION, received(REGION, [letter, sealed(2, other, keys)]))
    await a_state(database, one.recording_id)
    if is_rewrapped:
        keys.renew()
        await rewrap(database, keys.vault())
        database.carry(CARRIED, keys.vault())

    async with database.begin() as transaction:
        assert await erase(transaction, REGION, one.recording_id) == 1
    async with database.begin() as transaction:
        assert await erase(transaction, REGION, one.recording_id) == 0

    assert await opened(database) == [Lost.ERASED, other]
    with pytest.raises(Erased):
        await state(database, one.recording_id)
    async with database.begin() as transaction:
        left = await transaction.scalars(select(data_key.c.recording_id))
        assert one.recording_id not in list(left)
    # What came is still known by its hash: the same batch again is the same batch.
    assert (await bodies(database))[0][1] == bytes.fromhex(letter.head.sha256)


async def test_what_is_sealed_anew_is_a_repeat_and_other_content_a_conflict(
    database: Database, keys: Keys
) -> None:
    one = a_recording(1)
    other = a_recording(9, one.recording_id)
    letters = [sealed(seq, who, keys) for seq, who in enumerate((one, one, other), 1)]

    taken = await take(database, REGION, received(REGION, letters))

    assert taken.notes == (  # type: ignore[union-attr]
        EnvelopeNote(seq=2, note="repeat"),
        EnvelopeNote(seq=3, note="conflict"),
    )


async def test_a_body_under_another_id_says_nothing(database: Database, keys: Keys) -> None:
    one = a_recording(1)
    moved = sealed(1, one, keys)

    async with database.begin() as transaction:
        found = await vault.recordings(transaction, [Body(REGION, new_id(), moved.body)])

    assert found == [Lost.UNREADABLE]
