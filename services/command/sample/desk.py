"""What the sample city's desk has done besides printing: so that no page of it is empty."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import httpx

_NAMES = UUID("01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f11")
EXCEPTIONS = (
    ("medical", "Surat rumah sakit dilihat di meja; operasi pekan ini."),
    ("exam", "Kartu ujian sekolah dilihat; ujian mulai hari Senin."),
)
SUKETS = 4
DONE_OR_REFUSED = frozenset({200, 201, 409})


async def let_some_before(desk: httpx.AsyncClient) -> list[httpx.Response]:
    """The two youngest permissions of the list, each with a reason."""
    listed = (await desk.get("/v1/print-authorizations", params={"limit": 500})).json()["items"]
    return [
        await desk.put(
            f"/v1/print-exceptions/{one['authorization_id']}",
            json={"reason": reason, "words": words},
        )
        for one, (reason, words) in zip(reversed(listed), EXCEPTIONS, strict=False)
    ]


async def give_sukets(desk: httpx.AsyncClient, niks: Sequence[str]) -> list[httpx.Response]:
    """To the last who were recorded; whoever may have none is left out."""
    return [
        await desk.put(f"/v1/sukets/{uuid5(_NAMES, nik)}", json={"nik": nik})
        for nik in niks[-SUKETS:]
    ]


async def burn(desk: httpx.AsyncClient, spoiled: Sequence[str], last: str) -> list[httpx.Response]:
    """One blank had no chip; the minutes of those spoiled before wait for their witness."""
    minutes = {"place": "Halaman kantor", "serials": list(spoiled)}
    return [
        await desk.post(f"/v1/blanks/{last}/spoiled", json={"cause": "no-chip"}),
        await desk.put(f"/v1/blank-burnings/{uuid5(_NAMES, 'burning')}", json=minutes),
    ]
