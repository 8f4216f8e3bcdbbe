"""What the doors of blanks take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic.config import JsonDict

from services.regional.blanks import rules, steps, store
from services.regional.blanks.rules import BlankFault, DaysLeft, Stock
from shared.contracts.recording import Line, ShortCode
from shared.contracts.strict import Strict

BURNT_MAX = 500


def _once(serials: list[str]) -> list[str]:
    if len(set(serials)) < len(serials):
        raise ValueError("each serial once")
    return serials


_ONCE = AfterValidator(_once)
_UNIQUE: JsonDict = {"uniqueItems": True}
Serials = Annotated[
    list[ShortCode],
    _ONCE,
    Field(min_length=1, max_length=rules.SERIALS_MAX, json_schema_extra=_UNIQUE),
]
BurntSerials = Annotated[
    list[ShortCode],
    _ONCE,
    Field(min_length=1, max_length=BURNT_MAX, json_schema_extra=_UNIQUE),
]


class SerialRow(Strict):
    """From the first to the last, none missing: at most 10,000."""

    first: ShortCode
    last: ShortCode


class DeliveryGiven(Strict):
    received_on: date
    source: Line = Field(description="Who sent the blanks")
    reference: Line = Field(description="The paper they came with")
    serials: SerialRow | Serials = Field(description="The first and the last of a row, or each")

    def brought(self) -> steps.Brought:
        """Refuses: SerialsNotInARow."""
        told = self.serials
        serials = (
            steps.row_of(told.first, told.last) if isinstance(told, SerialRow) else tuple(told)
        )
        return steps.Brought(self.received_on, self.source, self.reference, serials)


class SpoiledGiven(Strict):
    cause: BlankFault


class BurningGiven(Strict):
    place: Line = Field(description="Where the blanks are burnt")
    serials: BurntSerials


class BlankDeliveryView(BaseModel):
    delivery_id: UUID
    received_on: date
    source: str
    reference: str
    first_serial: str
    last_serial: str
    blanks: int
    officer: str
    entered_at: datetime

    @classmethod
    def of(cls, one: store.Delivery) -> Self:
        return cls.model_validate(one, from_attributes=True)


class BlankDeliveryList(BaseModel):
    items: list[BlankDeliveryView] = Field(description="The newest first")


class BlankView(BaseModel):
    serial: str
    state: str = Field(description="left, printing, used, spoiled or burnt")
    delivery_id: UUID | None = Field(description="null: no delivery brought it")
    recording_id: UUID | None = Field(description="Whose card was begun on it")
    cause: str | None
    burning_id: UUID | None = Field(description="Of the minutes that name it")

    @classmethod
    def of(cls, one: store.Known) -> Self:
        return cls.model_validate(one, from_attributes=True)


class StockView(BaseModel):
    received: int
    left: int
    printing: int
    used: int
    spoiled: int = Field(description="And not burnt yet")
    burnt: int
    uncounted: int = Field(description="Used or spoiled here, yet of no delivery")
    days_left_least: int | None = Field(description="As in the busiest of the last weeks")
    days_left_most: int | None = Field(description="As in the quietest; null: nobody can say")

    @classmethod
    def of(cls, stock: Stock, lasting: DaysLeft | None) -> Self:
        return cls(
            received=stock.received,
            left=stock.left,
            printing=stock.printing,
            used=stock.used,
            spoiled=stock.spoiled,
            burnt=stock.burnt,
            uncounted=stock.uncounted,
            days_left_least=lasting.least if lasting else None,
            days_left_most=lasting.most if lasting else None,
        )


class BurntView(BaseModel):
    serial: str
    cause: str
    spoiled_at: datetime


class BurningView(BaseModel):
    burning_id: UUID
    year: int
    number: int = Field(description="Of the minutes, from 1 each year")
    place: str
    officer: str = Field(description="Who wrote the minutes")
    written_at: datetime
    witness: str | None = Field(description="The second officer; null: not burnt yet")
    burnt_at: datetime | None
    blanks: int

    @classmethod
    def of(cls, one: store.Burning) -> Self:
        return cls.model_validate(one, from_attributes=True)


class BurningDetail(BurningView):
    items: list[BurntView]


class BurningList(BaseModel):
    items: list[BurningView] = Field(description="The newest first")


DELIVERY_ID = "01890a5d-c0de-7aaa-8bbb-0a1b0e3e2f10"
BURNING_ID = "01890a5d-c0de-7aaa-8bbb-1a1b0e3e2f10"
DELIVERY_EXAMPLE: dict[str, Any] = {
    "received_on": "2017-10-02",
    "source": "Ditjen Dukcapil",
    "reference": "BAST/17/X/2017",
    "serials": {"first": "BLK-000001", "last": "BLK-000500"},
}
DELIVERY_SHOWN: dict[str, Any] = {
    "delivery_id": DELIVERY_ID,
    **{key: value for key, value in DELIVERY_EXAMPLE.items() if key != "serials"},
    "first_serial": "BLK-000001",
    "last_serial": "BLK-000500",
    "blanks": 500,
    "officer": "officer-12",
    "entered_at": "2017-10-02T02:15:12Z",
}
BLANK_SHOWN: dict[str, Any] = {
    "serial": "BLK-000123",
    "state": "spoiled",
    "delivery_id": DELIVERY_ID,
    "recording_id": None,
    "cause": "no-chip",
    "burning_id": None,
}
STOCK_SHOWN: dict[str, Any] = {
    "received": 500,
    "left": 212,
    "printing": 1,
    "used": 279,
    "spoiled": 3,
    "burnt": 5,
    "uncounted": 0,
    "days_left_least": 9,
    "days_left_most": 17,
}
BURNING_EXAMPLE: dict[str, Any] = {"place": "Halaman kantor", "serials": ["BLK-000123"]}
BURNING_SHOWN: dict[str, Any] = {
    "burning_id": BURNING_ID,
    "year": 2017,
    "number": 4,
    "place": "Halaman kantor",
    "officer": "officer-12",
    "written_at": "2017-10-13T08:00:00Z",
    "witness": None,
    "burnt_at": None,
    "blanks": 1,
}
BURNING_DETAIL: dict[str, Any] = {
    **BURNING_SHOWN,
    "items": [{"serial": "BLK-000123", "cause": "no-chip", "spoiled_at": "2017-10-12T02:15:12Z"}],
}
