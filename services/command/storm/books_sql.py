"""Read what the real databases hold into the books that `check` takes. Read-only."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson

from services.command.storm.books import Books, Card, Entry, Id, RegionBooks
from shared.contracts.envelopes import TOMBSTONE, EnvelopeKind

ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class RegionSource:
    """receipted: what the stations hold, recording → SHA-256, kept outside both databases."""

    region: str
    database_url: str
    receipted: Mapping[Id, Id]


async def read_books(central_url: str, sources: Sequence[RegionSource]) -> Books:
    """Everything both sides hold of these regions; a million recordings take some seconds."""
    centre = await _connected(central_url)
    try:
        niks: dict[Id, Id] = {}
        regions = [await _region(centre, source, niks) for source in sources]
        registry = {
            row["nik"]: row["authorization_id"]
            for row in await centre.fetch(
                "SELECT nik, authorization_id FROM registry WHERE region_code = ANY($1)"
                " AND authorization_revoked_at IS NULL",
                [source.region for source in sources],
            )
        }
    finally:
        await centre.close()
    return Books(regions, niks, registry)


async def _region(
    centre: asyncpg.Connection, source: RegionSource, niks: dict[Id, Id]
) -> RegionBooks:
    here = await _connected(source.database_url)
    try:
        # A recording is sealed anew wherever it is written: its content's hash is what stays.
        outbox = await here.fetch(
            "SELECT o.envelope_id, o.sha256, o.kind, coalesce(r.sha256, o.sha256) AS content"
            " FROM outbox o LEFT JOIN recording r ON r.seq = o.seq ORDER BY o.seq"
        )
        # A decision and its permission are one entry; a fresh permission is one by itself.
        applied = await here.fetch(
            "SELECT pos, recording_id FROM decision UNION SELECT pos, recording_id"
            " FROM print_authorization UNION SELECT pos, recording_id FROM revocation"
            " UNION SELECT pos, coalesce(recording_id, request_id) FROM amendment_decision"
            " UNION SELECT pos, recording_id FROM deletion_entry"
            " UNION SELECT pos, recording_id FROM move_entry"
            " ORDER BY pos"
        )
        aside = await here.fetch(
            "SELECT o.envelope_id FROM refused_envelope r JOIN outbox o USING (seq)"
            " WHERE r.set_aside_at IS NOT NULL"
        )
        held = await here.fetch("SELECT pos FROM held_entry ORDER BY pos")
        cards = await here.fetch("SELECT authorization_id, blank_serial, state FROM card")
        acked_seq = await here.fetchval("SELECT acked_seq FROM uplink_position")
        applied_pos = await here.fetchval("SELECT applied_pos FROM feed_position")
    finally:
        await here.close()
    envelopes = await centre.fetch(
        "SELECT seq, envelope_id, sha256, CASE kind WHEN $2 THEN body END AS stone"
        " FROM envelope WHERE region_code = $1 ORDER BY seq",
        source.region,
        EnvelopeKind.TOMBSTONE.value,
    )
    said = {(row["envelope_id"], row["sha256"]): row["content"] for row in outbox}
    feed = [entry async for entry in _entries(centre, source.region, niks)]
    told = {entry.pos: entry.recording for entry in feed}
    return RegionBooks(
        region=source.region,
        receipted=dict(source.receipted),
        outbox=[(row["envelope_id"], row["content"]) for row in outbox],
        acked_seq=acked_seq,
        envelopes=[
            (row["seq"], *_content(_named_by(row["stone"]) or (row[1], row[2]), said))
            for row in envelopes
        ],
        feed=feed,
        applied=[
            *((row[0], row[1]) for row in applied),
            *((row[0], told.get(row[0])) for row in held),
        ],
        applied_pos=applied_pos,
        recordings=frozenset(
            row["envelope_id"] for row in outbox if row["kind"] == EnvelopeKind.RECORDING
        ),
        cards=[Card(row[0], row[1], row[2] == "spoiled") for row in cards],
        set_aside=frozenset(row["envelope_id"] for row in aside),
    )


async def _entries(
    centre: asyncpg.Connection, region: str, niks: dict[Id, Id]
) -> AsyncIterator[Entry]:
    """The feed by pos; notes each permitted recording's NIK, as the permission itself says it."""
    async with centre.transaction(readonly=True):
        async for row in centre.cursor(
            "SELECT pos, recording_id, body, written_at FROM feed WHERE region_code = $1"
            " ORDER BY pos",
            region,
            prefetch=ROWS_AT_ONCE,
        ):
            body = orjson.loads(row["body"])
            permission, replaces = body.get("permission"), body.get("replaces")
            if permission:
                niks[row["recording_id"]] = nik_in(permission["jws"])
            yield Entry(
                row["pos"],
                row["recording_id"],
                UUID(permission["authorization_id"]) if permission else None,
                UUID(replaces) if replaces else None,
                decides=body.get("kind") == "decision",
                revokes=UUID(body["authorization_id"])
                if body.get("kind") == "revocation"
                else None,
                at=row["written_at"].timestamp(),
            )


def _content(named: tuple[Id, Id], said: Mapping[tuple[Id, Id], Id]) -> tuple[Id, Id]:
    """Id and hash of what an envelope says, where the region knows its very bytes."""
    return named[0], said.get(named, named[1])


def _named_by(stone: bytes | None) -> tuple[UUID, bytes] | None:
    """Id and hash of what a tombstone stands for; None for an envelope that is none."""
    if stone is None:
        return None
    told = TOMBSTONE.validate_json(stone)
    return told.envelope_id, bytes.fromhex(told.sha256)


def nik_in(jws: str) -> int:
    """The NIK a permission is for; its signature is not looked at."""
    payload = jws.split(".")[1]
    return int(orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["nik"])


async def _connected(url: str) -> asyncpg.Connection:
    connection: asyncpg.Connection = await asyncpg.connect(
        url.replace("postgresql+asyncpg://", "postgresql://"),
        server_settings={"default_transaction_read_only": "on"},
    )
    return connection
