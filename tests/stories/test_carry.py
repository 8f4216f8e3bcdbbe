"""No line for weeks: everything goes and comes back on a disk, once, in order."""

import json
from pathlib import Path

import pytest

from services.central.carrier import Carrier as CentralCarrier
from services.central.identity import Regions
from services.command.exits import ExitCode
from services.regional.carrier import Carrier
from shared.clock import SystemClock
from shared.contracts.carry import NotCarried
from shared.signing import PinnedKeys, load_or_create_key
from tests.command.command_world import tunggal
from tests.stories.core_world import books, drained, record_all
from tests.town import NEIGHBOUR, REGION, Town

MEBIBYTE = 1024**2


def region_of(town: Town) -> Carrier:
    centre = PinnedKeys(json.loads(town.keys.centre_jwks.read_text()))
    key = town.keys.region_key(REGION)
    return Carrier(town.databases["regional"], REGION, key, centre, SystemClock())


def centre_of(town: Town) -> CentralCarrier:
    regions = Regions(PinnedKeys(json.loads(town.keys.regions_jwks.read_text())))
    key = load_or_create_key(town.keys.centre, "centre")
    return CentralCarrier(town.databases["central"], regions, key, SystemClock())


async def exported(town: Town, first_seq: int | None = None) -> bytes:
    carrier = region_of(town)
    made = await carrier.next_file(first_seq or await carrier.first_seq(), MEBIBYTE)
    assert made is not None
    return made[0]


async def test_a_disk_does_what_the_line_would_and_the_line_finds_nothing_left(
    town: Town,
) -> None:
    await town.line.cut()
    ids = await record_all(town.at_region(), range(1, 21))

    up = await exported(town)
    answer = await centre_of(town).take(up, 20)
    brought = await region_of(town).hear(answer.content)

    assert (answer.taken, brought.acknowledged, brought.applied) == (20, 20, 20)
    assert (await books(town)).are_equal
    assert (await books(town)).decided == ids
    told = (await town.at_region().get(f"/v1/recordings/{ids[0]}")).json()
    assert [step["event"] for step in told["timeline"]] == [
        "recorded",
        "offered",
        "receipted",
        "permitted",
    ]
    await town.line.restore()
    more = await record_all(town.at_region(), range(21, 24))
    await drained(town)
    assert (await books(town)).are_equal
    assert (await books(town)).recorded == [*ids, *more]


async def test_twice_late_and_beside_the_line_is_harmless(town: Town) -> None:
    await town.line.cut()
    await record_all(town.at_region(), range(1, 6))
    up = await exported(town)
    early = await centre_of(town).take(up, 0)
    await town.line.restore()
    await drained(town)

    again = await centre_of(town).take(up, 20)
    first = await region_of(town).hear(again.content)
    second = await region_of(town).hear(early.content)

    assert again.taken == 0
    assert (first.acknowledged, first.applied) == (0, 0)
    assert (second.acknowledged, second.applied) == (0, 0)
    assert (await books(town)).are_equal


async def test_out_of_turn_is_refused_and_fits_afterwards(town: Town) -> None:
    await town.line.cut()
    await record_all(town.at_region(), range(1, 4))
    first = await exported(town)
    await record_all(town.at_region(), range(4, 7))
    second = await exported(town, first_seq=4)
    centre, region = centre_of(town), region_of(town)

    with pytest.raises(NotCarried, match="import the file before it first"):
        await centre.take(second, 0)
    one = await centre.take(first, 20)
    two = await centre.take(second, 20)
    with pytest.raises(NotCarried, match="import the earlier answer first"):
        await region.hear(two.content)
    await region.hear(one.content)
    await region.hear(two.content)

    assert (await books(town)).are_equal


async def test_what_was_cut_changed_or_is_anothers_is_refused_whole(town: Town) -> None:
    await town.line.cut()
    await record_all(town.at_region(), range(1, 4))
    up = await exported(town)
    centre, region = centre_of(town), region_of(town)
    changed = up[:-5] + b"X" + up[-4:]

    for spoiled in (
        up[:-1],
        up[:40],
        changed,
        up.replace(REGION.encode(), NEIGHBOUR.encode()),
        b"",
    ):
        with pytest.raises(NotCarried):
            await centre.take(spoiled, 0)
    assert (await books(town)).arrived == []
    answer = (await centre.take(up, 20)).content
    for spoiled in (answer[:-1], answer[:-5] + b"X" + answer[-4:], up):
        with pytest.raises(NotCarried):
            await region.hear(spoiled)
    assert (await books(town)).decided == []
    await region.hear(answer)
    assert (await books(town)).are_equal


async def test_the_commands_carry_it_there_and_back(town: Town, tmp_path: Path) -> None:
    await town.line.cut()
    await record_all(town.at_region(), range(1, 4))
    named = {
        "TUNGGAL_REGIONAL_DATABASE_URL": town.url("regional"),
        "TUNGGAL_REGIONAL_CENTRE_JWKS": str(town.keys.centre_jwks),
        "TUNGGAL_REGIONAL_KEY_FILE": str(town.keys.region(REGION)),
        "TUNGGAL_CENTRAL_DATABASE_URL": town.url("central"),
        "TUNGGAL_CENTRAL_KEY_FILE": str(town.keys.centre),
        "TUNGGAL_CENTRAL_REGIONS_JWKS": str(town.keys.regions_jwks),
    }
    stick = tmp_path / "stick"

    written = await tunggal(tmp_path, "carry", "export", "--to", str(stick), **named)
    again = await tunggal(tmp_path, "carry", "export", "--to", str(stick), **named)
    file = stick / written.out.strip()
    taken = await tunggal(tmp_path, "carry", "import", str(file), "--wait", "20", **named)
    heard = await tunggal(tmp_path, "carry", "import", taken.out.strip(), **named)
    file.write_bytes(file.read_bytes()[:-1])
    cut = await tunggal(tmp_path, "carry", "import", str(file), **named)

    assert [one.code for one in (written, again, taken, heard)] == [ExitCode.DONE] * 4, heard.err
    assert again.out == ""
    assert heard.out == "acknowledged up to 3 (3 new), applied up to 3 (3 new)\n"
    assert (cut.code, "cut short" in cut.err) == (ExitCode.REFUSED, True)
    assert (await books(town)).are_equal


def test_nothing_half_written_bears_a_files_name(tmp_path: Path) -> None:
    from services.command.carry import write_verified

    write_verified(tmp_path / "a.carry", b"whole")

    assert [path.name for path in tmp_path.iterdir()] == ["a.carry"]
    assert (tmp_path / "a.carry").stat().st_mode & 0o777 == 0o600
