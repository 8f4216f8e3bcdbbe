"""`tunggal audit verify` as people run it: words that say what to do, and exit codes."""

import json
from datetime import UTC, datetime
from pathlib import Path

from services.central.audit.entries import CHAIN, LEDGER, entry
from services.command.audit import source
from shared.audit.checkpoints import Checkpoints
from shared.audit.entries import Actor, Purpose
from shared.contracts.audit import sign_checkpoint
from shared.database.engine import Database
from shared.signing import jwks_of, new_key
from tests.command.command_world import tunggal
from tests.town import Databases

NOW = datetime(2017, 10, 13, 2, 15, 12, tzinfo=UTC)


async def test_verify_says_whether_all_is_as_it_was_written(
    databases: Databases, tmp_path: Path
) -> None:
    key = new_key("centre")
    keys = tmp_path / "centre.jwks.json"
    keys.write_text(json.dumps(jwks_of([key])))
    witness, export = tmp_path / "region.json", tmp_path / "audit.ndjson"
    async with databases.fresh("central") as url:
        database = Database(url)
        async with database.begin() as transaction:
            for act in ("case-read", "vote-given", "case-read"):
                await entry(transaction, Actor("sri"), act, Purpose.PENUNGGALAN, [], NOW)
            made = await Checkpoints(LEDGER).make(
                transaction,
                1,
                lambda epoch, size, root: sign_checkpoint(key, CHAIN, epoch, size, root, NOW),
                NOW,
            )
        assert made is not None
        witness.write_text(json.dumps({"centre": {"checkpoint": made.jws}, "doubts": []}))
        with export.open("w") as out:
            await source.write_export(await source.from_database(database, LEDGER), out)
        common = ("audit", "verify", "central", "--keys", str(keys), "--witness", str(witness))
        whole = await tunggal(tmp_path, *common, "--database", url)
        await database.close()
    changed = export.read_text().replace("vote-given", "case-read", 1)
    export.write_text(changed)
    wrong = await tunggal(tmp_path, *common, "--export", str(export), "--json")
    export.write_text(changed[:-30])
    cut = await tunggal(tmp_path, *common, "--export", str(export))

    assert (whole.code, whole.err) == (0, "")
    assert "3 entries are as they were written" in whole.out
    assert wrong.code == 1
    found = json.loads(wrong.out)["findings"][0]
    assert (found["kind"], found["first"]) == ("edited", 2)
    assert "entry 2 is not what was written" in wrong.err
    assert cut.code == 2
    assert "is no whole export" in cut.err
