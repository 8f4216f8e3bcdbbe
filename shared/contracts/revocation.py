"""A print authorization taken back, and one asked for anew: kinds that came after the first ones.

A reason is an open code on purpose: a region must act on one that is newer than its program.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.contracts.recording import ShortCode
from shared.contracts.strict import Moment, Strict

RENEWAL_REQUEST_VERSION = 1

# Reasons a region acts on, beyond not printing.
MOVED = "moved"  # another region's office prints the card now
DELETED = "deleted"  # the recording, with the person's consent


class Revocation(Strict):
    """Entry: this authorization allows nothing any more, whether it was spent or not."""

    version: Literal[1]
    kind: Literal["revocation"]
    recording_id: UUID
    authorization_id: UUID
    reason: ShortCode = Field(description="A stable code, such as amended or same-person")
    revoked_at: AwareDatetime
    replaced_by: UUID | None = Field(description="The authorization that follows, or null")


class RenewalRequest(Strict):
    """Envelope: this authorization was not spent in time; the region has given it up for good."""

    authorization_id: UUID
    recording_id: UUID
    expired_at: Moment
    asked_at: Moment


REVOCATION = TypeAdapter(Revocation)
RENEWAL_REQUEST = TypeAdapter(RenewalRequest)
