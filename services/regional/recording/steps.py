"""Take recordings: load, decide, save, and write their envelopes, all in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.regional.outbox import store as outbox
from services.regional.recording import rules, store
from services.regional.recording.rules import (
    Accepted,
    Arrival,
    ContentDiffers,
    Kept,
    NikTaken,
    OperatorsIrises,
    Repeated,
)
from shared.contracts.envelopes import (
    RECORDING_VERSION,
    SEALED_RECORDING_VERSION,
    EnvelopeKind,
)
from shared.database.engine import Transaction
from shared.sealed.sealer import Sealer


@dataclass(frozen=True, slots=True)
class Taken:
    """Safe here under `seq`; `is_repeat` when it had been safe before."""

    kept: Kept
    is_repeat: bool


_KIND = EnvelopeKind.RECORDING.value


@dataclass(frozen=True, slots=True)
class NoRoom:
    """New here, and the disk has no room for it: nothing was written."""


Answer = Taken | ContentDiffers | NikTaken | OperatorsIrises | NoRoom


async def take(
    transaction: Transaction,
    region: str,
    arrivals: Sequence[Arrival],
    now: datetime,
    has_room: Callable[[int], bool] = lambda _: True,
    sealer: Sealer | None = None,
) -> list[Answer]:
    """Answer each arrival, in order; what is new is written with its envelope.

    has_room: whether so many new ones may be written. What is here already needs no room.
    sealer: seals what is new for the centre; None writes it in clear, as long as the region has no
    key of the centre.
    """
    kept = await store.kept_beside(transaction, arrivals)
    verdicts = rules.admit(arrivals, kept)
    fresh: dict[UUID, Arrival] = {
        verdict.arrival.recording_id: verdict.arrival
        for verdict in verdicts
        if isinstance(verdict, Accepted)
    }
    if fresh and not has_room(len(fresh)):
        return [_without_room(verdict) for verdict in verdicts]
    first_seq = 0
    if fresh:
        # Before the counter row is locked: others need not wait for it.
        letters = [_letter(arrival, sealer) for arrival in fresh.values()]
        first_seq = await outbox.append(transaction, region, letters, now)
        await store.save(transaction, list(fresh.values()), first_seq, now)
    seqs = {recording_id: first_seq + nth for nth, recording_id in enumerate(fresh)}
    answers: list[Answer] = []
    told: set[UUID] = set()
    for verdict in verdicts:
        match verdict:
            case Accepted(arrival):
                one = Kept(
                    arrival.recording_id,
                    arrival.nik,
                    arrival.sha256,
                    seqs[arrival.recording_id],
                    now,
                    is_live=True,
                )
                answers.append(Taken(one, is_repeat=arrival.recording_id in told))
                told.add(arrival.recording_id)
            case Repeated(one):
                answers.append(Taken(one, is_repeat=True))
            case ContentDiffers() | NikTaken() | OperatorsIrises():
                answers.append(verdict)
    return answers


def _without_room(verdict: rules.Verdict) -> Answer:
    match verdict:
        case Accepted():
            return NoRoom()
        case Repeated(one):
            return Taken(one, is_repeat=True)
        case ContentDiffers() | NikTaken() | OperatorsIrises():
            return verdict


def _letter(arrival: Arrival, sealer: Sealer | None) -> outbox.Letter:
    one, moment = arrival.recording_id, arrival.captured_at
    if sealer is None:
        return outbox.Letter(one, _KIND, RECORDING_VERSION, moment, arrival.body, arrival.sha256)
    sealed = sealer.seal(one, arrival.sha256, arrival.body, arrival.images)
    return outbox.Letter(one, _KIND, SEALED_RECORDING_VERSION, moment, *sealed)
