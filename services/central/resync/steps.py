"""Take witnesses and declarations; confirm what a lost life decided; waive."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson
import structlog
from pydantic import ValidationError

from services.central import epochs
from services.central.epochs import SETTLED_BY_ITSELF, Standing
from services.central.journey import entries
from services.central.journey import permissions as told_permissions
from services.central.journey import steps as journey
from services.central.journey.entries import DECISION, FRESH_PERMISSION, REVOCATION, NewEntry
from services.central.resync import displacing, rules, store
from shared.contracts.amendments import AmendmentDecision
from shared.contracts.authorization import CLAIMS, TYPE, AuthorizationClaims
from shared.contracts.envelopes import BatchReceipt
from shared.contracts.feed import (
    DECISION as READ_DECISION,
)
from shared.contracts.feed import (
    Decision,
    FeedPage,
    FreshPermission,
    KnownEntry,
    Permission,
    UnknownEntry,
    page_bytes,
    read_page,
)
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import RECORDING
from shared.contracts.remedies import DeletionDecision, MoveDecision
from shared.contracts.resync import Mark, ResyncClaim, ResyncWord
from shared.contracts.revocation import Revocation
from shared.database.engine import Transaction
from shared.refusals import Refusal
from shared.signing import BadSignature, PinnedKeys

log = structlog.get_logger()


class CentreSuperseded(Refusal):
    """This region has heard a later life of the centre than this one.

    Either this is an old centre that was replaced, or it was restored to before its last restore.
    """

    code, status = "centre-superseded", 409
    title = "This centre is older than what the region has heard"
    next_action = "Stop this centre, or if it was restored say so: POST /v1/resync."
    next_action_id = "Hentikan pusat ini, atau bila ini hasil pemulihan: POST /v1/resync."


# What the region was told of and other rooms must do again; everything it holds is here by then.
CarryOutAgain = Callable[[Transaction, str, datetime], Awaitable[None]]


async def nothing(transaction: Transaction, region: str, now: datetime) -> None:
    """Where only permissions come back."""


class UnreadableWitness(ValueError):
    """Signed by the centre, and yet not as this program writes it."""


@dataclass(frozen=True, slots=True)
class HandedBack:
    """A feed page as the centre signed it, with each entry's bytes as they stood in it."""

    page: FeedPage
    bodies: tuple[bytes, ...]

    @classmethod
    def of(cls, content: bytes) -> "HandedBack":
        """Raises UnreadableWitness."""
        try:
            page = read_page(content)
            bodies = tuple(orjson.dumps(item["entry"]) for item in orjson.loads(content)["entries"])
        except (ValidationError, orjson.JSONDecodeError, KeyError, TypeError) as trouble:
            raise UnreadableWitness from trouble
        written = list(zip([item.pos for item in page.entries], bodies, strict=True))
        again = page_bytes(page.region, page.epoch, page.after, page.head_pos, written)
        if again != content or not bodies:
            raise UnreadableWitness
        return cls(page, bodies)

    @property
    def first_pos(self) -> int:
        return self.page.entries[0].pos


async def word(
    transaction: Transaction,
    region: str,
    mark: Mark | None = None,
    wanted_pos: int | None = None,
) -> ResyncWord:
    """Where the centre stands with a region. Without a mark nothing can fail to fit."""
    standing = await epochs.standing(transaction, region)
    last_pos = await journey.last_pos(transaction, region)
    fits = True
    if mark is not None:
        held = await journey.bodies_between(transaction, region, mark.pos, mark.pos)
        fits = rules.fits(held.get(mark.pos), mark.sha256)
    return ResyncWord(
        version=1,
        region=region,
        epoch=standing.epoch,
        state=_state(standing),
        accepted_seq=await store.accepted_seq(transaction, region),
        last_pos=last_pos,
        fits=fits,
        wanted_pos=wanted_pos,
    )


def _state(standing: Standing) -> Literal["awaiting", "waived", "done"]:
    if not standing.is_open:
        return "done"
    return "waived" if standing.is_waived else "awaiting"


async def take_receipt(
    transaction: Transaction, region: str, receipt: BatchReceipt, now: datetime
) -> ResyncWord:
    """A receipt for more than is held proves a restore. Refuses: CentreSuperseded."""
    standing = await epochs.standing(transaction, region)
    _refuse_later(receipt.epoch, standing)
    accepted_seq = await store.accepted_seq(transaction, region)
    if receipt.accepted_seq > accepted_seq and not standing.is_open:
        await _raise_by_witness(transaction, region, standing, now)
    return await word(transaction, region)


async def take_page(
    transaction: Transaction, region: str, handed: HandedBack, own: PinnedKeys, now: datetime
) -> ResyncWord:
    """Put a page's entries back where they stood. The same page again changes nothing.

    own: the centre's public keys, for the permissions within. Refuses: CentreSuperseded.
    """
    if not await store.lock_settled(transaction, region):
        return await word(transaction, region)
    standing = await epochs.standing(transaction, region)
    _refuse_later(handed.page.epoch, standing)
    last_pos = await journey.lock_head(transaction, region)
    first_pos = handed.first_pos
    held = await journey.bodies_between(
        transaction, region, first_pos, first_pos + len(handed.bodies) - 1
    )
    compared_pos = await store.compared_pos(transaction, region, standing.epoch)
    match rules.place(first_pos, handed.bodies, last_pos, held, compared_pos):
        case rules.Same():
            same_to = first_pos + len(handed.bodies) - 1
            await store.save_compared(transaction, region, standing.epoch, same_to)
            return await word(transaction, region)
        case _ if not standing.is_open:
            await _raise_by_witness(transaction, region, standing, now)
            return await word(transaction, region)
        case rules.Wanted(pos):
            return await word(transaction, region, wanted_pos=pos)
        case rules.Lost(from_pos, is_forked):
            if is_forked:
                await store.displace(transaction, region, standing.epoch, from_pos)
            await _put_back(transaction, region, handed, from_pos, standing.epoch, own, now)
            return await word(transaction, region)


def _refuse_later(epoch: int, standing: Standing) -> None:
    if epoch > standing.epoch:
        log.error("resync.centre_superseded", witnessed=epoch, epoch=standing.epoch)
        raise CentreSuperseded


async def _raise_by_witness(
    transaction: Transaction, region: str, standing: Standing, now: datetime
) -> None:
    reason = f"region {region} holds what this centre signed and does not know"
    epoch = await epochs.raise_to(transaction, standing.epoch, SETTLED_BY_ITSELF, reason, now)
    if epoch is not None:
        log.error("resync.epoch_raised", epoch=epoch, region=region, by=SETTLED_BY_ITSELF)


async def _put_back(
    transaction: Transaction,
    region: str,
    handed: HandedBack,
    from_pos: int,
    epoch: int,
    own: PinnedKeys,
    now: datetime,
) -> None:
    items = [
        (item.entry, body)
        for item, body in zip(handed.page.entries, handed.bodies, strict=True)
        if item.pos >= from_pos
    ]
    permissions, witnessed_seq = [], 0
    deleted = rules.deleted_by(entry for entry, _ in items)
    await _free(transaction, region, deleted)
    for entry, _ in items:
        if isinstance(entry, Decision):
            witnessed_seq = max(witnessed_seq, entry.seq)
        if (found := _permission(entry)) is not None:
            permission, issued_at = found
            permissions.append((_claims(own, permission), permission.expires_at, issued_at))
    # A permission whose recording was deleted later is nobody's claim to the NIK any more.
    back = [one for one in rules.returns(permissions) if one.recording_id not in deleted]
    await _register(transaction, region, back, now)
    await store.witness_seq(transaction, region, epoch, witnessed_seq)
    await journey.publish(transaction, region, [_as_new(*item) for item in items], now)
    for entry, _ in items:
        if isinstance(entry, Revocation):
            await displacing.revoke_again(transaction, region, entry)


async def _free(transaction: Transaction, region: str, deleted: Collection[UUID]) -> None:
    """Give up NIKs before permissions that followed the deletion come back; only the region's own.

    The rest of a deletion is carried out when everything of this region is here.
    """
    for recording_id in sorted(deleted):
        claims = await told_permissions.newest_permission(transaction, region, recording_id)
        if claims is not None:
            await told_permissions.give_up(transaction, int(claims.nik), recording_id)


def _permission(entry: object) -> tuple[Permission, datetime] | None:
    if isinstance(entry, Decision) and entry.permission is not None:
        return entry.permission, entry.decided_at
    if isinstance(entry, FreshPermission):
        return entry.permission, entry.issued_at
    return None


def _claims(own: PinnedKeys, permission: Permission) -> AuthorizationClaims:
    try:
        return CLAIMS.validate_json(own.verify(permission.jws, TYPE).payload)
    except (BadSignature, ValidationError) as doubt:
        raise UnreadableWitness from doubt


def _as_new(entry: KnownEntry | UnknownEntry, body: bytes) -> NewEntry:
    match entry:
        case Decision():
            return NewEntry(DECISION, entry.recording_id, entry.outcome.value, body)
        case FreshPermission():
            return NewEntry(FRESH_PERMISSION, entry.recording_id, None, body)
        case Revocation():
            return NewEntry(REVOCATION, entry.recording_id, None, body)
        case DeletionDecision() | MoveDecision():
            return NewEntry(entry.kind, entry.recording_id, entry.verdict, body)
        case AmendmentDecision():
            about = entry.recording_id or entry.request_id
            return NewEntry(entry.kind, about, entry.outcome, body)
    told = orjson.loads(body)
    try:
        recording_id = UUID(str(told.get("recording_id")))
    except ValueError:
        recording_id = UUID(int=0)
    return NewEntry(str(told.get("kind", "unknown"))[:64], recording_id, None, body)


async def _register(
    transaction: Transaction, region: str, returned: Sequence[rules.Return], now: datetime
) -> None:
    """Permissions back into the registry; those whose NIK was given on are contested."""
    entered = await store.enter(transaction, region, returned)
    there = [one for one in returned if one.recording_id not in entered]
    if not there:
        return
    holders = await store.holders(transaction, [one.nik for one in there])
    for one in there:
        holder = holders[one.nik]
        if holder[0] == one.recording_id:
            await store.replace(transaction, region, one)
        else:
            log.error("resync.contested", region=region, recording_id=str(one.recording_id))
            await store.contest(transaction, region, one, holder, now)


async def declare(
    transaction: Transaction,
    region: str,
    claim: ResyncClaim,
    now: datetime,
    carry_out_again: CarryOutAgain = nothing,
) -> ResyncWord:
    """Mark a region re-synced if all it speaks of is here. The same claim again is harmless."""
    if not await store.lock_settled(transaction, region):
        return await word(transaction, region)
    standing = await epochs.standing(transaction, region)
    last_pos = await journey.lock_head(transaction, region)
    is_all_here = rules.is_all_here(
        last_pos,
        await store.accepted_seq(transaction, region),
        claim.applied_pos,
        claim.acked_seq,
    )
    if standing.is_open and claim.epoch == standing.epoch and is_all_here:
        await carry_out_again(transaction, region, now)
        told = await _tell_contested(transaction, region, now)
        told += await displacing.left(transaction, region, standing.epoch)
        await store.save_synced(
            transaction, region, standing.epoch, claim.applied_pos, claim.acked_seq, now
        )
        if told:
            await journey.publish(transaction, region, told, now)
        log.warning("resync.region_synced", region=region, epoch=standing.epoch)
    return await word(transaction, region)


async def _tell_contested(transaction: Transaction, region: str, now: datetime) -> list[NewEntry]:
    """The region must not print these: two officers have to look at both recordings first."""
    rows = await store.contested_list(transaction, region, limit=100_000)
    if not rows:
        return []
    decided = await journey.decided_among(transaction, region, [one.recording_id for one in rows])
    await store.mark_told(transaction, region, now)
    return [
        entries.decision(
            seq=READ_DECISION.validate_json(decided[one.recording_id]).seq,
            recording_id=one.recording_id,
            outcome=Outcome.ADJUDICATE_RECORD,
            reason="contested-after-restore",
            duplicate=None,
            rival=one.rival,
            permission=None,
            now=now,
        )
        for one in rows
        if one.recording_id in decided
    ]


async def confirm(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[bytes, bytes]],
    now: datetime,
) -> None:
    """Recordings that were decided in a lost life, given as (recording, decision): not again.

    What only the recording itself knows goes back: when it was captured, and whose double it was.
    """
    captured, duplicates = [], []
    for body, decided in bodies:
        try:
            recording = RECORDING.validate_json(body)
            decision = READ_DECISION.validate_json(decided)
        except ValidationError:
            continue
        one = (recording.nik.number, recording.recording_id, recording.captured_at)
        if decision.permission is not None:
            captured.append(one)
        elif decision.outcome is Outcome.DUPLICATE_RECORD and decision.rival is not None:
            duplicates.append((*one, decision.rival))
    await store.captured_at(transaction, region, captured)
    await store.put_duplicates_back(transaction, region, duplicates, now)
