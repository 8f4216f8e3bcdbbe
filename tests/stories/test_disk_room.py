"""The disk fills: refused before it is full, what is receipted stays so, and all else goes on."""

from pathlib import Path

from services.command.exits import ExitCode
from services.regional.disk.ballast import Ballast
from services.regional.disk.loop import DiskWatch, Limits
from shared.clock import ManualClock
from shared.ids import new_id
from tests.command.command_world import tunggal
from tests.recordings import NOON, content
from tests.stories.core_world import books, drained, record
from tests.town import REGION, Databases, Town, town_of

MUCH = 2**60
MEBIBYTE = 1024**2


async def test_below_the_reserve_new_ones_are_refused_and_receipts_are_repeated(
    databases: Databases, tmp_path: Path
) -> None:
    async with town_of(databases, tmp_path) as town:
        officer = town.at_region()
        first = new_id()
        receipt = await record(officer, 1, first)
        await town.region.stop()
        town._regional["disk_reserve_bytes"] = MUCH
        await town.start_region()
        await town._ready(town.region)
        officer = town.at_region()

        again = await record(officer, 1, first)
        refused = await record(officer, 2)
        many = await officer.post(
            "/v1/recordings",
            json={
                "recordings": [
                    content(1) | {"recording_id": str(first)},
                    content(3) | {"recording_id": str(new_id())},
                ]
            },
        )
        await drained(town)

        assert (again.status_code, again.json()) == (202, receipt.json())
        assert (refused.status_code, refused.json()["code"]) == (507, "storage-nearly-full")
        assert [one["outcome"] for one in many.json()["results"]] == ["repeated", "refused"]
        assert (await books(town)).are_equal
        assert (await books(town)).recorded == [first]
        health = (await officer.get("/v1/health")).json()
        assert health["is_ready"]
        assert health["detail"]["takes_recordings"] is False
        assert "tunggal_disk_takes_recordings 0.0" in (await officer.get("/metrics")).text


async def test_a_budget_is_a_disk_of_its_own(town: Town) -> None:
    limits = Limits(Path("/"), budget_bytes=1, reserve_bytes=0)
    database = town.databases["regional"]
    bound = DiskWatch(database, REGION, limits, Ballast(Path("/none"), 0), ManualClock(NOON))
    free = DiskWatch(
        database, REGION, Limits(Path("/"), None, 0), Ballast(Path("/none"), 0), ManualClock(NOON)
    )

    await bound.sample()
    await free.sample()

    assert not bound.may_take(1)
    assert bound.state(NOON).recordings_left == 0
    assert free.may_take(1)
    assert (free.state(NOON).recordings_left or 0) > 1_000


async def test_room_is_counted_in_recordings_of_our_size(town: Town) -> None:
    officer = town.at_region()
    people = [content(number) | {"recording_id": str(new_id())} for number in range(600)]
    answer = await officer.post("/v1/recordings", json={"recordings": people})
    assert answer.status_code == 200
    limits = Limits(Path("/"), budget_bytes=10**9, reserve_bytes=0)
    database = town.databases["regional"]
    watch = DiskWatch(database, REGION, limits, Ballast(Path("/none"), 0), ManualClock(NOON))

    await watch.sample()

    room = watch.state(NOON).room
    assert room is not None
    # A recording without templates is stored in 1 to 10 KB, its indexes and receipts included.
    assert 1_000 < room.table_bytes_each < 10_000


def test_ballast_is_real_room_and_is_given_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "under" / "ballast", 4 * MEBIBYTE)

    assert ballast.lay()
    assert ballast.held_bytes() >= 4 * MEBIBYTE
    assert not ballast.lay()
    assert ballast.release()
    assert ballast.held_bytes() == 0
    assert not ballast.release()


async def test_a_full_disk_releases_the_ballast_and_refuses_until_there_is_room(
    town: Town, tmp_path: Path
) -> None:
    ballast = Ballast(tmp_path / "ballast", MEBIBYTE)
    limits = Limits(tmp_path, None, 0)
    watch = DiskWatch(town.databases["regional"], REGION, limits, ballast, ManualClock(NOON))
    watch.keep_ballast()
    assert ballast.held_bytes()

    watch.tell_full()

    assert not ballast.held_bytes()
    assert not watch.may_take(1)
    watch.keep_ballast()
    assert watch.may_take(1)


async def test_the_command_releases_the_ballast_once(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    assert Ballast(path, MEBIBYTE).lay()
    named = {"TUNGGAL_REGIONAL_BALLAST_FILE": str(path)}

    done = await tunggal(tmp_path, "ballast", "release", **named)
    again = await tunggal(tmp_path, "ballast", "release", **named)

    assert done.code == ExitCode.DONE
    assert not path.exists()
    assert again.code == ExitCode.NOT_FOUND
