"""What the doors of sukets take and give."""

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.regional.suket import rules
from services.regional.suket.store import Suket
from shared.contracts.strict import Strict
from shared.nik import NikText


class SuketGiven(Strict):
    nik: NikText = Field(description="Of whoever stands at the desk; recorded, and without a card")


class SuketView(BaseModel):
    suket_id: UUID
    number: str = Field(description="As on the paper")
    recording_id: UUID
    status_code: str = Field(description="The corner of the paper: Pro, SFE, PRR, DUP or Efac")
    issued_on: date
    valid_until: date = Field(description="The last day on which it counts")
    issued_at: datetime
    officer: str
    renews: UUID | None = Field(description="The suket it follows")
    ended: str | None = Field(
        description="card-issued, withdrawn, renewed, recording-ended, expired; null: it counts"
    )

    @classmethod
    def of(cls, one: Suket, today: date) -> Self:
        return cls(
            suket_id=one.suket_id,
            number=one.name,
            recording_id=one.recording_id,
            status_code=one.status_code,
            issued_on=one.issued_on,
            valid_until=one.valid_until,
            issued_at=one.issued_at,
            officer=one.officer,
            renews=one.renews,
            ended=rules.end_of(one.facts, today),
        )


class SuketList(BaseModel):
    is_allowed: bool = Field(description="Whether the rules allow giving sukets today")
    items: list[SuketView] = Field(description="The next to end first")


class SuketCheck(BaseModel):
    """What anybody may know of a paper that they hold."""

    state: Literal["valid", "ended", "unknown"]
    number: str | None = Field(description="To compare with the paper; null: unknown")
    valid_until: date | None
    ended: str | None = Field(description="Why; null while it counts")


def check_of(one: Suket | None, today: date) -> SuketCheck:
    if one is None:
        return SuketCheck(state="unknown", number=None, valid_until=None, ended=None)
    end = rules.end_of(one.facts, today)
    return SuketCheck(
        state="ended" if end else "valid",
        number=one.name,
        valid_until=one.valid_until,
        ended=end,
    )


SUKET_ID = "01890a5d-c0de-7aaa-8bbb-2a1b0e3e2f10"
TOKEN = "3q2-7wAAAAAAAAAAAAAAAA"  # noqa: S105 - nobody's
SHOWN: dict[str, Any] = {
    "suket_id": SUKET_ID,
    "number": "470/00017/SUKET/2017",
    "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "status_code": "SFE",
    "issued_on": "2017-10-13",
    "valid_until": "2018-04-13",
    "issued_at": "2017-10-13T02:15:12Z",
    "officer": "officer-12",
    "renews": None,
    "ended": None,
}
CHECKED: dict[str, Any] = {
    "state": "valid",
    "number": "470/00017/SUKET/2017",
    "valid_until": "2018-04-13",
    "ended": None,
}
