"""The gallery's keys by command: a new one, every row under it, and the old one gone."""

import asyncio
from pathlib import Path

import orjson

from services.central.penunggalan import gallery
from services.central.penunggalan.iris.matcher import Row
from shared.database.engine import Database
from shared.ids import new_id
from shared.iris import to_bytes
from shared.iris_keys import NO_KEYS
from shared.sealing import KeyRing
from tests.command.command_world import Said, tunggal
from tests.eyes import KEYS, SECRET, an_eye, write_keys
from tests.recordings import NOON
from tests.town import REGION, Databases


async def test_a_key_is_renewed_and_the_old_one_dropped(
    tmp_path: Path, databases: Databases
) -> None:
    ring = write_keys(tmp_path / "centre.json", SECRET)
    async with databases.fresh("central") as url:

        async def keys(*arguments: str) -> Said:
            return await tunggal(
                tmp_path,
                *("keys", "gallery", *arguments),
                TUNGGAL_CENTRAL_DATABASE_URL=url,
                TUNGGAL_CENTRAL_GALLERY_KEY_FILE=str(ring),
            )

        database = Database(url)
        irises = to_bytes(an_eye(1)) + to_bytes(an_eye(2))
        async with database.begin() as transaction:
            for position, under in ((1, NO_KEYS), (2, KEYS)):
                kept = under.protected(irises)
                row = Row(position, gallery.PERSON, new_id(), REGION, position, kept)
                await gallery.append(transaction, [row], NOON, under)
        await database.close()

        # At once: a row from before there were keys is left, whichever of them is first.
        made, early = await asyncio.gather(keys("new", "central"), keys("drop", "central"))
        renewed = await keys("renew", "central", "--json")
        dropped = await keys("drop", "central")

    assert (made.code, made.out.strip()) == (0, KeyRing.load(ring).newest.kid), made.err
    assert (early.code, "renew" in early.err) == (4, True)
    assert renewed.code == 0, renewed.err
    assert orjson.loads(renewed.out) == {
        "key": made.out.strip(),
        "renewed": 2,
        "rebuilt": 0,
        "left": 0,
    }
    assert (dropped.code, "1 dropped" in dropped.err) == (0, True)
    assert list(KeyRing.load(ring).kids) == [made.out.strip()]
