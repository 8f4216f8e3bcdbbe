"""Every look at a person and every act leaves an entry: all doors of both services, pages included.

A door that is declared neither as a look, nor as an act, nor as showing nobody fails here.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import select, text

from services.central.audit import looks as central_looks
from services.central.tables import audit_entry as central_entry
from services.command.servers import Service
from services.regional.audit import looks as regional_looks
from services.regional.tables import audit_entry as regional_entry
from shared.audit.entries import PERSON
from shared.audit.seeing import person
from shared.doors.looking import Audit, operation_of, undeclared
from shared.roles import Role
from tests.doors.known_doors import doors_of
from tests.doors.operation_calls import PLACES, every_call
from tests.doors.page_browser import Browser
from tests.town import Databases, Served, Town, town_of

pytestmark = pytest.mark.security
# Pages of the API itself and files, which are no doors of a room.
NO_DOORS = "install_"
WRITES_ITSELF = regional_looks.WRITES_ITSELF | central_looks.WRITES_ITSELF
BLOCK = "ALTER TABLE audit_entry ADD CONSTRAINT full_up CHECK (false) NOT VALID"
UNBLOCK = "ALTER TABLE audit_entry DROP CONSTRAINT full_up"


@dataclass(frozen=True)
class Written:
    act: str
    actor: str
    detail: str | None
    subjects: list[str]


@dataclass
class Proven:
    """Operations whose answer left what the register says; and those that did otherwise."""

    done: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def endpoints(served: Served) -> dict[tuple[str, str], str]:
    """Operation by method and path."""
    assert served.app is not None
    return {
        (method, str(one.path)): operation_of(one.original_route.endpoint)
        for one in iter_route_contexts(served.app.routes)
        if isinstance(one.original_route, APIRoute)
        for method in one.methods or ()
    }


def audit_of(served: Served) -> Audit:
    assert served.app is not None
    found = served.app.state.audit
    assert isinstance(found, Audit)
    return found


@pytest.fixture(scope="module")
async def looked_at(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with town_of(databases, tmp_path_factory.mktemp("looks")) as running:
        yield running


@pytest.mark.parametrize("service", Service)
def test_every_operation_says_whom_it_shows(looked_at: Town, service: Service) -> None:
    served = looked_at.centre if service is Service.CENTRAL else looked_at.region
    audit = audit_of(served)
    operations = {one for one in endpoints(served).values() if not one.startswith(NO_DOORS)}

    assert served.app is not None
    routes = [one.original_route for one in iter_route_contexts(served.app.routes)]
    doors = [one.endpoint for one in routes if isinstance(one, APIRoute)]
    missing = [one for one in undeclared(doors, audit) if not one.startswith(NO_DOORS)]
    assert missing == []
    assert audit.looks.keys() & audit.shows_nobody == frozenset()
    assert (audit.looks.keys() | audit.shows_nobody) - operations == set()


async def written(town: Town, service: Service, after: int) -> list[Written]:
    name = "central" if service is Service.CENTRAL else "regional"
    table = central_entry if service is Service.CENTRAL else regional_entry
    async with town.databases[name].begin() as transaction:
        rows = await transaction.execute(
            select(table).where(table.c.position > after).order_by(table.c.position)
        )
        return [Written(row.act, row.actor, row.detail, row.subjects) for row in rows]


async def prove(
    town: Town, service: Service, operation: str, asked: httpx.Response, after: int, proven: Proven
) -> int:
    """Compare what an answer left with the register; gives the position it reached."""
    served = town.centre if service is Service.CENTRAL else town.region
    found = audit_of(served).of(operation)
    entries = await written(town, service, after)
    acts = {one.act for one in entries}
    if operation in WRITES_ITSELF:
        fits = True
    elif found is None:
        fits = not entries
    elif asked.status_code >= 400:
        fits = acts <= {found.act}
    else:
        fits = acts == {found.act}
        if fits:
            proven.done.add(operation)
    if not fits:
        proven.faults.append(f"{operation}: {asked.status_code} left {sorted(acts)}")
    return after + len(entries)


def operations_at(served: Served) -> dict[tuple[str, str], str]:
    """Operation by method and filled-in path."""
    return {
        (method, path.format_map(PLACES)): operation
        for (method, path), operation in endpoints(served).items()
    }


async def ask_everything(town: Town, proven: Proven) -> None:
    """What changes something first, so that there is somebody to be found; pages last."""
    at = {Service.CENTRAL: 0, Service.REGIONAL: 0}
    known = {
        Service.CENTRAL: operations_at(town.centre),
        Service.REGIONAL: operations_at(town.region),
    }
    clients = {Service.CENTRAL: town.at_centre(), Service.REGIONAL: town.at_region()}
    for call in sorted(every_call(), key=lambda one: one.method == "GET"):
        answer = await call.send(clients[call.service])
        operation = known[call.service][call.method, call.path]
        at[call.service] = await prove(
            town, call.service, operation, answer, at[call.service], proven
        )
    browser = Browser(town.stranger(town.region))
    await browser.sign_in(town.token(*Role), home="/office")
    at[Service.REGIONAL] += len(await written(town, Service.REGIONAL, at[Service.REGIONAL]))
    assert town.region.app is not None
    for page in doors_of(town.region.app):
        if page.roles is None or page.method != "GET" or page.path.endswith(("/live", "/events")):
            continue
        answer = await browser.get(page.path)
        at[Service.REGIONAL] = await prove(
            town,
            Service.REGIONAL,
            known[Service.REGIONAL][page.method, page.path],
            answer,
            at[Service.REGIONAL],
            proven,
        )


async def test_whatever_shows_somebody_leaves_an_entry(looked_at: Town) -> None:
    proven = Proven()
    await ask_everything(looked_at, proven)

    assert proven.faults == []
    # Looks that found somebody, or a list: the others need more than the examples bring about.
    assert {
        "StatusDoors.get_recording_status",
        "ConsoleDoors.get_dossier",
        "ConsolePages.recording_page",
        "StatusDoors.search_recordings",
        "CitizenDoors.ask_status",
    } <= proven.done
    assert len(proven.done) >= 40


async def test_an_entry_names_whom_it_was_about(looked_at: Town) -> None:
    """The person by every id the answer held, and whoever was asked for by NIK as a keyed hash."""
    client = looked_at.at_region(Role.OFFICER)
    recording = f"recording:{PLACES['recording_id']}"
    taken = next(one for one in every_call() if one.name == "take_recording")
    assert taken.body is not None
    nik = json.loads(taken.body)["card"]["nik"]
    before = len(await written(looked_at, Service.REGIONAL, 0))

    dossier = await client.get(f"/v1/recordings/{PLACES['recording_id']}/dossier")
    search = await client.post("/v1/recordings/search", json={"nik": nik})
    nobody = await client.post("/v1/recordings/search", json={"nik": "6172025207900999"})

    assert (dossier.status_code, search.status_code, nobody.status_code) == (200, 200, 200)
    seen, sought, missed = await written(looked_at, Service.REGIONAL, before)
    assert recording in seen.subjects
    assert (seen.act, seen.actor) == ("dossier-read", "tester")
    key = audit_of(looked_at.region).person_key()
    assert sought.subjects == [person(key, int(nik))]
    assert [one.partition(":")[0] for one in missed.subjects] == [PERSON]
    assert not any(nik in one for one in sought.subjects + missed.subjects)


async def test_an_act_and_its_entry_are_kept_together_or_not_at_all(looked_at: Town) -> None:
    """An entry that cannot be written takes the act with it: nobody acts unseen."""
    client = looked_at.at_region(Role.OFFICER, Role.HEAD_OF_OFFICE)
    asking = next(
        one for one in every_call() if one.service is Service.REGIONAL and one.name == "ask_move"
    )
    path = asking.path[:-4] + "aaaa"
    async with looked_at.databases["regional"].begin() as transaction:
        await transaction.execute(text(BLOCK))
    try:
        refused = await client.put(path, content=asking.body, headers=asking.headed(""))
        seen = await client.get(f"/v1/recordings/{PLACES['recording_id']}/dossier")
    finally:
        async with looked_at.databases["regional"].begin() as transaction:
            await transaction.execute(text(UNBLOCK))

    assert refused.status_code == 500
    assert seen.status_code == 500
    assert (await client.get(path)).status_code == 404
