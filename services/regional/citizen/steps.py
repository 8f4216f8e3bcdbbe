"""Who asks, what they may know, and what was learnt from this office: load, fold, say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from services.regional.citizen import curves, learning_store, rules, store, tokens
from services.regional.citizen.curves import Curve
from services.regional.citizen.desk_store import UsedException
from services.regional.citizen.learning_store import OldCase
from services.regional.citizen.order import Mine, Order
from services.regional.citizen.refusals import NothingKnown, ReceiptNotKnown
from services.regional.citizen.rules import InQueue, QueueName, StepShown, Wait, WaitStage
from services.regional.journey import domicile
from services.regional.journey.overtakes import Moments, OvertakeCause
from services.regional.journey.rules import Cause, OfficialStatus, Stage, first_printable_day
from services.regional.journey.standing import Standing
from shared.database.engine import Transaction
from shared.refusals import NotFound

LEARNT_FROM = timedelta(days=30)
OLDEST_MAX = 20


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """On the residents' list, and never recorded here."""


@dataclass(frozen=True, slots=True)
class RecordedElsewhere:
    """Recorded in another region and moved here. status: how far this office is with the card."""

    status: OfficialStatus


Known = UUID | NotRecorded | RecordedElsewhere


async def look_up(transaction: Transaction, nik: int, birth_date: date) -> Known:
    """The recording of whoever knows both. Refuses: NothingKnown, with no word which was wrong."""
    found = await store.of_nik(transaction, nik)
    given = birth_date.isoformat().encode()
    is_recorded = compare_digest(given, str(found.recorded_birth_date).encode())
    is_listed = compare_digest(given, str(found.listed_birth_date).encode())
    moved_in = found.moved_in
    # The recording that stands is the one that moved along; one made here since is a duplicate.
    if moved_in is not None and compare_digest(given, str(moved_in.birth_date).encode()):
        return RecordedElsewhere(_status_of(moved_in))
    # Whoever wrote one of both wrongly: the person may know the other.
    if found.recording_id is not None and (is_recorded or is_listed):
        return found.recording_id
    if found.recording_id is None and is_listed:
        return NotRecorded()
    raise NothingKnown


def _status_of(moved_in: store.MovedIn) -> OfficialStatus:
    if moved_in.is_issued:
        return OfficialStatus.CARD_ISSUED
    if moved_in.is_printed:
        return OfficialStatus.CARD_PRINTED
    return OfficialStatus.PRINT_READY_RECORD


async def token_of(transaction: Transaction, secret: bytes, recording_id: UUID) -> str:
    """The address on a receipt."""
    generation = await store.generation(transaction, recording_id)
    return tokens.token_of(secret, recording_id, generation)


async def behind(transaction: Transaction, secret: bytes, token: str) -> UUID:
    """The recording a receipt is for. Refuses: ReceiptNotKnown."""
    recording_id = tokens.named_in(token)
    if recording_id is None:
        raise ReceiptNotKnown
    generation = await store.generation(transaction, recording_id)
    if not tokens.is_true(secret, token, recording_id, generation):
        raise ReceiptNotKnown
    return recording_id


async def revoke(transaction: Transaction, recording_id: UUID, officer: str, now: datetime) -> None:
    """Receipts made until now open nothing any more. Refuses: NotFound."""
    if await store.basics(transaction, recording_id) is None:
        raise NotFound("No recording with this id was taken here.")
    await store.raise_generation(transaction, recording_id, officer, now)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What this office's last thirty days taught, at one moment.

    printing, printed, out_of_turn: int64[n], ascending, positions of permissions: that wait for a
    blank, that were printed, and that were printed by an exception. The rest is of thirty days.
    """

    at: datetime
    since: datetime
    curves: Mapping[WaitStage, Curve]
    order: Order
    printing: Moments
    printed: Moments
    out_of_turn: Moments
    overtakes: Mapping[OvertakeCause, int]
    permitted: int
    oldest: Sequence[OldCase]
    exceptions: Sequence[UsedException]
    exceptions_by_reason: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PrintedEarlier:
    """Cards printed on younger permissions than mine, and how many of them by an exception."""

    cards: int
    by_exception: int


@dataclass(frozen=True, slots=True)
class Told:
    """All a citizen is told about one recording. Nothing in it says whose it is."""

    standing: Standing
    steps: Sequence[StepShown]
    wait: Wait
    place: InQueue | None
    earlier: Mapping[OvertakeCause, int] | None
    learnt_at: datetime | None
    is_past: bool
    has_moved_away: bool = False
    printed_earlier: PrintedEarlier | None = None


async def tell(
    transaction: Transaction,
    region: str,
    standing: Standing,
    recording_id: UUID,
    learnt: Learnt | None,
    now: datetime,
) -> Told:
    """`standing` is that of the recording, read in the same transaction."""
    basics = await store.basics(transaction, recording_id)
    if basics is None:
        raise NotFound("No recording with this id was taken here.")
    permissions = await store.permissions(transaction, recording_id)
    known = learnt.curves if learnt else {}
    printable_on = None
    if standing.waits_for is Cause.AGE:
        card = await store.card_of(transaction, recording_id)
        assert card is not None
        printable_on = first_printable_day(card.birth_date, card.marital_status)
    earlier = None
    if learnt is not None:
        mine = Mine(basics.captured_at, basics.seq, permissions.pos, rules.what_keeps(standing))
        earlier = learnt.order.earlier_than(mine)
    return Told(
        standing=standing,
        steps=rules.steps_of(standing.stage, standing.timeline, known),
        wait=rules.wait_of(standing, known, now, printable_on),
        place=await _place(transaction, region, standing, permissions.waiting_pos, learnt),
        earlier=earlier,
        learnt_at=learnt.at if learnt else None,
        is_past=basics.newer_id is not None,
        has_moved_away=standing.stage is Stage.REVOKED
        and await domicile.has_moved_away(transaction, recording_id),
        printed_earlier=_printed_earlier(standing, permissions.waiting_pos, learnt),
    )


def _printed_earlier(
    standing: Standing, waiting_pos: int | None, learnt: Learnt | None
) -> PrintedEarlier | None:
    """Of whoever waits for a blank; None for everybody else."""
    if standing.waits_for is not Cause.BLANK_CARD or learnt is None or waiting_pos is None:
        return None
    younger, out_of_turn = (
        len(all_of) - int(all_of.searchsorted(waiting_pos, side="right"))
        for all_of in (learnt.printed, learnt.out_of_turn)
    )
    return PrintedEarlier(younger, out_of_turn)


async def _place(
    transaction: Transaction,
    region: str,
    standing: Standing,
    waiting_pos: int | None,
    learnt: Learnt | None,
) -> InQueue | None:
    if standing.stage in (Stage.QUEUED, Stage.SENT):
        acked_seq = await store.acked_seq(transaction, region)
        return InQueue(QueueName.LINE, max(0, standing.seq - acked_seq - 1))
    if standing.stage is Stage.AT_CENTRE:
        before = await store.undecided_before(transaction, standing.seq)
        return InQueue(QueueName.CENTRE, before, at_least=before >= store.COUNTED_MAX)
    if standing.waits_for is Cause.BLANK_CARD and learnt is not None and waiting_pos is not None:
        return InQueue(QueueName.PRINTING, int(learnt.printing.searchsorted(waiting_pos)))
    return None


async def waits(
    transaction: Transaction, region: str, since: datetime, now: datetime
) -> dict[WaitStage, Curve]:
    acked_seq = await store.acked_seq(transaction, region)
    counted: dict[WaitStage, list[tuple[bool, int, int]]] = {stage: [] for stage in WaitStage}
    for one in await learning_store.waits(transaction, acked_seq, since, now):
        counted[one.stage].append((one.has_ended, one.bucket, one.count))
    return {stage: curves.learn(rows) for stage, rows in counted.items()}
