"""One recording of one person, as a station hands it in: taken in person, never by proxy.

Field lists: Permendagri 74/2015 for the card's elements; whoever lacks fingers, irises or a
signature is an exception by modality and still a person to be recorded.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, TypeAdapter

from shared.contracts.strict import Sha256Hex, Strict, WardCode
from shared.nik import Nik, NikText, Sex

# What nobody can see or write by hand: control characters (PostgreSQL keeps no NUL), marks that
# turn the direction of writing or have no width, line and paragraph separators.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
_VISIBLE = rf"^[^\s{_UNSEEN}](?:[^{_UNSEEN}]*[^\s{_UNSEEN}])?$"
# Permendagri 73/2022: at most 60 letters; older names stay valid, one word included.
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_VISIBLE)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_VISIBLE)]
ShortCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
NeighbourhoodNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]

# KTP-el recording began in 2011; a station's clock may be wrong, but not by generations.
CaptureMoment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2009, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
]

TEMPLATE_BASE64_CHARACTERS_MAX = 16_384


class Modality(StrEnum):
    FACE = "face"
    SIGNATURE = "signature"
    IRIS_LEFT = "iris_left"
    IRIS_RIGHT = "iris_right"
    LEFT_THUMB = "left_thumb"
    LEFT_INDEX = "left_index"
    LEFT_MIDDLE = "left_middle"
    LEFT_RING = "left_ring"
    LEFT_LITTLE = "left_little"
    RIGHT_THUMB = "right_thumb"
    RIGHT_INDEX = "right_index"
    RIGHT_MIDDLE = "right_middle"
    RIGHT_RING = "right_ring"
    RIGHT_LITTLE = "right_little"


_ALL_MODALITIES = frozenset(Modality)
_RANKS = {modality: rank for rank, modality in enumerate(Modality)}


class BiometricException(StrEnum):
    """Why a modality could not be taken. Normal for the ill, the old and the disabled."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    ILL = "ill"
    CANNOT_SIGN = "cannot_sign"


class MaritalStatus(StrEnum):
    NEVER_MARRIED = "never_married"
    MARRIED = "married"
    DIVORCED = "divorced"
    WIDOWED = "widowed"


class Religion(StrEnum):
    ISLAM = "islam"
    CHRISTIAN = "christian"
    CATHOLIC = "catholic"
    HINDU = "hindu"
    BUDDHIST = "buddhist"
    CONFUCIAN = "confucian"
    FAITH = "faith"


class BloodGroup(StrEnum):
    A = "A"
    B = "B"
    AB = "AB"
    O = "O"  # noqa: E741 the group's name
    UNKNOWN = "unknown"


class Citizenship(StrEnum):
    INDONESIAN = "indonesian"
    PERMANENT_RESIDENT = "permanent_resident"


class Place(StrEnum):
    """Where the recording was taken."""

    OFFICE = "office"
    DISTRICT_OFFICE = "district_office"
    SCHOOL = "school"
    FIELD = "field"
    HOME = "home"


class Address(Strict):
    street: Line
    rt: NeighbourhoodNumber
    rw: NeighbourhoodNumber
    ward: WardCode = Field(description="Kelurahan or desa where the person lives: 61.72.01.1001")


class CardData(Strict):
    """What the card shows. Its hash is inside the print authorization."""

    nik: NikText = Field(description="16 digits, zeros kept")
    name: Name
    birth_place: Line
    birth_date: date
    sex: Sex
    blood_group: BloodGroup
    address: Address
    religion: Religion
    marital_status: MaritalStatus
    occupation: Line
    citizenship: Citizenship

    def digest(self) -> str:
        """SHA-256, lower-case hex, of the canonical JSON."""
        return sha256(CARD.dump_json(self)).hexdigest()


CARD = TypeAdapter(CardData)


class Template(Strict):
    """A biometric template: opaque to everything but a matcher that knows its format."""

    format: ShortCode
    data: Annotated[
        str,
        StringConstraints(
            pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=TEMPLATE_BASE64_CHARACTERS_MAX
        ),
    ]


Found = TypeVar("Found")


def _in_order(found: dict[Modality, Found]) -> dict[Modality, Found]:
    """The order in which a station wrote modalities says nothing: equal content, equal bytes."""
    keys = list(found)
    ordered = sorted(keys, key=_RANKS.__getitem__)
    return found if keys == ordered else {key: found[key] for key in ordered}


InOrder = Annotated[dict[Modality, Found], AfterValidator(_in_order)]


class Biometrics(Strict):
    """Per modality: the hash of the image, a template, or why there is none."""

    images: InOrder[Sha256Hex] = Field(description="SHA-256 of each image; images follow")
    templates: InOrder[Template] = Field(default_factory=dict)
    exceptions: InOrder[BiometricException] = Field(default_factory=dict)

    def lacking(self) -> tuple[Modality, ...]:
        """Modalities neither taken nor excused: such a recording is incomplete."""
        found = self.images.keys() | self.exceptions.keys()
        return () if found >= _ALL_MODALITIES else tuple(sorted(_ALL_MODALITIES - found))


class Biodata(Strict):
    """What a station says of a person and of the taking, but for the body: all that is readable."""

    presence: Literal["in_person"] = Field(description="A recording is never taken by proxy")
    captured_at: CaptureMoment = Field(description="The station's clock, with offset")
    captured_by: ShortCode = Field(description="The officer's id, never a name")
    station: ShortCode
    place: Place
    card: CardData
    mother_name: Name
    family_card: NikText = Field(description="Number of the family card (KK), 16 digits")

    @property
    def nik(self) -> Nik:
        return Nik(int(self.card.nik))


class RecordingContent(Biodata):
    """What a station says about one recording. Equal content under one id is the same recording."""

    biometrics: Biometrics


class Recording(RecordingContent):
    """A recording with the id its station gave it (UUIDv7)."""

    recording_id: UUID


RECORDING = TypeAdapter(Recording)
BIODATA = TypeAdapter(Biodata)
CONTENT = TypeAdapter(RecordingContent)


def canonical_bytes(recording_id: UUID, content: RecordingContent) -> bytes:
    """The one encoding that is hashed, stored and sent; it holds no line break.

    The id is the model's last member, so a recording that came with its id in the address is
    encoded without being built a second time.
    """
    if isinstance(content, Recording):
        return RECORDING.dump_json(content)
    return CONTENT.dump_json(content)[:-1] + b',"recording_id":"%b"}' % str(recording_id).encode()


def digest(body: bytes) -> str:
    """SHA-256 of the canonical bytes, lower-case hex."""
    return sha256(body).hexdigest()
