"""What becomes of a request, by what holds of the person. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.amendment import law
from shared.amendment.objections import Objection
from shared.contracts.amendments import Amendment, Identity, Reprint
from shared.contracts.envelopes import CardResult

# A desk may be half a day ahead of UTC: a document of its today is not from the future.
DESK_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived; `request` is None when it cannot be read."""

    seq: int
    envelope_id: UUID
    kind: str
    request: Amendment | Reprint | None


@dataclass(frozen=True, slots=True)
class Proven:
    """Who stands for a NIK, and how the card of the live permission is."""

    recording_id: UUID
    region: str
    is_revoked: bool
    card: CardResult | None
    blank_serial: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    objection: Objection


@dataclass(frozen=True, slots=True)
class Accepted:
    identity: Identity
    is_card_due: bool


Ruling = Refused | Accepted
_OUT = frozenset({CardResult.PRINTED, CardResult.ISSUED})


def stands_against(
    request: Amendment | Reprint, proven: Proven | None, region: str
) -> Objection | None:
    """What forbids a request whatever it asks: no proof, another's, or a permission taken back."""
    if proven is None:
        return Objection.NOT_PROVEN
    if proven.region != region:
        return Objection.ELSEWHERE
    if request.recording_id not in (None, proven.recording_id):
        return Objection.OTHER_RECORDING
    if proven.is_revoked:
        return Objection.TAKEN_BACK
    if isinstance(request, Reprint) and proven.card not in _OUT:
        return Objection.NO_CARD
    return None


def rule(request: Amendment | Reprint, identity: Identity, now: datetime) -> Ruling:
    """Judge what is asked by the law; the person is proven and this region's."""
    if isinstance(request, Reprint):
        objected = law.judge_reprint(request, latest_day(now))
        return Refused(objected.objection) if objected else Accepted(identity, is_card_due=True)
    objected = law.judge(request, identity, latest_day(now))
    if objected is not None:
        return Refused(objected.objection)
    after = law.amended(identity, request.changes)
    return Accepted(after, is_card_due=law.needs_a_card(identity, after))


def reason_of(request: Amendment | Reprint) -> str:
    """Why the permission before is taken back, as a stable code."""
    return request.cause.value if isinstance(request, Reprint) else "amended"


def latest_day(now: datetime) -> date:
    """The last date that has begun anywhere in Indonesia, clocks forgiven."""
    return (now + DESK_AHEAD).date()
