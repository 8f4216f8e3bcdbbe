"""The feed: everything the centre tells a region, in one gapless order of `pos`.

An entry carries the whole message: whoever has read it needs no second look anywhere else.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
)

from shared.contracts.amendments import AMENDMENT_DECISION, AmendmentDecision
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.contracts.remedies import (
    DELETION_DECISION,
    MOVE_DECISION,
    DeletionDecision,
    MoveDecision,
)
from shared.contracts.revocation import REVOCATION, Revocation
from shared.contracts.strict import RegionCode, Strict

FEED_VERSION = 1
PAGE_ENTRIES_MAX = 2_000
LONG_POLL_SECONDS_MAX = 25

Pos = Annotated[int, Field(ge=1, le=2**62)]


class Rival(Strict):
    """The recording that stands in the way: its id and where it was taken, nothing personal."""

    recording_id: UUID
    region: RegionCode
    captured_at: AwareDatetime


class Permission(Strict):
    """A signed print authorization: `jws` is the object itself, the rest repeats it for reading."""

    authorization_id: UUID
    jws: str
    expires_at: AwareDatetime


class Decision(Strict):
    """How penunggalan ended for one recording, with the permission when there is one."""

    version: Literal[1]
    kind: Literal["decision"]
    recording_id: UUID
    seq: Annotated[int, Field(ge=1)]
    outcome: Outcome
    decided_at: AwareDatetime
    reason: str | None = Field(description="A stable code for the finding, or null")
    duplicate: DuplicateKind | None
    rival: Rival | None
    permission: Permission | None


class FreshPermission(Strict):
    """A further print authorization for a recording decided earlier, in the place of another."""

    version: Literal[1]
    kind: Literal["print_authorization"]
    recording_id: UUID
    issued_at: AwareDatetime
    replaces: UUID
    permission: Permission


DECISION = TypeAdapter(Decision)
FRESH_PERMISSION = TypeAdapter(FreshPermission)
_KNOWN: dict[str, TypeAdapter[Any]] = {
    "decision": DECISION,
    "print_authorization": FRESH_PERMISSION,
    "revocation": REVOCATION,
    "deletion_decision": DELETION_DECISION,
    "move_decision": MOVE_DECISION,
    "amendment_decision": AMENDMENT_DECISION,
}


class UnknownEntry(BaseModel):
    """An entry this version cannot read: held, shown to officers, never acted on."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra={
            "not": {
                "properties": {
                    "version": {"const": FEED_VERSION},
                    "kind": {"enum": list(_KNOWN)},
                },
                "required": ["version", "kind"],
            }
        },
    )


def _tag(entry: Any) -> str:
    """Known only if it can be read: one bad entry must not keep its neighbours back."""
    if isinstance(entry, dict) and entry.get("version") == FEED_VERSION:
        kind = entry.get("kind")
        known = _KNOWN.get(kind) if isinstance(kind, str) else None
        if known is not None and _is_readable(known, entry):
            return str(kind)
    return "unknown"


def _is_readable(known: TypeAdapter[Any], entry: dict[str, Any]) -> bool:
    try:
        known.validate_json(orjson.dumps(entry))
    except (ValidationError, orjson.JSONEncodeError):
        return False
    return True


KnownEntry = (
    Decision | FreshPermission | Revocation | DeletionDecision | MoveDecision | AmendmentDecision
)
Entry = Annotated[
    Annotated[Decision, Tag("decision")]
    | Annotated[FreshPermission, Tag("print_authorization")]
    | Annotated[Revocation, Tag("revocation")]
    | Annotated[DeletionDecision, Tag("deletion_decision")]
    | Annotated[MoveDecision, Tag("move_decision")]
    | Annotated[AmendmentDecision, Tag("amendment_decision")]
    | Annotated[UnknownEntry, Tag("unknown")],
    Discriminator(_tag),
]


class FeedItem(Strict):
    pos: Pos
    entry: Entry


class FeedPage(Strict):
    """Entries after a cursor, gapless; empty when a long poll ran out. Signed by the centre."""

    version: Literal[1]
    region: RegionCode
    epoch: Annotated[int, Field(ge=1)]
    after: Annotated[int, Field(ge=0)]
    head_pos: Annotated[int, Field(ge=0)] = Field(description="Newest position when this was read")
    entries: Annotated[tuple[FeedItem, ...], Field(max_length=PAGE_ENTRIES_MAX)]


PAGE = TypeAdapter(FeedPage)


class _KnownItem(Strict):
    pos: Pos
    entry: Annotated[KnownEntry, Field(discriminator="kind")]


class _KnownPage(FeedPage):
    entries: Annotated[tuple[_KnownItem, ...], Field(max_length=PAGE_ENTRIES_MAX)]  # type: ignore[assignment]


_KNOWN_PAGE = TypeAdapter(_KnownPage)


def read_page(content: bytes) -> FeedPage:
    """Read a page; entries of an unknown version, kind or outcome come out as UnknownEntry.

    Raises pydantic's ValidationError. Pages hold known entries only, until the centre is newer than
    this region: those are told apart without asking Python at every entry.
    """
    try:
        return _KNOWN_PAGE.validate_json(content)
    except ValidationError:
        return PAGE.validate_json(content)


def page_bytes(
    region: str, epoch: int, after: int, head_pos: int, entries: list[tuple[int, bytes]]
) -> bytes:
    """Put stored entries into a page without decoding them."""
    items = b",".join(b'{"pos":%d,"entry":%b}' % item for item in entries)
    return b'{"version":1,"region":"%b","epoch":%d,"after":%d,"head_pos":%d,"entries":[%b]}' % (
        region.encode(),
        epoch,
        after,
        head_pos,
        items,
    )
