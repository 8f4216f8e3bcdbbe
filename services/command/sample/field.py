"""Teams on the road and visits at home, so that the field's pages have something to show."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.zones import zone_of

Ask = Callable[[str, str, Any], Awaitable[Any]]
_NAMES = UUID("01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f20")
# Kind, place, ward, days from now, people expected, team.
STAYS = (
    ("school", "SMA CONTOH 1", "61.72.02.1001", 1, 120, "tim-1"),
    ("village", "BALAI WARGA CONTOH", "61.72.04.1003", 2, 60, "tim-2"),
    ("market", "PASAR CONTOH", "61.72.01.1001", 4, 80, "tim-1"),
    ("prison", "LAPAS CONTOH", "61.72.05.1001", 8, 35, "tim-2"),
)
CONDITIONS = ("elderly", "ill", "disabled")


async def plan(ask: Ask, niks: Sequence[str], begun_on: date) -> None:
    """Stays of two teams, and visits asked for; the first visit has its day and team.

    ask: method, path and JSON body to the answer's JSON, or None where it was refused. niks: of
    people who are not recorded.
    """
    for number, (kind, place, ward, days, people, team) in enumerate(STAYS):
        starts = datetime.combine(begun_on + timedelta(days=days), time(8), zone_of("WIB"))
        stay = {
            "kind": kind,
            "place": place,
            "ward": ward,
            "starts_at": starts.isoformat(),
            "minutes": 240,
            "expected_people": people,
            "team": team,
        }
        await ask("PUT", f"/v1/field-sessions/{uuid5(_NAMES, f'stay {number}')}", stay)
    for number, (nik, condition) in enumerate(zip(niks, CONDITIONS, strict=False)):
        wish = {
            "nik": nik,
            "condition": condition,
            "asked_by": "family",
            "asked_on": begun_on.isoformat(),
        }
        path = f"/v1/home-visits/{uuid5(_NAMES, f'visit {number}')}"
        await ask("PUT", path, wish)
        if number == 0:
            when = {"visit_on": (begun_on + timedelta(days=1)).isoformat(), "team": "tim-1"}
            await ask("PUT", f"{path}/plan", when)
