"""Whoever owns the database changes the audit's rows, and the first wrong entry is named."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from services.central.audit.entries import CHAIN, LEDGER, entry
from services.command import security_report
from services.command.audit import source, verify
from services.command.audit.verify import Verified
from shared.audit.checkpoints import ChainBroken, Checkpoints
from shared.audit.entries import BEGINNING, Actor, Purpose, about, canonical, chained
from shared.audit.verifying import Kind
from shared.contracts.audit import sign_checkpoint
from shared.database.engine import Database, Transaction
from shared.ids import new_id
from shared.signing import PinnedKeys, SigningKey, jwks_of, new_key
from tests.town import Databases

pytestmark = pytest.mark.security
NOW = datetime(2017, 10, 13, 2, 15, 12, tzinfo=UTC)
KEY = new_key("centre")
SRI = Actor("sri", ("adjudicator",), "61.72")
CHECKPOINTS = Checkpoints(LEDGER)
Tampering = Callable[[Transaction], Awaitable[None]]


@dataclass
class Audited:
    """Twenty entries with checkpoints after eight, sixteen and twenty of them."""

    database: Database
    key: SigningKey = KEY

    async def write(self, count: int) -> str:
        """Entries, then a checkpoint; gives the checkpoint."""
        async with self.database.begin() as transaction:
            for _ in range(count):
                whom = [about("recording", new_id())]
                await entry(transaction, SRI, "case-read", Purpose.PENUNGGALAN, whom, NOW)

            def sign(epoch: int, size: int, root: bytes) -> str:
                return sign_checkpoint(self.key, CHAIN, epoch, size, root, NOW)

            made = await CHECKPOINTS.make(transaction, 1, sign, NOW)
        assert made is not None
        return made.jws

    async def verified(self, *testimony: str) -> Verified:
        keys = PinnedKeys(jwks_of([KEY]))
        return await verify.verify(
            await source.from_database(self.database, LEDGER), keys, list(testimony)
        )


@pytest.fixture
async def audited(databases: Databases) -> AsyncIterator[Audited]:
    async with databases.fresh("central") as url:
        database = Database(url)
        yield Audited(database)
        await database.close()


async def edit(transaction: Transaction) -> None:
    await transaction.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE position = 11"))


async def edit_a_hash(transaction: Transaction) -> None:
    await transaction.execute(
        text("UPDATE audit_entry SET hash = sha256('x'::bytea) WHERE position = 11")
    )


async def delete_in_the_middle(transaction: Transaction) -> None:
    await transaction.execute(text("DELETE FROM audit_entry WHERE position IN (11, 12)"))


async def cut_off(transaction: Transaction) -> None:
    await transaction.execute(text("DELETE FROM audit_entry WHERE position > 10"))


async def cut_off_and_head_put_right(transaction: Transaction) -> None:
    await cut_off(transaction)
    await transaction.execute(
        text(
            "UPDATE audit_head SET last_position = 10, last_hash ="
            " (SELECT hash FROM audit_entry WHERE position = 10)"
        )
    )


async def roll_back(transaction: Transaction) -> None:
    """To an older copy, in which everything fits: entries, head and checkpoints."""
    await cut_off_and_head_put_right(transaction)
    await transaction.execute(text("DELETE FROM audit_checkpoint WHERE size > 10"))


async def chain_anew(transaction: Transaction) -> None:
    """Change one entry and put every hash after it, and the head, right again."""
    await edit(transaction)
    hashed = BEGINNING
    for one in await LEDGER.after(transaction, 0, 100):
        hashed = chained(hashed, canonical(CHAIN, one.entry))
        await transaction.execute(
            text("UPDATE audit_entry SET hash = :hashed WHERE position = :at"),
            {"hashed": hashed, "at": one.entry.position},
        )
    await transaction.execute(text("UPDATE audit_head SET last_hash = :hashed"), {"hashed": hashed})


async def chain_anew_without_checkpoints(transaction: Transaction) -> None:
    await chain_anew(transaction)
    await transaction.execute(text("DELETE FROM audit_checkpoint"))


# How each is done, what it is called, and where the first wrong entry is said to be.
CASES: dict[str, tuple[Tampering, Kind, int, int]] = {
    "an edit": (edit, Kind.EDITED, 11, 11),
    "an edit of a hash": (edit_a_hash, Kind.EDITED, 11, 11),
    "a deletion in the middle": (delete_in_the_middle, Kind.REMOVED, 11, 11),
    "a truncation": (cut_off, Kind.CUT_OFF, 11, 20),
    "a truncation with the head put right": (cut_off_and_head_put_right, Kind.CUT_OFF, 11, 20),
    "a rollback to an older copy": (roll_back, Kind.ROLLED_BACK, 11, 20),
    # The subtree of 9..16 is the first that differs from what was signed.
    "a chain written anew": (chain_anew, Kind.REWRITTEN, 9, 16),
    "a chain written anew, checkpoints gone": (
        chain_anew_without_checkpoints,
        Kind.REWRITTEN,
        1,
        20,
    ),
}


async def test_each_tampering_is_found_and_its_first_wrong_entry_named(
    databases: Databases,
) -> None:
    found: dict[str, tuple[Kind, int, int] | None] = {}
    for name, (tamper, _, _, _) in CASES.items():
        async with databases.fresh("central") as url:
            database = Database(url)
            audited = Audited(database)
            for count in (8, 8, 4):
                witnessed = await audited.write(count)
            async with database.begin() as transaction:
                await tamper(transaction)
            first = (await audited.verified(witnessed)).first
            found[name] = (first.kind, first.first, first.last) if first else None
            await database.close()
    expected = {name: (kind, at, last) for name, (_, kind, at, last) in CASES.items()}
    right = [name for name in CASES if found[name] == expected[name]]
    security_report.put({"tamper_kinds": len(CASES), "tamper_found": len(right)})

    assert found == expected


async def test_an_untouched_chain_verifies_and_goes_on(audited: Audited) -> None:
    first, second = await audited.write(8), await audited.write(5)
    whole = await audited.verified(first, second)

    assert (whole.size, whole.checkpoints, whole.witnesses, whole.findings) == (13, 2, 2, [])


async def test_without_a_witness_an_older_copy_looks_whole(audited: Audited) -> None:
    """Why checkpoints go to the regions: nothing inside tells of what is no longer there."""
    for count in (8, 8):
        await audited.write(count)
    async with audited.database.begin() as transaction:
        await roll_back(transaction)

    assert (await audited.verified()).findings == []


async def test_checkpoints_of_another_key_are_not_believed(audited: Audited) -> None:
    await audited.write(3)
    audited.key = new_key("centre")
    foreign = await audited.write(3)

    whole = await audited.verified()
    with pytest.raises(verify.WitnessNotTheirs):
        await audited.verified(foreign)
    assert (whole.checkpoints, whole.forged) == (1, [2])


async def test_nobody_signs_over_a_chain_that_does_not_hang_together(audited: Audited) -> None:
    await audited.write(8)
    async with audited.database.begin() as transaction:
        for _ in range(3):
            await entry(transaction, SRI, "case-read", Purpose.PENUNGGALAN, [], NOW)
        await transaction.execute(text("UPDATE audit_entry SET act = 'x' WHERE position = 10"))

    with pytest.raises(ChainBroken):
        await audited.write(0)


async def test_an_export_is_verified_far_from_the_database(
    audited: Audited, tmp_path: Path
) -> None:
    witnessed = await audited.write(12)
    file = tmp_path / "audit.ndjson"
    with file.open("w") as out:
        count = await source.write_export(await source.from_database(audited.database, LEDGER), out)
    keys = PinnedKeys(jwks_of([KEY]))
    read = await asyncio.to_thread(source.from_export, file)

    whole = await verify.verify(read, keys, [witnessed])
    text_of = file.read_text()
    file.write_text(text_of.replace('\\"actor\\":\\"sri\\"', '\\"actor\\":\\"eve\\"', 1))
    changed = await verify.verify(source.from_export(file), keys, [])
    file.write_text(text_of[:-40])

    assert (count, whole.size, whole.findings) == (12, 12, [])
    assert changed.first is not None
    assert (changed.first.kind, changed.first.first) == (Kind.EDITED, 1)
    with pytest.raises(source.NotAnExport):
        source.from_export(file)
