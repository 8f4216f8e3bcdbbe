"""Letters to the sample city's unrecorded, and what was heard of some of them."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID, uuid5

from services.regional.outreach.rules import workdays

Ask = Callable[[str, str, Any], Awaitable[Any]]
WARDS, PEOPLE = 4, 6
_NAMES = UUID("01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f16")
# Somebody of every kind, so that every page has something to show.
_HEARD: tuple[dict[str, Any], ...] = (
    {"whereabouts": "in_town", "source": "family"},
    {"whereabouts": "ill", "source": "neighbourhood"},
    {"whereabouts": "away", "source": "family", "forward_to": "Jalan Contoh 9, Pontianak"},
    {"whereabouts": "recorded_elsewhere", "source": "neighbourhood"},
    {"whereabouts": "dead", "source": "family", "closes": True},
    {"whereabouts": "unknown", "source": "visit"},
    {"whereabouts": "abroad", "source": "family"},
)


async def invite(ask: Ask, begun_on: date) -> None:
    """Make the next workday's letters and note answers; doing it again changes nothing.

    ask: method, path and JSON body to the answer's JSON, or None where it was refused.
    """
    day = next(workdays(begun_on + timedelta(days=1)))
    made = await ask("PUT", f"/v1/letter-days/{day}", {"wards": None})
    wards = [one["ward"] for one in made["deliveries"][:WARDS]] if made else []
    kinds = cycle(_HEARD)
    for ward in wards:
        listed = await ask("GET", f"/v1/unrecorded?ward={ward}&limit={PEOPLE}", None)
        for person in listed["items"]:
            note = uuid5(_NAMES, person["nik"])
            body = {"nik": person["nik"], "heard_on": begun_on.isoformat(), **next(kinds)}
            await ask("PUT", f"/v1/findings/{note}", body)
