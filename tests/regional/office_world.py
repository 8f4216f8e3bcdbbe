"""What tests of the region's steps say often: take, hear from the centre, hold a permission."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from services.central.journey.entries import SignedPermission
from services.central.print_authorization.rules import Permitter
from services.regional.feed_reader import steps as feed_reader
from services.regional.printing.steps import Office
from services.regional.recording import steps as recording
from services.regional.recording.rules import Arrival
from services.regional.recording.steps import Answer, Taken
from services.regional.tables import feed_position, outbox
from services.regional.tables import recording as recording_table
from shared.contracts.feed import FeedPage, page_bytes, read_page
from shared.contracts.recording import RECORDING
from shared.database.engine import Database
from shared.ids import new_id
from shared.signing import PinnedKeys, jwks_of, new_key
from shared.zones import zone_of
from tests.recordings import NOON
from tests.regional.pages import decision
from tests.town import REGION

CENTRE_KEY = new_key("centre")
PERMITTER = Permitter(CENTRE_KEY, 1, timedelta(days=730))
OFFICE = Office(REGION, zone_of("WIB"), PinnedKeys(jwks_of([CENTRE_KEY])))


async def take(database: Database, arrivals: Sequence[Arrival]) -> list[Answer]:
    return await database.repeat(
        lambda transaction: recording.take(transaction, REGION, arrivals, NOON)
    )


async def taken(database: Database, *arrivals: Arrival) -> list[Taken]:
    """Take recordings none of which may be refused."""
    answers = await take(database, arrivals)
    assert all(isinstance(answer, Taken) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Taken)]


async def outbox_is_whole(database: Database) -> list[UUID]:
    """Recorded set = outbox set, seq by seq without a gap; gives the ids in order of seq."""
    async with database.begin() as transaction:
        recorded = await transaction.execute(
            select(recording_table.c.seq, recording_table.c.recording_id, recording_table.c.sha256)
        )
        queued = await transaction.execute(
            select(outbox.c.seq, outbox.c.envelope_id, outbox.c.sha256).order_by(outbox.c.seq)
        )
        in_recording = {tuple(row) for row in recorded}
        in_outbox = [tuple(row) for row in queued]
    assert [seq for seq, _, _ in in_outbox] == list(range(1, len(in_outbox) + 1))
    assert in_recording == set(in_outbox)
    return [envelope_id for _, envelope_id, _ in in_outbox]


def page(*bodies: bytes, after: int = 0, epoch: int = 1) -> FeedPage:
    entries = list(enumerate(bodies, after + 1))
    return read_page(page_bytes(REGION, epoch, after, after + len(bodies), entries))


async def apply(database: Database, one: FeedPage) -> int:
    async with database.begin() as transaction:
        return await feed_reader.apply(transaction, REGION, one, NOON)


async def applied_pos(database: Database) -> int:
    async with database.begin() as transaction:
        return int(await transaction.scalar(select(feed_position.c.applied_pos)) or 0)


def signed_for(arrival: Arrival, region: str = REGION) -> SignedPermission:
    """A permission as the centre signs it."""
    return PERMITTER.sign(region, new_id(), RECORDING.validate_json(arrival.body), NOON)


async def permitted(
    database: Database, arrival: Arrival, signed: SignedPermission | None = None
) -> UUID:
    """Take a recording and hear that it may be printed; gives the authorization's id."""
    await taken(database, arrival)
    signed = signed or signed_for(arrival)
    after = await applied_pos(database)
    body = decision(arrival.recording_id, signed=signed)
    await apply(database, page(body, after=after))
    return signed.authorization_id
