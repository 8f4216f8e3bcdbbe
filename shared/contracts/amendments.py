"""Amendments and reprints: what a region asks for a card that exists, and what the centre answers.

An amendment changes elements of one proven person, each with the documents that allow it; a reprint
replaces a card that was lost or damaged. Neither is a new recording: no biometrics are taken
(Perpres 96/2018). Which documents are enough for what is in `shared.amendment_law`.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter

from shared.contracts.recording import (
    Address,
    BloodGroup,
    CardData,
    Line,
    MaritalStatus,
    Name,
    Religion,
    ShortCode,
)
from shared.contracts.strict import Moment, Sha256Hex, Strict
from shared.nik import NikText, Sex

AMENDMENT_VERSION = 1
REPRINT_VERSION = 1
CHANGES_MAX = 13
DOCUMENTS_MAX = 5

# As on stamps: "474.1/0231/2017", "12/Pdt.P/2017/PN Skw".
DocumentNumber = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9 ./_:-]{0,63})$")
]


class Element(StrEnum):
    """What an amendment may name. The NIK is here to be refused by its own name."""

    NIK = "nik"
    NAME = "name"
    BIRTH_PLACE = "birth_place"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    BLOOD_GROUP = "blood_group"
    ADDRESS = "address"
    RELIGION = "religion"
    MARITAL_STATUS = "marital_status"
    EDUCATION = "education"
    OCCUPATION = "occupation"
    PHOTO = "photo"
    SIGNATURE = "signature"


class DocumentKind(StrEnum):
    """What stands behind a change: papers, and a card that is handed back."""

    BIRTH_CERTIFICATE = "birth_certificate"
    DIPLOMA = "diploma"
    PASSPORT = "passport"
    COURT_RULING = "court_ruling"
    MEDICAL_LETTER = "medical_letter"
    RELIGIOUS_LEADER_LETTER = "religious_leader_letter"
    MARRIAGE_BOOK = "marriage_book"
    DIVORCE_DEED = "divorce_deed"
    DEATH_CERTIFICATE = "death_certificate"
    APPOINTMENT_LETTER = "appointment_letter"
    MOVING_LETTER = "moving_letter"
    FAMILY_CARD = "family_card"
    POLICE_LETTER = "police_letter"
    DAMAGED_CARD = "damaged_card"


class Document(Strict):
    """One document, as the officer saw it: the scan is named by its hash."""

    kind: DocumentKind
    number: DocumentNumber = Field(description="As stamped; of a damaged card: its blank's serial")
    issuer: Line = Field(description="Who issued it: an office, a court, a school")
    issued_on: date
    sha256: Sha256Hex = Field(description="SHA-256 of the scan")


Documents = Annotated[tuple[Document, ...], Field(max_length=DOCUMENTS_MAX)]


class _Change(Strict):
    documents: Documents = Field(description="What allows this change")


class NikChange(_Change):
    """Understood, and always refused: a NIK is for life."""

    element: Literal["nik"]
    value: NikText


class NameChange(_Change):
    element: Literal["name"]
    value: Name


class BirthPlaceChange(_Change):
    element: Literal["birth_place"]
    value: Line


class BirthDateChange(_Change):
    element: Literal["birth_date"]
    value: date


class SexChange(_Change):
    element: Literal["sex"]
    value: Sex


class BloodGroupChange(_Change):
    element: Literal["blood_group"]
    value: BloodGroup


class AddressChange(_Change):
    element: Literal["address"]
    value: Address


class ReligionChange(_Change):
    element: Literal["religion"]
    value: Religion


class MaritalStatusChange(_Change):
    element: Literal["marital_status"]
    value: MaritalStatus


class EducationChange(_Change):
    """Kept with the person; a card does not show it."""

    element: Literal["education"]
    value: Line


class OccupationChange(_Change):
    element: Literal["occupation"]
    value: Line


class PhotoChange(_Change):
    element: Literal["photo"]
    value: Sha256Hex = Field(description="SHA-256 of the new image")


class SignatureChange(_Change):
    element: Literal["signature"]
    value: Sha256Hex = Field(description="SHA-256 of the new image")


Change = Annotated[
    NikChange
    | NameChange
    | BirthPlaceChange
    | BirthDateChange
    | SexChange
    | BloodGroupChange
    | AddressChange
    | ReligionChange
    | MaritalStatusChange
    | EducationChange
    | OccupationChange
    | PhotoChange
    | SignatureChange,
    Field(discriminator="element"),
]


class _Request(Strict):
    nik: NikText = Field(description="Whose card; in the body, never in an address")
    recording_id: UUID | None = Field(
        description="The recording it was proven by; null: whichever stands for this NIK"
    )
    requested_at: Moment = Field(description="The desk's clock, with offset")
    officer: ShortCode = Field(description="The officer's id, never a name")
    requested_by: Literal["holder", "family"] = Field(
        description="Who stands at the desk: the holder, or somebody of the same family card"
    )


class AmendmentContent(_Request):
    """What is asked to be changed. Equal content under one id is the same amendment."""

    changes: Annotated[tuple[Change, ...], Field(min_length=1, max_length=CHANGES_MAX)]
    confirmed_by: ShortCode | None = Field(
        None, description="Head of office who found old and new spelling to be one name"
    )


class Loss(StrEnum):
    LOST = "lost"
    DAMAGED = "damaged"


class ReprintContent(_Request):
    """A card that is gone or useless; nothing on it changes."""

    cause: Loss
    document: Document


class Amendment(AmendmentContent):
    request_id: UUID


class Reprint(ReprintContent):
    request_id: UUID


class Identity(Strict):
    """What holds of one proven person, and what spelling fixes are measured from."""

    card: CardData
    education: Line | None = None
    photo: Sha256Hex | None = Field(None, description="SHA-256 of a newer photo, if there is one")
    signature: Sha256Hex | None = None
    proven_name: Name = Field(description="As recorded, or as the last court ruling gave it")
    recorded_birth_place: Line
    recorded_birth_date: date

    @classmethod
    def of(cls, card: CardData) -> "Identity":
        """As recorded, before any amendment."""
        return cls(
            card=card,
            proven_name=card.name,
            recorded_birth_place=card.birth_place,
            recorded_birth_date=card.birth_date,
        )


class AmendmentDecision(Strict):
    """Entry: how a request ended, and what holds from now on.

    When a card is due, the entries before it take the old permission back and give the new one.
    """

    version: Literal[1]
    kind: Literal["amendment_decision"]
    request_id: UUID
    seq: Annotated[int, Field(ge=1)] = Field(description="Of the request's envelope")
    recording_id: UUID | None = Field(description="null when nobody is proven under the NIK")
    outcome: Literal["accepted", "refused"]
    decided_at: AwareDatetime
    reason: ShortCode | None = Field(description="A stable code for a refusal, or null")
    remedy: str | None = Field(description="What to do about a refusal")
    remedy_id: str | None = Field(description="The same in Indonesian")
    is_card_due: bool = Field(description="Whether a new card is to be printed")
    identity: Identity | None = Field(description="What holds now; null for a refusal")


AMENDMENT = TypeAdapter(Amendment)
REPRINT = TypeAdapter(Reprint)
IDENTITY = TypeAdapter(Identity)
AMENDMENT_DECISION = TypeAdapter(AmendmentDecision)
