"""What one claim of the uplink costs with little and with very much waiting."""

import statistics
import time

from services.command.bench import raw
from services.regional.outbox.store import prefix_after
from shared.contracts.envelopes import BATCH_BYTES_MAX
from shared.database.engine import Database

CLAIM_ITEMS = 500
CLAIMS = 40

_FILL = """
INSERT INTO outbox (seq, envelope_id, kind, version, happened_at, written_at, sha256, body)
SELECT n, gen_random_uuid(), 'recording', 1, now(), now(), '\\x00', $3
FROM generate_series($1::bigint, $2::bigint) n
"""


async def milliseconds(url: str, waiting: int, body: bytes) -> float:
    """Median time of claiming CLAIM_ITEMS of `waiting` envelopes, in ms."""
    connection = await raw.connect(url)
    last = await connection.fetchval("SELECT coalesce(max(seq), 0) FROM outbox")
    for first in range(last + 1, waiting + 1, 50_000):
        await connection.execute(_FILL, first, min(first + 49_999, waiting), body)
    await connection.execute("ANALYZE outbox")
    await connection.close()
    database = Database(url, connections_max=2)
    spent = []
    for nth in range(CLAIMS):
        async with database.begin() as transaction:
            started = time.perf_counter()
            claimed = await prefix_after(transaction, nth * 100, CLAIM_ITEMS, BATCH_BYTES_MAX)
            spent.append(1_000 * (time.perf_counter() - started))
            assert len(claimed) == CLAIM_ITEMS
    await database.close()
    return statistics.median(spent)
