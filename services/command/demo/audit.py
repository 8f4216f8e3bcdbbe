"""Check from both databases and the client's receipts that nothing was lost and nothing doubled.

Read-only SQL and sets. What it compares: the receipts the stations hold, the region's outbox and
decisions, the centre's envelopes, feed and registry.
"""

from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import asyncpg
import orjson

from services.command.demo.load import History
from shared.contracts.authorization import CLAIMS, TYPE, office_of
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.signing import BadSignature, PinnedKeys

SIGNATURES_SAMPLED_MAX = 1_000
ROWS_AT_ONCE = 20_000
# What may be decided once more: whatever is no permission to print.
REPLACEABLE = frozenset(Outcome) - {Outcome.PRINT_READY_RECORD}
_RECORDING = EnvelopeKind.RECORDING.value


@dataclass(frozen=True, slots=True)
class Permitted:
    """One print authorization as the centre wrote it into a feed."""

    authorization_id: UUID
    recording_id: UUID
    region: str
    jws: str


@dataclass(slots=True)
class Findings:
    """What the audit counted; every `…_wrong` and `lost`, `doubled` must be 0."""

    lost: int = 0
    doubled: int = 0
    receipts: int = 0
    region_recordings: int = 0
    centre_recordings: int = 0
    decisions_applied: int = 0  # recordings, each by its last decision
    contents_wrong: int = 0
    notes: int = 0  # envelopes the centre held back, or found to be repeats or conflicts
    held_entries: int = 0
    decided_later: int = 0  # recordings whose first decision was not the last word
    decided_twice: int = 0  # after the last word
    out_of_queue_order: int = 0
    signatures_checked: int = 0
    signatures_wrong: int = 0
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)  # at the centre, the last ones
    rivals: dict[UUID, str] = field(default_factory=dict)  # of duplicates, by recording
    waiting: dict[str, int] = field(default_factory=dict)  # open outcomes: how many wait so
    seq_gaps: int = 0
    feed_gaps: int = 0
    last_applied_at: datetime | None = None
    payload_bytes_mean: int = 0
    batches: int = 0
    batch_attempts: int = 0
    database: dict[str, str] = field(default_factory=dict)


class Auditor:
    """Reads both databases of a town; region: the code whose outbox and feed are compared."""

    def __init__(self, regional_url: str, central_url: str, region: str) -> None:
        self._urls = (regional_url, central_url)
        self._region = region
        self._open = AsyncExitStack()
        self._regional: asyncpg.Connection
        self._central: asyncpg.Connection

    async def __aenter__(self) -> Self:
        self._regional, self._central = [await self._connected(url) for url in self._urls]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    async def _connected(self, url: str) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            url.replace("postgresql+asyncpg://", "postgresql://"),
            server_settings={"default_transaction_read_only": "on"},
        )
        self._open.push_async_callback(connection.close)
        return connection

    async def findings(self, history: History, centre: PinnedKeys) -> Findings:
        found = Findings(receipts=len(history.receipted))
        await self._compare_contents(history, found)
        await self._count_gaps(found)
        permissions = await self._permissions()
        await self._count_doubled(permissions, found)
        _check_signatures(permissions, centre, found)
        await self._describe(found)
        return found

    async def _compare_contents(self, history: History, found: Findings) -> None:
        outbox = _hashes(
            await self._regional.fetch(
                "SELECT envelope_id, sha256 FROM outbox WHERE kind = $1", _RECORDING
            )
        )
        said = _hashes(await self._regional.fetch("SELECT recording_id, sha256 FROM recording"))
        envelopes = _hashes(
            await self._central.fetch(
                "SELECT envelope_id, sha256 FROM envelope WHERE kind = $1 AND region_code = $2",
                _RECORDING,
                self._region,
            )
        )
        decided = await self._decided(found)
        found.region_recordings = int(
            await self._regional.fetchval("SELECT count(*) FROM recording") or 0
        )
        found.centre_recordings, found.decisions_applied = len(envelopes), len(decided)
        found.contents_wrong += history.other_hashes
        for recording_id in history.receipted:
            sent = history.planned[recording_id]
            found.contents_wrong += said.get(recording_id, sent) != sent
            # Sealed at the region: what the centre has must be those very bytes.
            written = outbox.get(recording_id)
            found.contents_wrong += envelopes.get(recording_id, written) != written
        kept = outbox.keys() & envelopes.keys() & decided
        found.lost = len((history.receipted | outbox.keys()) - kept)
        # The other way round: a recording nobody handed in would be one too many.
        found.doubled += len((envelopes.keys() | decided) - outbox.keys())
        found.notes = await self._central.fetchval(
            "SELECT count(*) FROM envelope WHERE note IS NOT NULL"
        )
        found.held_entries = await self._regional.fetchval("SELECT count(*) FROM held_entry")

    async def _decided(self, found: Findings) -> set[UUID]:
        """Whom the region holds a decision for. The centre's last word is the region's."""
        told: dict[UUID, list[Outcome]] = {}
        for recording_id, outcome in await self._regional.fetch(
            "SELECT recording_id, outcome FROM decision ORDER BY pos"
        ):
            told.setdefault(recording_id, []).append(Outcome(outcome))
        found.decided_later = sum(len(outcomes) > 1 for outcomes in told.values())
        found.decided_twice = sum(
            not REPLACEABLE.issuperset(outcomes[:-1]) for outcomes in told.values()
        )
        found.outcomes = {
            recording_id: Outcome(outcome)
            for recording_id, outcome in await self._central.fetch(
                "SELECT DISTINCT ON (recording_id) recording_id, outcome FROM feed"
                " WHERE region_code = $1 AND kind = 'decision' ORDER BY recording_id, pos DESC",
                self._region,
            )
        }
        found.contents_wrong += sum(
            found.outcomes.get(recording_id) is not outcomes[-1]
            for recording_id, outcomes in told.items()
        )
        rows = await self._central.fetch(
            "SELECT outcome, count(*) FROM undecided WHERE region_code = $1 GROUP BY 1",
            self._region,
        )
        found.waiting = {row[0]: row[1] for row in rows}
        return set(told)

    async def _count_gaps(self, found: Findings) -> None:
        """Missing numbers between 1 and where each counter stands, at both ends."""
        for connection, table, number, head, last in (
            (self._central, "envelope", "seq", "intake_head", "accepted_seq"),
            (self._central, "feed", "pos", "feed_head", "last_pos"),
        ):
            missing = await connection.fetchval(
                f"SELECT coalesce(sum(abs(h.{last} - coalesce(t.held, 0))"  # noqa: S608 our words
                f" + (coalesce(t.highest, 0) <> h.{last})::int"
                f" + (coalesce(t.lowest, 1) <> 1)::int), 0)"
                f" FROM {head} h LEFT JOIN (SELECT region_code, count(*) AS held,"
                f" min({number}) AS lowest, max({number}) AS highest FROM {table}"
                f" GROUP BY region_code) t USING (region_code)"
            )
            if number == "seq":
                found.seq_gaps += int(missing)
            else:
                found.feed_gaps += int(missing)
        found.seq_gaps += int(
            await self._regional.fetchval(
                "SELECT max(h.last_seq) - count(o.seq) + (min(o.seq) <> 1)::int"
                " + (max(o.seq) <> max(h.last_seq))::int FROM outbox o CROSS JOIN outbox_head h"
            )
        )
        centre_last = await self._central.fetchval(
            "SELECT last_pos FROM feed_head WHERE region_code = $1", self._region
        )
        applied = await self._regional.fetchval("SELECT applied_pos FROM feed_position")
        found.feed_gaps += abs(centre_last - applied)

    async def _permissions(self) -> list[Permitted]:
        """Every print authorization the centre ever gave, to any region."""
        given = []
        async with self._central.transaction(readonly=True):
            async for row in self._central.cursor(
                "SELECT region_code, body FROM feed ORDER BY region_code, pos",
                prefetch=ROWS_AT_ONCE,
            ):
                entry = orjson.loads(row["body"])
                if entry.get("permission"):
                    given.append(
                        Permitted(
                            UUID(entry["permission"]["authorization_id"]),
                            UUID(entry["recording_id"]),
                            row["region_code"],
                            entry["permission"]["jws"],
                        )
                    )
        return given

    async def _count_doubled(self, permissions: list[Permitted], found: Findings) -> None:
        """Live means given and its blank not spoiled. One per NIK, one per recording."""
        spoiled = {
            row[0]
            for row in await self._central.fetch(
                "SELECT authorization_id FROM card WHERE result = 'spoiled'"
            )
        }
        live = [one for one in permissions if one.authorization_id not in spoiled]
        by_nik = Counter(_claims_unchecked(one.jws)["nik"] for one in live)
        by_recording = Counter(one.recording_id for one in live)
        by_id = Counter(one.authorization_id for one in permissions)
        found.doubled += sum(
            count - 1 for counts in (by_nik, by_recording, by_id) for count in counts.values()
        )
        found.doubled += await self._regional.fetchval(
            "SELECT count(*) - count(DISTINCT recording_id) FROM card WHERE state <> 'spoiled'"
        )
        found.doubled += await self._regional.fetchval(
            "SELECT count(*) - count(DISTINCT authorization_id) FROM card"
        )
        registered = {
            row[0]: row[1]
            for row in await self._central.fetch(
                "SELECT recording_id, authorization_id FROM registry"
            )
        }
        alive = {one.recording_id: one.authorization_id for one in live}
        # What the registry calls live is what the regions hold, no more and no less.
        found.doubled += len(registered.items() ^ alive.items())
        found.rivals = {
            row[0]: row[1]
            for row in await self._central.fetch(
                "SELECT recording_id, rival_region_code FROM duplicate"
            )
        }

    async def _describe(self, found: Findings) -> None:
        found.out_of_queue_order = await self._regional.fetchval(
            # Whoever waited for people or for a second search was overtaken with a cause.
            "SELECT count(*) FROM (SELECT r.seq, max(r.seq) OVER (ORDER BY p.pos"
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS highest_before"
            " FROM (SELECT recording_id, min(pos) AS pos FROM print_authorization"
            " WHERE recording_id NOT IN (SELECT recording_id FROM decision"
            " GROUP BY recording_id HAVING count(*) > 1)"
            " GROUP BY recording_id) p JOIN recording r USING (recording_id)) o"
            " WHERE seq < highest_before"
        )
        found.payload_bytes_mean = round(
            await self._regional.fetchval(
                "SELECT avg(octet_length(body)) FROM outbox WHERE kind = $1", _RECORDING
            )
        )
        batches = await self._regional.fetchrow(
            "SELECT count(*), coalesce(sum(attempts), 0) FROM uplink_batch"
        )
        assert batches is not None
        found.batches, found.batch_attempts = batches[0], int(batches[1])
        found.database = await self._settings()

    async def last_applied_at(self) -> datetime:
        """When the region wrote down the newest decision so far."""
        moment: datetime = await self._regional.fetchval("SELECT max(applied_at) FROM decision")
        return moment

    async def _settings(self) -> dict[str, str]:
        """The settings both servers share; "differs" where they do not."""
        told: dict[str, str] = {}
        for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes"):
            here, there = [
                str(await connection.fetchval(f"SHOW {name}"))
                for connection in (self._regional, self._central)
            ]
            told[name] = here if here == there else "differs"
        return told


def _hashes(rows: list[asyncpg.Record]) -> dict[UUID, bytes]:
    return {row[0]: row[1] for row in rows}


def _claims_unchecked(jws: str) -> Mapping[str, Any]:
    payload = jws.split(".")[1]
    claims: Mapping[str, Any] = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _check_signatures(permissions: list[Permitted], centre: PinnedKeys, found: Findings) -> None:
    """Verify a sample spread over all of them, as a printer without a line would."""
    step = max(1, -(-len(permissions) // SIGNATURES_SAMPLED_MAX))
    for one in permissions[::step]:
        found.signatures_checked += 1
        try:
            claims = CLAIMS.validate_json(centre.verify(one.jws, TYPE).payload)
        except (BadSignature, ValueError):
            found.signatures_wrong += 1
            continue
        is_its_own = (
            claims.jti == one.authorization_id
            and claims.sub == one.recording_id
            and claims.aud == office_of(one.region)
        )
        found.signatures_wrong += not is_its_own
