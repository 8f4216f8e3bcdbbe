"""What sets a recording right that cannot be printed as it stands: asked by a region, decided here.

Up climb requests to delete recordings, answers to a validation, moves of domicile and officers' own
irises; down comes what the centre decided. Each request has an id made where it was asked, so that
asking twice is asking once. A NIK travels in bodies only.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter, model_validator

from shared.contracts.amendments import Identity
from shared.contracts.recording import Address, ShortCode, Template
from shared.contracts.strict import Moment, RegionCode, Sha256Hex, Strict
from shared.nik import NikText

DELETION_REQUEST_VERSION = 1
VALIDATION_REPLY_VERSION = 1
MOVE_IN_VERSION = 1
OPERATOR_IRISES_VERSION = 1
RECORDINGS_MAX = 10

# SKPWNI/6172/13102017/0001 and the like: offices number their letters in their own ways.
LetterNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]{0,63}$")]
Day = Annotated[date, Field(ge=date(2009, 1, 1), lt=date(2100, 1, 1))]


class RecordingAt(Strict):
    """A recording and the region it was taken in: enough to find it, nothing personal."""

    recording_id: UUID
    region: RegionCode


class Requester(StrEnum):
    CITIZEN = "citizen"
    GUARDIAN = "guardian"


class ConsentHow(StrEnum):
    """How a person who stood at the desk said yes."""

    SIGNED = "signed"
    THUMBPRINT = "thumbprint"
    GUARDIAN_SIGNED = "guardian_signed"


class DeletionReason(StrEnum):
    MOVED = "moved_and_recorded_again"
    RECORDED_TWICE = "recorded_twice"
    SEVERAL_IDENTITIES = "several_identities"
    OPERATOR_IRISES = "operator_irises"
    WRONG_BIOMETRICS = "wrong_biometrics"


class Consent(Strict):
    """Nothing is deleted without it: the letter itself stays in the office's archive."""

    letter_sha256: Sha256Hex = Field(description="SHA-256 of the signed letter as scanned")
    given_on: Day
    how: ConsentHow


class DeletionContent(Strict):
    """What the person chose and the office asks for."""

    recordings: Annotated[
        tuple[RecordingAt, ...], Field(min_length=1, max_length=RECORDINGS_MAX)
    ] = Field(description="To be deleted")
    keeps_nik: NikText = Field(description="The identity the person keeps")
    keeps_recording: RecordingAt | None = Field(
        description="The recording that stays; null when the person is to be recorded once more"
    )
    requester: Requester
    consent: Consent
    reason: DeletionReason

    @model_validator(mode="after")
    def _is_of_one_mind(self) -> "DeletionContent":
        if len(set(self.recordings)) != len(self.recordings):
            raise ValueError("a recording is named twice")
        if self.keeps_recording in self.recordings:
            raise ValueError("a recording is to be kept and to be deleted")
        return self


class DeletionRequest(DeletionContent):
    request_id: UUID
    officer: ShortCode
    requested_at: Moment


class ValidationResult(StrEnum):
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


class ValidationChecks(Strict):
    """What was looked at, each by an officer's own eyes."""

    person_present: bool
    fingers_rechecked: bool
    photo_compared: bool
    sex_compared: bool


class ValidationContent(Strict):
    result: ValidationResult
    checks: ValidationChecks
    remark: ShortCode | None = Field(description="A short code of the office's own, or null")

    @model_validator(mode="after")
    def _was_looked_at(self) -> "ValidationContent":
        if self.result is ValidationResult.CONFIRMED and not self.checks.person_present:
            raise ValueError("nobody is confirmed who is not there")
        return self


class ValidationReply(ValidationContent):
    recording_id: UUID
    officer: ShortCode
    checked_at: Moment


class MoveContent(Strict):
    """A person who is recorded elsewhere and moved here, with the moving letter (SKPWNI)."""

    nik: NikText
    recording: RecordingAt | None = Field(
        description="The recording that stands in the way, as a decision named it; null if unknown"
    )
    letter_number: LetterNumber
    letter_sha256: Sha256Hex
    moved_on: Day
    address: Address = Field(description="Where the person lives now: a ward of this region")


class MoveIn(MoveContent):
    move_id: UUID
    officer: ShortCode
    moved_at: Moment


class OperatorIrises(Strict):
    """An officer's own irises, so that they are known under a citizen's NIK; or their removal."""

    enrolment_id: UUID
    officer: ShortCode
    left: Template | None
    right: Template | None
    is_removed: bool
    head_of_office: ShortCode
    happened_at: Moment

    @model_validator(mode="after")
    def _has_an_eye(self) -> "OperatorIrises":
        if self.is_removed == (self.left is not None or self.right is not None):
            raise ValueError("an enrolment has an eye at least, a removal has none")
        return self


class DeletionDecision(Strict):
    """How a named officer at the centre decided a request; every region concerned is told.

    recordings: those deleted, of all regions; empty when refused. may_record_again: of those, the
    ones whose NIK nobody holds now and the person keeps.
    """

    version: Literal[1]
    kind: Literal["deletion_decision"]
    recording_id: UUID
    request_id: UUID
    request_region: RegionCode
    verdict: Literal["confirmed", "refused"]
    reason: str | None = Field(description="A stable code for a refusal, or null")
    recordings: tuple[RecordingAt, ...]
    may_record_again: tuple[UUID, ...]
    decided_at: AwareDatetime


class MoveDecision(Strict):
    """What became of a move. The permission of one that was taken follows as an entry of its own.

    identity: what holds of the person, the new address on the card; null when refused.
    """

    version: Literal[1]
    kind: Literal["move_decision"]
    recording_id: UUID
    move_id: UUID
    verdict: Literal["moved", "refused"]
    reason: str | None = Field(description="A stable code for a refusal, or null")
    from_region: RegionCode | None
    identity: Identity | None
    decided_at: AwareDatetime


DELETION_REQUEST = TypeAdapter(DeletionRequest)
VALIDATION_REPLY = TypeAdapter(ValidationReply)
MOVE_IN = TypeAdapter(MoveIn)
OPERATOR_IRISES = TypeAdapter(OperatorIrises)
DELETION_DECISION = TypeAdapter(DeletionDecision)
MOVE_DECISION = TypeAdapter(MoveDecision)
