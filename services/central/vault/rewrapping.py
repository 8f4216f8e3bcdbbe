"""Wrap data keys anew: what lies under a retired key gets under the present one, body untouched.

In batches, each a transaction of its own; whoever is cut off begins again and finds less to do.
"""

from dataclasses import dataclass

from services.central.vault import store
from services.central.vault.steps import CARRIED, Vault, identity_place, vault_of
from shared.database.engine import Database, Transaction
from shared.sealed.body import KEY_PURPOSE, bound_to, is_sealed, take_apart
from shared.sealed.faults import Erased
from shared.sealing import Harmed, KeyMissing

BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """recordings, states: data keys wrapped anew. left: those whose own key is not here."""

    recordings: int
    states: int
    left: int


async def rewrap(database: Database, vault: Vault) -> Rewrapped:
    """All of it, until nothing lies under another key than the present ones."""
    database.carry(CARRIED, vault)
    recordings = states = left = 0
    place: tuple[str, int] | None = ("", 0)
    while place is not None:
        async with database.begin() as transaction:
            place, done, missing = await _recordings_after(transaction, place)
        recordings, left = recordings + done, left + missing
    more = True
    after: store.StateKey | None = None
    while more:
        async with database.begin() as transaction:
            after, done, missing = await _states_after(transaction, after)
        states, left, more = states + done, left + missing, after is not None
    return Rewrapped(recordings, states, left)


async def _recordings_after(
    transaction: Transaction, place: tuple[str, int]
) -> tuple[tuple[str, int] | None, int, int]:
    """One batch of what regions sealed; gives where it ended, how many it wrapped and could not."""
    vault = vault_of(transaction)
    rows = await store.sealed_after(transaction, place, vault.keks.kid, BATCH_ROWS)
    done = missing = 0
    for row in rows:
        if not is_sealed(row.body):
            continue
        try:
            sealed = take_apart(row.body)
            if sealed.kid == vault.opener.keys.current and row.kek_id is None:
                continue
            bound = bound_to(sealed.recording_id, sealed.content_sha256, KEY_PURPOSE)
            key = (
                vault.opener.data_key(sealed)
                if row.kek_id is None
                else vault.keks.open(row.kek_id, row.wrapped_key, bound)
            )
        except Erased:
            continue
        except (Harmed, KeyMissing):
            missing += 1
            continue
        await store.save_data_key(
            transaction,
            row.region_code,
            row.envelope_id,
            vault.keks.kid,
            vault.keks.seal(key, bound),
        )
        done += 1
    last = (rows[-1].region_code, int(rows[-1].seq)) if len(rows) == BATCH_ROWS else None
    return last, done, missing


async def _states_after(
    transaction: Transaction, after: store.StateKey | None
) -> tuple[store.StateKey | None, int, int]:
    vault = vault_of(transaction)
    rows = await store.states_after(transaction, after, vault.keks.kid, BATCH_ROWS)
    done = missing = 0
    for row in rows:
        bound = identity_place(row.nik, row.recording_id, row.version)
        try:
            key = vault.keks.open(row.kek_id, row.wrapped_key, bound)
        except (Harmed, KeyMissing):
            missing += 1
            continue
        await store.save_state_key(
            transaction,
            (row.nik, row.recording_id, row.version),
            vault.keks.kid,
            vault.keks.seal(key, bound),
        )
        done += 1
    last = rows[-1] if len(rows) == BATCH_ROWS else None
    return (last.nik, last.recording_id, last.version) if last else None, done, missing
