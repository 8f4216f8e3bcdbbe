"""The report as the API tells it."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.regional.access.steps import Access
from shared.contracts.strict import Strict
from shared.nik import NikText


class WhoseReport(Strict):
    nik: NikText = Field(description="Of whoever asks for their own, having shown who they are")


class AccessView(BaseModel):
    position: int = Field(description="Of the entry in this region's audit")
    at: datetime
    actor: str = Field(description="The officer's id, or `citizen`")
    roles: list[str] = Field(description="In which roles they were signed in")
    act: str = Field(description="What was looked at or done, as a code")
    purpose: str = Field(description="What for, as a code")
    has_changed: bool = Field(description="Whether something was done, and not only looked at")

    @classmethod
    def of(cls, one: Access) -> "AccessView":
        return cls(
            position=one.position,
            at=one.at,
            actor=one.actor,
            roles=list(one.roles),
            act=one.act,
            purpose=one.purpose,
            has_changed=one.is_act,
        )


class AccessReport(BaseModel):
    made_at: datetime
    items: list[AccessView] = Field(description="The newest first; this very look is in the next")


REQUEST_EXAMPLE = {"nik": "6172025207900003"}
REPORT_EXAMPLE = {
    "made_at": "2017-10-13T02:15:12Z",
    "items": [
        {
            "position": 42,
            "at": "2017-10-12T03:10:00Z",
            "actor": "petugas-1",
            "roles": ["officer"],
            "act": "dossier-read",
            "purpose": "service",
            "has_changed": False,
        }
    ],
}
