"""Erase one recording: its keys are destroyed, and what lay under them says that it was erased.

Whoever calls it answers for the law it is done by, and takes the person out of the registry, the
gallery and the likeness keys: this is about what was said of them.
"""

from hashlib import sha256
from uuid import UUID

import orjson

from services.central.vault import store
from shared.database.engine import Transaction
from shared.sealed.body import content_sha256_of, erased, is_sealed


async def erase(transaction: Transaction, region: str, recording_id: UUID) -> int:
    """Nobody opens it from the commit on; gives how many bodies were cut. Twice is harmless.

    The hashes of what came stay, so that receipts and repeats are answered as before. A backup
    still holds the keys until it is thrown away, or until the keys of the centre they lie under are
    taken out of its key files.
    """
    cut = 0
    for seq, body in await store.bodies_of(transaction, region, recording_id):
        content = content_sha256_of(body) if is_sealed(body) else sha256(body).digest()
        stone = erased(recording_id, content or bytes(32))
        if body != stone:
            await store.put_in_place(transaction, region, seq, stone)
            cut += 1
    for home, seq, request_id in await store.requests_about(transaction, recording_id):
        stone = orjson.dumps({"erased": str(request_id)})
        await store.put_in_place(transaction, home, seq, stone)
    await store.drop_keys(transaction, region, recording_id)
    return cut
