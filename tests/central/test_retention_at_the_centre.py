"""Images of deleted recordings go when the time for a mistake is over; others never."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert

from services.central.evidence.faces import Faces
from services.central.retention import rules, store
from services.central.retention.rules import Kind
from services.central.tables import deletion, evidence
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.evidence.store import EvidenceStore
from shared.ids import new_id
from shared.retention.loop import Retention
from tests.recordings import NOON
from tests.town import REGION, Databases


async def a_face(database: Database, images: EvidenceStore, deleted_at: datetime | None) -> UUID:
    recording_id = new_id()
    await images.put(f"{REGION}/{recording_id}/face", b"a face")
    async with database.begin() as transaction:
        await transaction.execute(
            insert(evidence).values(
                region_code=REGION,
                recording_id=recording_id,
                part="face",
                sha256=b"",
                offset_bytes=6,
                restarts=0,
                began_at=NOON,
                received_at=NOON,
            )
        )
        if deleted_at is not None:
            await transaction.execute(
                insert(deletion).values(
                    region_code=REGION,
                    recording_id=recording_id,
                    nik=6172021708900001,
                    captured_at=NOON,
                    named_at=deleted_at,
                    deleted_at=deleted_at,
                )
            )
    return recording_id


async def test_the_face_of_a_deleted_recording_goes_after_its_time(
    databases: Databases, tmp_path: Path
) -> None:
    images, day = EvidenceStore(None, tmp_path), timedelta(days=1)
    term = timedelta(days=rules.DAYS[Kind.DELETED_IMAGES])
    async with databases.fresh("central") as url:
        database = Database(url)
        gone = await a_face(database, images, NOON - term - day)
        young = await a_face(database, images, NOON - term + day)
        stands = await a_face(database, images, None)
        sweeps = store.sweeps(rules.terms(rules.DAYS), images)

        removed = await Retention(database, sweeps, ManualClock(NOON)).turn()

        assert removed == {"deleted_images": 1}
        async with database.begin() as transaction:
            here = await Faces(images).here(
                transaction, [(REGION, one) for one in (gone, young, stands)]
            )
        await database.close()
    assert here == {young, stands}
    assert not (tmp_path / REGION / str(gone) / "face").exists()
