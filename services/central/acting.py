"""What is done about people who are proven: their cards, and changes of their data, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from services.central.amendments import steps as amendments
from services.central.intake import store as intake
from services.central.journey.entries import NewEntry
from services.central.journey.permissions import Grounds
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from services.central.remedies import moves
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import Recording
from shared.contracts.revocation import MOVED
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Deed:
    """An envelope that is to be acted on now."""

    seq: int
    envelope_id: UUID
    kind: str
    body: bytes


_AMENDING = (EnvelopeKind.AMENDMENT, EnvelopeKind.REPRINT)
_KINDS = (
    EnvelopeKind.CARD_RECEIPT,
    EnvelopeKind.RENEWAL_REQUEST,
    EnvelopeKind.MOVE_IN,
    *_AMENDING,
)


async def act_on_cards(
    transaction: Transaction,
    permitter: Permitter,
    region: str,
    deeds: Sequence[Deed],
    now: datetime,
) -> dict[int, list[NewEntry]]:
    """Card receipts, renewals, moves, amendments and reprints; gives what to tell, by seq.

    In the order of seq: a reprint asks for a card whose receipt was sent just before, and a blank
    that was spoiled before a change must not be permitted again after it.
    """
    cards = [one for one in deeds if one.kind in _KINDS]
    found: dict[int, list[NewEntry]] = {}
    for kind, run in groupby(cards, key=lambda one: one.kind):
        found |= await _act_on(transaction, permitter, region, kind, list(run), now)
    return found


async def _act_on(
    transaction: Transaction,
    permitter: Permitter,
    region: str,
    kind: str,
    deeds: Sequence[Deed],
    now: datetime,
) -> dict[int, list[NewEntry]]:
    if kind in _AMENDING:
        bodies = [(one.seq, one.envelope_id, one.kind, one.body) for one in deeds]
        ports = _ports(transaction, permitter, region, now)
        return await amendments.take(transaction, region, bodies, ports, now)
    if kind == EnvelopeKind.MOVE_IN:
        said = [(one.seq, one.body) for one in deeds]
        return await moves.take(transaction, region, said, _road(transaction, permitter, now), now)
    room = (
        print_authorization.take_receipts
        if kind == EnvelopeKind.CARD_RECEIPT
        else print_authorization.renew
    )
    told = await room(
        transaction,
        region,
        [(one.seq, one.body) for one in deeds],
        permitter,
        lambda recording_id: as_amended(transaction, region, recording_id),
        now,
    )
    return {seq: [entry] for seq, entry in told.items()}


def _ports(
    transaction: Transaction, permitter: Permitter, region: str, now: datetime
) -> amendments.Ports:
    return amendments.Ports(
        recording_of=lambda recording_id: recording_of(transaction, region, recording_id),
        permit_anew=lambda recording, reason: print_authorization.permit_anew(
            transaction, region, recording, permitter, Grounds(reason), now
        ),
    )


def _road(transaction: Transaction, permitter: Permitter, now: datetime) -> moves.Ports:
    return moves.Ports(
        taken=lambda region, recording_id: recording_of(transaction, region, recording_id),
        relocate=lambda recording, address, move_id: amendments.move(
            transaction, recording, address, move_id, now
        ),
        readdress=lambda there, here, recording: print_authorization.readdress(
            transaction, (there, here), recording, permitter, Grounds(MOVED), now
        ),
    )


async def recording_of(
    transaction: Transaction, region: str, recording_id: UUID
) -> Recording | None:
    home = region
    body = await intake.body_of(transaction, region, recording_id)
    if body is None:
        # Somebody who moved here: the recording stayed where it was taken.
        for home in await moves.origins(transaction, region, recording_id):
            body = await intake.body_of(transaction, home, recording_id)
            if body is not None:
                break
    if body is None:
        return None
    return await vault.recording(transaction, Body(home, recording_id, body))


async def as_amended(transaction: Transaction, region: str, recording_id: UUID) -> Recording | None:
    """A recording with the card's data as they are now: what a further permission is for."""
    recording = await recording_of(transaction, region, recording_id)
    return await amendments.as_amended(transaction, recording) if recording else None
