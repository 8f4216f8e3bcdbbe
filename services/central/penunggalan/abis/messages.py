"""MOSIP's ABIS messages, version 1.1 (its specification 0.9), as far as a search needs them.

Numbers travel as text there. What we say is exactly the specification; of what is said to us we
take what we know and nothing in another shape.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.alias_generators import to_camel

CANDIDATES_MAX: Final = 200  # an ABIS that finds more of one person has lost its threshold
_SCORE: Final = re.compile(r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$")

Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class Failure(StrEnum):
    """Why an ABIS did not do what it was asked (`failureReason`); others are told by number."""

    EXISTS = "10"
    NOT_FOUND = "12"
    POOR_QUALITY = "18"


class _Said(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Question(_Said):
    id: str
    version: Literal["1.1"] = "1.1"
    request_id: UUID
    requesttime: str


class Insert(Question):
    """Take the biometrics at this address and keep them under this id; compare with nobody."""

    id: Literal["mosip.abis.insert"] = "mosip.abis.insert"
    reference_id: UUID
    reference_url: str = Field(alias="referenceURL")


class Identify(Question):
    """Name everybody who is like this one."""

    id: Literal["mosip.abis.identify"] = "mosip.abis.identify"
    reference_id: UUID
    reference_url: Literal[""] = Field("", alias="referenceURL")
    flags: Mapping[str, str]


class Delete(Question):
    id: Literal["mosip.abis.delete"] = "mosip.abis.delete"
    reference_id: UUID


class ReferenceCount(Question):
    id: Literal["mosip.abis.referenceCount"] = "mosip.abis.referenceCount"


class _Heard(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        frozen=True,
        strict=True,
        extra="ignore",
        hide_input_in_errors=True,
    )


class Answer(_Heard):
    """What every answer says. `id` of a failure is not looked at: the specification's own differs.

    returnValue "1": done. "2": not done, and failureReason says why.
    """

    id: str
    request_id: UUID
    responsetime: str
    return_value: Literal["1", "2"]
    failure_reason: Annotated[str, Field(pattern=r"^[0-9]{1,3}$")] | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.return_value == "2") != (self.failure_reason is not None):
            raise ValueError("a failure has a reason, and nothing else has one")
        return self


class Candidate(_Heard):
    """analytics: agreed on by nobody but the two parties; `confidence` is the usual one."""

    reference_id: UUID
    analytics: Mapping[str, JsonValue] = Field(default_factory=dict)

    @property
    def score(self) -> str | None:
        """The ABIS's own number, as it wrote it; its scale is its own."""
        for name in ("confidence", "internalScore"):
            told = self.analytics.get(name)
            if isinstance(told, str) and _SCORE.match(told):
                return told
        return None


class CandidateList(_Heard):
    count: Number
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=CANDIDATES_MAX)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if int(self.count) != len(self.candidates):
            raise ValueError("the list does not hold as many as it says")
        return self


class Identified(Answer):
    candidate_list: CandidateList


class Counted(Answer):
    count: Number


A = TypeVar("A", bound=Answer)


def moment(now: datetime) -> str:
    """As the specification writes it: ISO 8601 in UTC with milliseconds."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
