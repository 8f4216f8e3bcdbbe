"""The strictness all contracts share."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}$")]
DistrictCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$")]
WardCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")]
# A clock may be wrong by decades; beyond these a database could not keep what it said.
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))
]


def _written_out(value: object) -> object:
    """In an address `0` would else be the first day of 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("a day is written 2017-10-13")
    return value


Day = Annotated[date, BeforeValidator(_written_out)]
People = Annotated[int, Field(ge=0, le=10**12)]


class Strict(BaseModel):
    """Frozen, no unknown members, no silent conversion: `false` is not a number here."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
