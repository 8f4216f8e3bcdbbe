"""Ask the centre: load, judge, write the envelope and what was asked, in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from pydantic import TypeAdapter

from services.regional.outbox import store as outbox
from services.regional.remedies import rules, store
from services.regional.remedies.rules import Asked, Checked, Moving
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.contracts.remedies import (
    DELETION_REQUEST,
    DELETION_REQUEST_VERSION,
    MOVE_IN,
    MOVE_IN_VERSION,
    VALIDATION_REPLY,
    VALIDATION_REPLY_VERSION,
    DeletionContent,
    DeletionRequest,
    MoveContent,
    MoveIn,
    ValidationContent,
    ValidationReply,
)
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.refusals import NotFound, Refusal

WAITING = "waiting"
_DELETION = TypeAdapter(DeletionContent)
_VALIDATION = TypeAdapter(ValidationContent)
_MOVE = TypeAdapter(MoveContent)


class RequestDiffers(Refusal):
    """This id was used before for another request, or this question has another answer already."""

    code, status = "request-differs", 409
    title = "Something else was said under this id before"
    next_action = "Look at what was sent; give a new request an id of its own."
    next_action_id = "Lihat yang sudah dikirim; beri permohonan baru nomor sendiri."


class RecordingNotDecided(Refusal):
    """The centre has not decided about a recording that is named: there is nothing to set right."""

    code, status = "recording-not-decided", 409
    title = "The centre has not decided about this recording yet"
    next_action = "Wait for the centre's decision (GET /v1/recordings/{recording_id})."
    next_action_id = "Tunggu keputusan pusat atas perekaman ini."


class DeletionAlreadyAsked(Refusal):
    """A recording that is named is in another request the centre has not decided. See `request`."""

    code, status = "deletion-already-asked", 409
    title = "Another request about this recording is not decided yet"
    next_action = "Wait for the centre's word on the earlier request."
    next_action_id = "Tunggu keputusan pusat atas permohonan sebelumnya."


class ConsentNotYetGiven(Refusal):
    """The letter of consent carries a day that has not come."""

    code, status = "consent-not-yet-given", 422
    title = "The consent is dated in the future"
    next_action = "Look at the day on the signed letter."
    next_action_id = "Periksa tanggal pada surat persetujuan."


class NothingToValidate(Refusal):
    """The centre does not ask about this recording, or not any more."""

    code, status = "nothing-to-validate", 409
    title = "The centre asks nothing about this recording"
    next_action = "Look at the recording's status."
    next_action_id = "Lihat keadaan perekaman."


class RecorderMayNotConfirm(Refusal):
    """Whoever recorded the person does not confirm the record: another officer looks at it."""

    code, status = "recorder-may-not-confirm", 409
    title = "The officer who recorded may not confirm the recording"
    next_action = "Let another officer check the person and confirm."
    next_action_id = "Minta petugas lain memeriksa penduduk dan mengonfirmasi."


class AddressNotHere(Refusal):
    """The new address lies in another region: the move is that region's to process."""

    code, status = "address-not-here", 422
    title = "The new address is not in this region"
    next_action = "Look at the ward of the new address, or send the person to their own region."
    next_action_id = "Periksa kelurahan alamat baru, atau arahkan penduduk ke daerahnya."


class NotMovedYet(Refusal):
    """The moving letter carries a day that has not come."""

    code, status = "not-moved-yet", 422
    title = "The move is dated in the future"
    next_action = "Look at the day on the moving letter (SKPWNI)."
    next_action_id = "Periksa tanggal pada surat pindah (SKPWNI)."


@dataclass(frozen=True, slots=True)
class Office:
    """Who asks, and when: the office's region and its date, the officer, the moment."""

    region: str
    officer: str
    today: date
    now: datetime


async def ask_deletion(
    transaction: Transaction, office: Office, request_id: UUID, content: DeletionContent
) -> tuple[Asked, bool]:
    """Keep a request and its envelope; gives it, and whether it had been asked before.

    Refuses: RequestDiffers, NotFound, ConsentNotYetGiven, RecordingNotDecided,
    DeletionAlreadyAsked.
    """
    said = sha256(_DELETION.dump_json(content)).digest()
    before = await store.asked(transaction, request_id)
    if before is not None:
        if before.sha256 != said:
            raise RequestDiffers
        return before, True
    named = rules.named_by(content)
    ids = [one.recording_id for one in named]
    own = await store.own(transaction, ids)
    waiting = await store.open_requests(transaction, ids)
    _refuse(rules.objection(content, office.region, own, waiting, office.today))
    request = DeletionRequest(
        **dict(content), request_id=request_id, officer=office.officer, requested_at=office.now
    )
    body = DELETION_REQUEST.dump_json(request)
    seq = await _append(
        transaction, office, EnvelopeKind.DELETION_REQUEST, DELETION_REQUEST_VERSION, body
    )
    asked = Asked(request_id, seq, said, office.officer, office.now, WAITING, None, None)
    kept = content.keeps_recording
    await store.save_asked(transaction, asked, [(one, one == kept) for one in named])
    return asked, False


def _refuse(found: rules.Objection | None) -> None:
    match found:
        case None:
            return
        case rules.UnknownHere():
            raise NotFound("No recording of this office is named, or one that was not taken here.")
        case rules.NotYetGiven():
            raise ConsentNotYetGiven
        case rules.NotDecided(recording_id):
            raise RecordingNotDecided(extra={"recording_id": str(recording_id)})
        case rules.AskedBefore(request_id):
            raise DeletionAlreadyAsked(extra={"request": str(request_id)})


async def _append(
    transaction: Transaction, office: Office, kind: EnvelopeKind, version: int, body: bytes
) -> int:
    letter = outbox.Letter.of(new_id(), kind.value, version, office.now, body)
    return await outbox.append(transaction, office.region, [letter], office.now)


async def answer_validation(
    transaction: Transaction, office: Office, recording_id: UUID, content: ValidationContent
) -> tuple[Checked, bool]:
    """Keep what an officer found, and its envelope; gives it, and whether it was told before.

    Refuses: NotFound, NothingToValidate, RequestDiffers, RecorderMayNotConfirm.
    """
    own = (await store.own(transaction, [recording_id])).get(recording_id)
    if own is None:
        raise NotFound("No recording with this id was taken here.")
    said = sha256(_VALIDATION.dump_json(content)).digest()
    before = await store.newest_checked(transaction, recording_id)
    if before is not None and before.sha256 == said and before.asked_pos == own.pos:
        return before, True
    if own.outcome is not Outcome.REQUEST_VALIDATION or own.pos is None:
        if before is not None and before.sha256 == said:
            return before, True  # told again after the centre acted on it
        raise NothingToValidate
    if before is not None and before.asked_pos == own.pos:
        raise RequestDiffers
    if content.result == "confirmed" and office.officer == own.officer:
        raise RecorderMayNotConfirm
    reply = ValidationReply(
        **dict(content), recording_id=recording_id, officer=office.officer, checked_at=office.now
    )
    body = VALIDATION_REPLY.dump_json(reply)
    seq = await _append(
        transaction, office, EnvelopeKind.VALIDATION_REPLY, VALIDATION_REPLY_VERSION, body
    )
    found = Checked(
        recording_id, own.pos, seq, said, content.result.value, office.officer, office.now
    )
    await store.save_checked(transaction, found)
    return found, False


async def ask_move(
    transaction: Transaction, office: Office, move_id: UUID, content: MoveContent
) -> tuple[Moving, bool]:
    """Keep a move and its envelope; gives it, and whether it had been asked before.

    Refuses: RequestDiffers, AddressNotHere, NotMovedYet.
    """
    said = sha256(_MOVE.dump_json(content)).digest()
    before = await store.moving(transaction, move_id)
    if before is not None:
        if before.sha256 != said:
            raise RequestDiffers
        return before, True
    if not content.address.ward.startswith(f"{office.region}."):
        raise AddressNotHere
    if content.moved_on > office.today:
        raise NotMovedYet
    asked = MoveIn(**dict(content), move_id=move_id, officer=office.officer, moved_at=office.now)
    seq = await _append(
        transaction, office, EnvelopeKind.MOVE_IN, MOVE_IN_VERSION, MOVE_IN.dump_json(asked)
    )
    found = Moving(
        move_id,
        seq,
        said,
        content.recording.recording_id if content.recording else None,
        content.letter_number,
        office.officer,
        office.now,
        WAITING,
        None,
        None,
    )
    await store.save_moving(transaction, found)
    return found, False
