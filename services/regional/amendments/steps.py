"""Take a request: load, judge, save, and write its envelope, all in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.regional.amendments import rules, store
from services.regional.amendments.rules import Arrival, Kept, Person
from services.regional.journey import domicile, identities
from services.regional.outbox import copies
from services.regional.outbox import store as outbox
from shared.amendment.law import Objected
from shared.contracts.amendments import Identity
from shared.database.engine import Transaction
from shared.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Taken:
    kept: Kept
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class ContentDiffers:
    """The same id with other content: nothing is overwritten."""


@dataclass(frozen=True, slots=True)
class AnotherWaits:
    """A request of the same person is not answered yet."""

    request_id: UUID


Reply = Taken | ContentDiffers | AnotherWaits | Objected


async def take(
    transaction: Transaction,
    region: str,
    arrival: Arrival,
    officer: str,
    today: date,
    now: datetime,
) -> Reply:
    """Queue a request for the centre, or say why not; the same again changes nothing.

    today: the office's date. Whatever is no `Taken` leaves no request behind.
    """
    request = arrival.request
    nik = int(request.nik)
    live = await store.lock_live(transaction, nik)
    # After the lock: a repeat that came at the same time has ended.
    earlier = await store.kept(transaction, request.request_id)
    if earlier is not None:
        is_same = earlier.sha256 == arrival.sha256
        return Taken(earlier, is_repeat=True) if is_same else ContentDiffers()
    person = await _person(transaction, *live) if live else None
    await store.release_refused(transaction, nik)
    waiting = await store.waiting_for(transaction, nik)
    if waiting is not None:
        return AnotherWaits(waiting)
    ruling = rules.admit(request, person, today)
    if isinstance(ruling, Objected) or person is None:
        assert isinstance(ruling, Objected)
        return ruling
    letter = outbox.Letter.of(
        request.request_id, arrival.kind, arrival.version, request.requested_at, arrival.body
    )
    seq = await outbox.append(transaction, region, [letter], now)
    is_saved = await store.save(
        transaction,
        arrival,
        person.recording_id,
        seq,
        person.blank_serial,
        officer,
        now,
        changes_card=ruling.changes_card,
    )
    assert is_saved, "the person's recording is locked: nobody else asks meanwhile"
    kept = await store.kept(transaction, request.request_id)
    assert kept is not None
    return Taken(kept, is_repeat=False)


async def _person(transaction: Transaction, recording_id: UUID, seq: int | None) -> Person:
    blank_serial = await store.card_out(transaction, recording_id)
    return Person(
        recording_id=recording_id,
        identity=(await history(transaction, recording_id))[-1].identity,
        outcome=await store.outcome_of(transaction, recording_id, seq) if seq else None,
        is_card_out=blank_serial is not None,
        blank_serial=blank_serial,
        has_moved_away=await domicile.has_moved_away(transaction, recording_id),
    )


@dataclass(frozen=True, slots=True)
class Version:
    """What held of a person from `since` on, by which request or move; None: as recorded."""

    identity: Identity
    since: datetime
    request_id: UUID | None


async def history(transaction: Transaction, recording_id: UUID) -> list[Version]:
    """Every state of a person's data, as recorded, or as they moved here, first.

    Refuses: NotFound.
    """
    told = []
    found = await store.captured_at(transaction, recording_id)
    if found is not None:
        seq, captured_at = found
        card = (await copies.biodata_at(transaction, seq)).card
        told.append(Version(Identity.of(card), captured_at, None))
    for request_id, since, identity in await identities.versions(transaction, recording_id):
        if not told or identity != told[-1].identity:
            told.append(Version(identity, since, request_id))
    if not told:
        raise NotFound("No recording with this id was taken here, and nobody moved here with it.")
    return told
