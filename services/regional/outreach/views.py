"""What the doors of outreach take and show, with examples for their pages."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.regional.outreach import rules
from services.regional.outreach.letter_store import Delivery
from services.regional.outreach.rules import Need, Reason, Source, Whereabouts
from services.regional.outreach.store import Event, Person, PlaceCount
from shared.contracts.strict import Strict, WardCode
from shared.nik import Nik, NikText
from shared.wilayah import Wilayah

WARDS_MAX = 200
NIK = "6172025207900003"
EVENT = "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f14"
DELIVERY = "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f15"
WARD = "61.72.02.1001"
_WILAYAH = Wilayah.builtin()
# One line, no control characters: it is printed on an envelope.
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=5, max_length=160, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


class WantedDay(Strict):
    """Wards whose letters are to be made; null for all."""

    wards: Annotated[list[WardCode], Field(min_length=1, max_length=WARDS_MAX)] | None


class Finding(Strict):
    """What was heard of somebody. A letter follows to `forward_to` when they are away."""

    nik: NikText
    whereabouts: Whereabouts
    source: Source
    heard_on: date
    forward_to: Line | None = None
    closes: bool = Field(
        False, description="Close the search as well: for dead, moved and recorded_elsewhere"
    )


class Closing(Strict):
    nik: NikText
    reason: Reason
    source: Source
    heard_on: date = Field(description="When the reason was heard")


class Reopening(Strict):
    nik: NikText
    remark: Line = Field(description="Why; no names or numbers of citizens")


class WhoseHistory(Strict):
    nik: NikText


class LettersView(BaseModel):
    delivery_id: UUID
    ward: str
    ward_name: str
    deliver_on: date
    letters: int = Field(description="As made; who was recorded since is left out when printed")
    officer: str
    made_at: datetime

    @classmethod
    def of(cls, one: Delivery) -> Self:
        return cls(
            delivery_id=one.delivery_id,
            ward=one.ward,
            ward_name=_WILAYAH.name(one.ward),
            deliver_on=one.deliver_on,
            letters=one.letters,
            officer=one.officer,
            made_at=one.made_at,
        )


class DayView(BaseModel):
    """One day's letters by ward: each ward has one delivery a day at most."""

    day: date
    letters: int
    deliveries: list[LettersView]


class PlaceNow(BaseModel):
    """The unrecorded of a place; all other counts are among them."""

    code: str = Field(description="Of a district or ward; RW/RT inside a ward")
    name: str
    unrecorded: int
    lettered: int
    answered: int
    home_visits: int = Field(description="Ill: to be recorded at home")
    to_check: int = Field(description="Said to be dead, moved or recorded elsewhere")
    closed: int

    @classmethod
    def of(cls, one: PlaceCount) -> Self:
        rw, slash, rt = one.code.partition("/")
        return cls(
            code=one.code,
            name=f"RW {rw}, RT {rt}" if slash else _WILAYAH.name(one.code),
            unrecorded=one.unrecorded,
            lettered=one.lettered,
            answered=one.answered,
            home_visits=one.home_visits,
            to_check=one.to_check,
            closed=one.closed,
        )


class PlacesView(BaseModel):
    within: str
    places: list[PlaceNow]


class PersonView(BaseModel):
    """An unrecorded person: for officers, who write to them and visit them."""

    nik: str
    name: str | None
    street: str | None
    rw: str | None
    rt: str | None
    letters: int
    lettered_on: date | None
    whereabouts: Whereabouts | None
    source: Source | None
    heard_on: date | None
    closed: Reason | None
    need: Need = Field(description="What is next")
    not_before: date | None

    @classmethod
    def of(cls, one: Person, today: date, again_days: int) -> Self:
        standing = one.standing
        step = rules.next_step(standing, today, again_days)
        heard = standing.heard
        return cls(
            nik=str(Nik(one.nik)),
            name=one.name,
            street=one.street,
            rw=one.rw,
            rt=one.rt,
            letters=standing.letters,
            lettered_on=standing.lettered_on,
            whereabouts=heard.whereabouts if heard else None,
            source=heard.source if heard else None,
            heard_on=heard.on if heard else None,
            closed=standing.closed,
            need=step.need,
            not_before=step.not_before,
        )


class PeopleView(BaseModel):
    items: list[PersonView] = Field(description="In the order letters are carried")
    next_cursor: int | None = Field(description="Pass as `cursor` for the next page")


class NoteView(BaseModel):
    """One thing that was noted; nothing is ever taken out of a history."""

    event_id: UUID
    act: str = Field(description="heard, closed or reopened")
    whereabouts: Whereabouts | None
    reason: Reason | None
    source: Source | None
    heard_on: date | None
    forward_to: str | None
    remark: str | None
    officer: str | None = Field(description="null: the person's own reply to a letter")
    noted_at: datetime

    @classmethod
    def of(cls, one: Event) -> Self:
        return cls.model_validate(one, from_attributes=True)


class HeardView(BaseModel):
    items: list[NoteView] = Field(description="The newest first")


NOTE_EXAMPLE: dict[str, Any] = {
    "event_id": EVENT,
    "act": "heard",
    "whereabouts": "away",
    "reason": None,
    "source": "family",
    "heard_on": "2017-10-18",
    "forward_to": "Jalan Jauh 7, Pontianak",
    "remark": None,
    "officer": "officer-12",
    "noted_at": "2017-10-18T02:15:09Z",
}
DAY_EXAMPLE: dict[str, Any] = {
    "day": "2017-10-16",
    "letters": 40,
    "deliveries": [
        {
            "delivery_id": DELIVERY,
            "ward": WARD,
            "ward_name": "Pasiran",
            "deliver_on": "2017-10-16",
            "letters": 40,
            "officer": "officer-12",
            "made_at": "2017-10-13T02:15:09Z",
        }
    ],
}
PLACES_EXAMPLE: dict[str, Any] = {
    "within": "61.72.02",
    "places": [
        {
            "code": WARD,
            "name": "Pasiran",
            "unrecorded": 4712,
            "lettered": 120,
            "answered": 31,
            "home_visits": 4,
            "to_check": 3,
            "closed": 9,
        }
    ],
}
PERSON_EXAMPLE: dict[str, Any] = {
    "nik": NIK,
    "name": "SITI CONTOH",
    "street": "JALAN MELATI 7",
    "rw": "003",
    "rt": "012",
    "letters": 1,
    "lettered_on": "2017-10-16",
    "whereabouts": None,
    "source": None,
    "heard_on": None,
    "closed": None,
    "need": "wait",
    "not_before": "2017-11-15",
}
FILE_EXAMPLES = {
    "application/pdf": "%PDF-1.7 ...",
    "text/csv": (
        "no,rw,rt,nama,alamat,surat,tanda_tangan_atau_keadaan\r\n"
        "1,003,012,SITI CONTOH,JALAN MELATI 7,470/61.72.02.1001/171016-01/UND,\r\n"
    ),
}
