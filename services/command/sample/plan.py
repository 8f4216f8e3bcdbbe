"""What the sample city hands in, made anew from its seed and the day it was begun. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson

from services.command.demo.irises import part_of
from services.command.demo.officers import irises_of, known_there
from services.regional.console.history import Sample
from services.simulator.population import (
    City,
    PlannedRecording,
    Resident,
    city,
    early_recordings,
    neighbour_recordings,
    recordings,
    write_residents_csv,
)
from services.simulator.population.eyes import PartWithIrises
from shared.zones import zone_of

SEED = 6172
RECORDINGS = 600
IRISES = 150
NEIGHBOURS = 3
UNDER_17 = 6
WORKING_DAYS = 20
LATE_EVERY = 75
LINE_DAYS = 3
_SUNDAY = 6
_OPENS, _OPEN_SECONDS = time(7, 30), 7 * 3600
_TURNS_17_IN_DAYS = 25
# Of those who are not recorded: every so many-th is blocked, has moved, or has died.
_RESIDENCY = {3: "blocked", 11: "moved", 17: "dead"}
_RESIDENCY_EVERY = 20


@dataclass(frozen=True)
class SamplePlan:
    """Everything of one sample city. begun_at: its recordings end the day before."""

    begun_at: datetime

    @cached_property
    def town(self) -> City:
        return city(SEED, recorded=RECORDINGS)

    @cached_property
    def part(self) -> PartWithIrises:
        return part_of(self.town, IRISES)

    def residents_csv(self, folder: Path) -> bytes:
        """The whole city's list; some of those not recorded are blocked, have moved or died."""
        file = folder / "sample-residents.csv"
        write_residents_csv(file, self.town.residents())
        unrecorded = {one.nik for one in self.town.residents() if one.obliged and not one.recorded}
        told = io.StringIO()
        with file.open(encoding="utf-8", newline="") as table:
            rows = csv.DictReader(table)
            writer = csv.DictWriter(told, [*(rows.fieldnames or ()), "residency"])
            writer.writeheader()
            place = 0
            for row in rows:
                place += row["nik"] in unrecorded
                status = _residency(place) if row["nik"] in unrecorded else "active"
                writer.writerow({**row, "residency": status})
        file.unlink()
        return told.getvalue().encode()

    def next_residents_csv(self, folder: Path) -> bytes:
        """The same list some weeks later: people came, moved and left, and some lines are damaged.

        It is left for an officer to look at.
        """
        rows = list(csv.DictReader(io.StringIO(self.residents_csv(folder).decode())))
        told = io.StringIO()
        writer = csv.DictWriter(told, list(rows[0]))
        writer.writeheader()
        for place, row in enumerate(rows):
            match place % 100:
                case 7:
                    continue  # missing
                case 31 if row["residency"] == "active":
                    row["residency"] = "moved"
                case 53 if row["ward"] != rows[0]["ward"]:
                    row["ward"] = rows[0]["ward"]
                case 71:
                    row["street"] = "JALAN BARU NO. 1"
                case 97:
                    nik = row["nik"]
                    row["nik"] = (f"{nik[0]},{nik[1:6]}E+15", nik[:14], f"{nik[:12]}0000")[
                        place % 3
                    ]
            writer.writerow(row)
        return told.getvalue().encode()

    def unrecorded(self) -> list[Resident]:
        """Who must hold a card, is not recorded, and lives here by the list."""
        absent = [one for one in self.town.residents() if one.obliged and not one.recorded]
        return [one for place, one in enumerate(absent, 1) if _residency(place) == "active"]

    def recordings(self) -> list[dict[str, Any]]:
        """Of the last working days in order of capture, but for what a field team brought late."""
        moments = self._moments(RECORDINGS)
        made = [
            _moved(one, at)
            for one, at in zip(recordings(self.town, irises=self.part), moments, strict=True)
        ]
        late = [one for place, one in enumerate(made) if place % LATE_EVERY == LATE_EVERY - 1]
        return [one for one in made if one not in late] + late

    def neighbours(self) -> list[bytes]:
        """Of people the city records, too: taken by the neighbour some weeks before."""
        before = self.begun_at - timedelta(days=60)
        return [
            orjson.dumps(_moved(one, before + timedelta(minutes=place)))
            for place, one in enumerate(neighbour_recordings(self.town, NEIGHBOURS))
        ]

    def officers_there(self) -> list[bytes]:
        """Irises of the neighbour's officers that were planted in the city."""
        return list(irises_of(SEED, known_there(self.part.planted)))

    def under_17(self) -> list[dict[str, Any]]:
        """People of 16, recorded today, whose cards wait for their 17th birthdays."""
        made = []
        for place, one in enumerate(early_recordings(self.town, UNDER_17), 1):
            moved = _moved(one, self.begun_at)
            day = self.begun_at.date() + timedelta(days=_TURNS_17_IN_DAYS * place)
            # Nobody's birthday may be missing in a common year.
            born = day.replace(year=day.year - 17, day=min(day.day, 28))
            moved["card"] |= {"birth_date": born.isoformat(), "marital_status": "never_married"}
            made.append(moved)
        return made

    def line(self) -> Iterator[Sample]:
        """How the line did before the city began, minute by minute. Drawn by chance."""
        chance = Random(SEED)
        begin = (self.begun_at - timedelta(days=LINE_DAYS)).replace(second=0, microsecond=0)
        state, until, failing, waiting = "up", begin, None, 0
        for minute in range(LINE_DAYS * 24 * 60):
            at = begin + timedelta(minutes=minute)
            if at >= until:
                state = chance.choices(("up", "slow", "down"), (8, 3, 2))[0]
                lasting = {"up": 240, "slow": 90, "down": 45}[state]
                until = at + timedelta(minutes=chance.expovariate(1 / lasting) + 3)
                failing = at if state == "down" else None
            is_open = 0 <= at.astimezone(zone_of("WIB")).hour - 7 < 8
            arriving = is_open * (chance.random() < 0.5)
            waiting = waiting + arriving if state == "down" else max(0, waiting // 2 - 1)
            pace = {"up": 61_000, "slow": 9_000}.get(state)
            yield Sample(at, state, failing, waiting, pace)

    def _moments(self, count: int) -> Iterator[datetime]:
        zone = zone_of("WIB")
        today = self.begun_at.astimezone(zone).date()
        before = (today - timedelta(days=n) for n in range(1, 2 * WORKING_DAYS))
        days = [one for one in before if one.weekday() != _SUNDAY][:WORKING_DAYS][::-1]
        for place in range(count):
            worked = place * len(days) * _OPEN_SECONDS // count
            day, second = divmod(worked, _OPEN_SECONDS)
            opened = datetime.combine(days[day], _OPENS, zone)
            yield opened + timedelta(seconds=second)


def _residency(place: int) -> str:
    """Of the so many-th who is not recorded."""
    return _RESIDENCY.get(place % _RESIDENCY_EVERY, "active")


def _moved(one: PlannedRecording, at: datetime) -> dict[str, Any]:
    """The same recording, taken at another time; its id stays."""
    told: dict[str, Any] = orjson.loads(one.body)
    told["captured_at"] = at.isoformat(timespec="seconds")
    return told


def nik_of(recording: dict[str, Any]) -> str:
    return str(recording["card"]["nik"])


def id_of(recording: dict[str, Any]) -> UUID:
    return UUID(recording["recording_id"])
