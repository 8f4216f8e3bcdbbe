"""What tests of amendments at the centre say often."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.central.amendments import store
from services.central.print_authorization.rules import Permitter
from services.regional.amendments.rules import Arrival
from shared.contracts.amendments import AmendmentDecision
from shared.contracts.authorization import CLAIMS, TYPE
from shared.contracts.envelopes import Envelope
from shared.contracts.feed import FreshPermission
from shared.contracts.recording import CardData, Recording
from shared.database.engine import Database
from shared.signing import PinnedKeys, SigningKey, jwks_of
from tests.central.centre_world import a_settler, live, settle_all, take, told
from tests.recordings import NOON, a_recording, envelope, received, recording_envelope
from tests.town import REGION


def request_envelope(seq: int, arrival: Arrival) -> Envelope:
    return envelope(
        seq, arrival.body, arrival.request.request_id, arrival.kind, arrival.version, NOON
    )


async def climb(database: Database, permitter: Permitter, *envelopes: Envelope) -> None:
    """Take envelopes of REGION in order, in one batch, and settle all of it."""
    await take(database, REGION, received(REGION, envelopes))
    await settle_all(a_settler(database, permitter))


async def proven(database: Database, permitter: Permitter, number: int = 3) -> Recording:
    """Person `number`, recorded at seq 1 and permitted."""
    recording = a_recording(number)
    await climb(database, permitter, recording_envelope(1, recording))
    return recording


async def live_id(database: Database, number: int = 3) -> UUID:
    row = await live(database, number)
    assert row is not None
    found: UUID = row.authorization_id
    return found


async def answers(database: Database) -> list[AmendmentDecision]:
    return [one for one in await told(database, REGION) if isinstance(one, AmendmentDecision)]


async def outcomes(database: Database) -> list[str]:
    return [one.reason or one.outcome for one in await answers(database)]


async def versions(database: Database, recording: Recording) -> Sequence[Any]:
    async with database.begin() as transaction:
        return await store.versions(transaction, recording.nik.number, recording.recording_id)


def card_of(key: SigningKey, fresh: FreshPermission) -> str:
    """The hash of the card a permission is for."""
    signed = PinnedKeys(jwks_of([key])).verify(fresh.permission.jws, TYPE)
    return CLAIMS.validate_json(signed.payload).card_sha256


def renamed(recording: Recording) -> CardData:
    return recording.card.model_copy(update={"name": "NAMA BARU SEKALI"})
