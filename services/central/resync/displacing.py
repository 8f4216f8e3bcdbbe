"""Tell a region what a restored centre had decided before it knew that it was restored."""

from services.central.journey import permissions as told_permissions
from services.central.journey.entries import FRESH_PERMISSION, NewEntry
from services.central.journey.permissions import Grounds
from services.central.resync import store
from services.central.resync.displaced import Entry, left_to_tell
from services.central.resync.rules import Return
from shared.contracts.authorization import claims_told
from shared.contracts.feed import KnownEntry, Permission, UnknownEntry, page_bytes, read_page
from shared.contracts.revocation import Revocation
from shared.database.engine import Transaction

_ANY_REGION = "00.00"  # a page must name one; entries do not


async def left(transaction: Transaction, region: str, epoch: int) -> list[NewEntry]:
    """Displaced entries the region has not been told otherwise; what they say holds here again."""
    rows = await store.displaced(transaction, region, epoch)
    if not rows:
        return []
    taken_out = [Entry(row.kind, row.recording_id, row.outcome, bytes(row.body)) for row in rows]
    told = await store.told_since(
        transaction, region, list({one.recording_id for one in taken_out}), rows[0].pos
    )
    again, published = [], []
    for place, one in left_to_tell(taken_out, told):
        if await _holds_again(transaction, region, one):
            again.append(NewEntry(one.kind, one.recording_id, one.outcome, one.body))
            published.append(rows[place].pos)
    await store.mark_displaced(transaction, region, epoch, published)
    return again


async def _holds_again(transaction: Transaction, region: str, one: Entry) -> bool:
    """Act on it in order; False for a permission that nothing stands behind any more."""
    entry = _read(one.body)
    if isinstance(entry, Revocation):
        await revoke_again(transaction, region, entry)
        return True
    permission: Permission | None = getattr(entry, "permission", None)
    if permission is None:
        return True
    claims = claims_told(permission.jws)
    expires_at = permission.expires_at
    back = Return(int(claims.nik), claims.sub, claims.jti, expires_at, expires_at, given=0)
    stands = await store.replace(transaction, region, back)
    return stands or one.kind != FRESH_PERMISSION


def _read(body: bytes) -> KnownEntry | UnknownEntry:
    return read_page(page_bytes(_ANY_REGION, 1, 0, 1, [(1, body)])).entries[0].entry


async def revoke_again(transaction: Transaction, region: str, told: Revocation) -> None:
    """As the region was told it; who said so, and the note, were lost with the centre's disk."""
    claims = await told_permissions.newest_permission(transaction, region, told.recording_id)
    if claims is not None:
        await told_permissions.mark_revoked(
            transaction, int(claims.nik), told.authorization_id, told.revoked_at
        )
    await told_permissions.save_revocation(
        transaction,
        region,
        told.recording_id,
        told.authorization_id,
        Grounds(told.reason),
        told.replaced_by,
        told.revoked_at,
    )
