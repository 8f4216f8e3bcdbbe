"""Who is signed in at pages, and ending that from outside: at both services, for whoever leads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from shared.doors.room import Doors, door
from shared.doors.session import Sessions
from shared.doors.session_store import KeptSession, WhichSessions
from shared.roles import SUBJECT_CHARACTERS_MAX, Caller, Role, needs

TAG = "sessions"
TAG_SAYS = "Who is signed in at the pages, and ending it."
Leader = Annotated[Caller, needs(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
OfficerPath = Annotated[
    str,
    Path(
        description="The officer's id",
        min_length=1,
        max_length=SUBJECT_CHARACTERS_MAX,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["officer-12"],
    ),
]
_SHOWN = {
    "officer": "officer-12",
    "roles": ["officer"],
    "office": None,
    "began_at": "2017-10-16T01:02:03Z",
    "idle_at": "2017-10-16T01:32:03Z",
    "ends_at": "2017-10-16T10:02:03Z",
}


class SignedIn(BaseModel):
    """One session at the pages; ids only."""

    officer: str
    roles: list[Role]
    office: str | None = Field(description="Whom the officer's token binds to one office")
    began_at: datetime
    idle_at: datetime = Field(description="It ends then if nothing is done")
    ends_at: datetime = Field(description="It ends then whatever is done")

    @classmethod
    def of(cls, one: KeptSession) -> "SignedIn":
        return cls(
            officer=one.caller.subject,
            roles=sorted(one.caller.roles),
            office=one.caller.office,
            began_at=one.began_at,
            idle_at=one.idle_at,
            ends_at=one.ends_at,
        )


class SignedInList(BaseModel):
    sessions: list[SignedIn]


class Ended(BaseModel):
    ended: int = Field(description="Sessions that were open and are no longer")


@dataclass(frozen=True)
class SessionDoors(Doors):
    sessions: Sessions

    @door.get(
        "/sessions",
        summary="See who is signed in at the pages",
        responses={
            200: {
                "description": "The latest first, at most 200.",
                "content": {"application/json": {"example": {"sessions": [_SHOWN]}}},
            }
        },
    )
    async def get_sessions(self, caller: Leader) -> SignedInList:
        """A head whose token names an office sees that office's officers alone."""
        found = await self.sessions.living(WhichSessions(office=caller.office))
        return SignedInList(sessions=[SignedIn.of(one) for one in found])

    @door.delete(
        "/officers/{officer}/sessions",
        summary="End all sessions of an officer",
        responses={
            200: {
                "description": "They count no more, wherever the cookies are.",
                "content": {"application/json": {"example": {"ended": 2}}},
            }
        },
    )
    async def end_sessions(self, officer: OfficerPath, caller: Leader) -> Ended:
        """Tokens an officer holds go on until they end: withdraw the account at the issuer, too.

        A head whose token names an office ends sessions of that office's officers alone.
        """
        which = WhichSessions(officer=officer, office=caller.office)
        return Ended(ended=await self.sessions.end_all(which, caller))
