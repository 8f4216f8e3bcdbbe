"""What the doors of keys show."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field, StringConstraints

from services.central.identity.rules import state_of
from services.central.keys.store import Kept
from shared.contracts.region_keys import (
    Fingerprint,
    KeyState,
    KeyWord,
    fingerprint_of,
    in_groups,
)
from shared.contracts.strict import RegionCode, Strict

PINNED = "pinned"
Reason = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{3,300}$")]
RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
KeyPath = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-z]{1,24}$",
        description="What follows `#` in the key's kid; `pinned` for a kid that is the code alone",
        examples=["90facafea9b1"],
    ),
]


class KeyApproval(Strict):
    """An officer's word that this key is the region's."""

    fingerprint: Fingerprint = Field(description="As the region read it out, without spaces")
    reason: Reason = Field(description="How it was compared; kept for ever")


class KeyEnding(Strict):
    """An officer's word that this key is not to count."""

    reason: Reason = Field(description="Kept for ever; no names of citizens")


class ApprovalView(BaseModel):
    officer: str
    reason: str
    at: datetime


class RegionKeyView(BaseModel):
    region: str
    kid: str
    key: str = Field(description="Names it in the addresses of this page's operations")
    fingerprint: str
    state: KeyState
    asked_at: datetime
    vouched_by: str | None = Field(description="The region's key that signed for it, if one did")
    brought_by: str | None = Field(description="The officer who took it from a disk")
    approvals: list[ApprovalView]
    approved_at: datetime | None
    expires_at: datetime | None
    retires_at: datetime | None
    ended_by: str | None
    reason: str | None = Field(description="Why it was refused or revoked")


class RegionKeyList(BaseModel):
    items: list[RegionKeyView]


def view_of(kept: Kept, now: datetime) -> RegionKeyView:
    facts = kept.facts
    return RegionKeyView(
        region=facts.region,
        kid=facts.kid,
        key=key_of(facts.kid),
        fingerprint=in_groups(fingerprint_of(facts.x)),
        state=state_of(facts, now),
        asked_at=facts.asked_at,
        vouched_by=kept.vouched_by,
        brought_by=kept.brought_by,
        approvals=[
            ApprovalView(officer=one.officer, reason=one.reason, at=one.at)
            for one in kept.approvals
        ],
        approved_at=facts.approved_at,
        expires_at=facts.expires_at,
        retires_at=facts.retires_at,
        ended_by=kept.ended_by,
        reason=kept.end_reason,
    )


def word_of(kept: Kept, now: datetime) -> KeyWord:
    facts = kept.facts
    return KeyWord(
        version=1,
        region=facts.region,
        kid=facts.kid,
        fingerprint=fingerprint_of(facts.x),
        state=state_of(facts, now),
        approvals=facts.approvals,
        expires_at=facts.expires_at,
    )


def key_of(kid: str) -> str:
    return kid.partition("#")[2] or PINNED


def kid_named(region: str, key: str) -> str:
    return region if key == PINNED else f"{region}#{key}"


# The key of RFC 8037's appendix A.1, which signed for itself: whoever tries it out knows it.
REQUEST_EXAMPLE = {
    "version": 1,
    "jws": "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiNjEuNzIjOTBmYWNhZmVhOWIxIiwidHlwIjoidHVuZ2dhbC1y"
    "ZWdpb24ta2V5K2p3cyJ9.eyJ2ZXJzaW9uIjoxLCJyZWdpb24iOiI2MS43MiIsIngiOiIxMXFZQVlLeEN"
    "yZlZTXzdUeVdRSE9nN2hjdlBhcGlNbHJ3SWFhUGNIVVJvIiwiZGF5cyI6MzY1fQ.HT8Mqmew34o9AcgX"
    "4RLqfnRQ94oZMyN67XsQS9Rd-Ma3hLOkt_Q9_UklZ0vSJphIQ8O8RdS6wfC1A_NJl6KYBQ",
}
WORD_EXAMPLE: dict[str, Any] = {
    "version": 1,
    "region": "61.72",
    "kid": "61.72#90facafea9b1",
    "fingerprint": "90facafea9b1556698540f70",
    "state": "pending",
    "approvals": 0,
    "expires_at": None,
}
KEY_EXAMPLE: dict[str, Any] = {
    "region": "61.72",
    "kid": "61.72#90facafea9b1",
    "key": "90facafea9b1",
    "fingerprint": "90fa cafe a9b1 5566 9854 0f70",
    "state": "pending",
    "asked_at": "2017-10-13T02:15:11Z",
    "vouched_by": None,
    "brought_by": None,
    "approvals": [
        {
            "officer": "pusat-3",
            "reason": "fingerprint read out by phone, number from the directory",
            "at": "2017-10-13T03:00:00Z",
        }
    ],
    "approved_at": None,
    "expires_at": None,
    "retires_at": None,
    "ended_by": None,
    "reason": None,
}
REVOKED_EXAMPLE = {
    **KEY_EXAMPLE,
    "state": "revoked",
    "approved_at": "2017-10-13T04:00:00Z",
    "expires_at": "2018-10-13T04:00:00Z",
    "ended_by": "pusat-3",
    "reason": "the server was stolen",
}
