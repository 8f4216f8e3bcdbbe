"""Whole lives of invented people on real servers: no output but the office's answers names them."""

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.command import security_report
from services.command.servers import Service
from services.command.town import NEIGHBOUR, REGION, Town, TownPlan
from shared.database.embedded import remove
from shared.ids import new_id
from shared.roles import Role
from shared.signing import SIGNATURE_HEADER, sign_message
from tests.canaries import BORN, Canary, everything_of, files_of, leaks
from tests.doors.operation_calls import PLACES, Call, every_call

SINGLE = [Canary(number) for number in range(6)]
SAME_EYES = Canary(6, eyes=0)
IN_BULK = [Canary(number) for number in range(7, 12)]
NEVER_TAKEN = Canary(12)
LISTED = [*SINGLE, Canary(13)]
EVERYBODY = [*SINGLE, SAME_EYES, *IN_BULK, NEVER_TAKEN, Canary(13)]
SAID_BY_OFFICERS = ["QZREMARKQZ", "QZREASONQZ", "QZLETTERQZ"]
PATIENCE_SECONDS = 90
NOT_OUTPUTS = ("cluster", "evidence", "evidence-spool", "keys")


@dataclass(slots=True)
class Outputs:
    """What left the servers and is not for the office that asked."""

    said: dict[str, bytes] = field(default_factory=dict)

    def note(self, place: str, said: bytes) -> None:
        self.said[place] = self.said.get(place, b"") + b"\n" + said

    async def hear(self, answer: httpx.Response) -> None:
        """Headers of all answers, Location among them, and the bodies of refusals."""
        await answer.aread()
        self.note("headers", b"\n".join(b": ".join(pair) for pair in answer.headers.raw))
        # A form shows whoever filled it in what they wrote; a problem repeats nothing.
        if answer.headers.get("content-type") == "application/problem+json":
            self.note("refusals", answer.content)


@dataclass(slots=True)
class Story:
    """The servers, those who speak to them, and what came out."""

    town: Town
    region: httpx.AsyncClient
    centre: httpx.AsyncClient
    outputs: Outputs

    async def put(self, path: str, content: Any, **headers: str) -> httpx.Response:
        return await self.region.put(path, json=content, headers=headers)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """With a folder for temporary files inside, where what is left behind is found."""
    made = Path(tempfile.mkdtemp(prefix="tunggal-canaries-"))
    made.chmod(0o755)
    (made / "tmp").mkdir(mode=0o777)
    monkeypatch.setenv("TMPDIR", str(made / "tmp"))
    yield made
    for postgres in made.glob("*/postgres"):
        remove(postgres)
    shutil.rmtree(made, ignore_errors=True)


@asynccontextmanager
async def a_story(folder: Path) -> AsyncIterator[Story]:
    """Traces have a test of their own: exporting them takes a library that tests do without."""
    outputs = Outputs()
    common = {"LOG_LEVEL": "debug", "ADDRESS_PER_SECOND": "0", "ROLE_PER_SECOND": "0"}
    with Town(TownPlan(folder, central=common, regional=common | {"BALLAST_BYTES": "0"})) as town:
        central = await asyncio.to_thread(town.start_central)
        regional = await asyncio.to_thread(town.start_regional, central)
        everything: dict[str, Any] = {"timeout": 60, "trust_env": False, "verify": False}
        everything["event_hooks"] = {"response": [outputs.hear]}
        async with (
            httpx.AsyncClient(base_url=regional, **everything) as region,
            httpx.AsyncClient(base_url=central, **everything) as centre,
        ):
            region.headers["authorization"] = f"Bearer {town.token(*Role)}"
            centre.headers["authorization"] = f"Bearer {town.token(*Role, region=None)}"
            yield Story(town, region, centre, outputs)
            outputs.note("metrics", (await centre.get("/metrics")).content)


@pytest.mark.security
@pytest.mark.timeout(600)
async def test_nothing_that_leaves_the_servers_names_anybody(folder: Path) -> None:
    async with a_story(folder) as story:
        ids = await they_are_recorded(story)
        await they_live_on(story, ids)
        await everything_is_asked_wrongly(story)
        await the_databases_fail(story)
        outputs = story.outputs.said
    # Logs, PostgreSQL's too, files left behind, and whatever else lies beside the databases.
    outputs |= files_of(folder, without=NOT_OUTPUTS)
    outputs |= {
        str(path): path.read_bytes() for path in folder.glob("*/postgres/cluster/log/*.log")
    }
    wanted = everything_of(EVERYBODY, SAID_BY_OFFICERS)

    found = leaks(wanted, outputs)

    security_report.put({"canaries": len(wanted), "canary_leaks": len(found)})
    assert found == []
    assert_was_looked_at(outputs)


def assert_was_looked_at(outputs: dict[str, bytes]) -> None:
    """Silence where nothing was said proves nothing."""
    for place, told in (
        ("central.log", b"request.failed"),
        ("regional.log", b"request.failed"),
        ("metrics", b"tunggal_outbox_items"),
        ("refusals", b"invalid-input"),
        ("headers", b"x-request-id"),
    ):
        assert told in outputs[place], place
    assert any(b"duplicate key" in said for place, said in outputs.items() if "/log/" in place)


def an_id() -> str:
    return str(new_id())


async def they_are_recorded(story: Story) -> dict[int, str]:
    """Listed, recorded alone and in bulk, twice, with bad ones among them, and with images."""
    lines = ["nik,sex,birth_date,ward,obliged,name,street,rt,rw"]
    for one in LISTED:
        name, street = one.word("name"), one.word("street")
        lines.append(f"{one.nik},female,{BORN},61.72.02.1001,yes,{name},{street},002,005")
    csv = {"content-type": "text/csv"}
    for listed in (lines, [*lines, f"{NEVER_TAKEN.word('name')},{NEVER_TAKEN.nik},x,y,z"]):
        answer = await story.region.put(
            "/v1/residents", content="\n".join(listed) + "\n", headers=csv
        )
        assert answer.status_code in (200, 202), answer.text
    ids = {}
    for one in [*SINGLE, SAME_EYES]:
        recording_id = an_id()
        ids[one.number] = recording_id
        path = f"/v1/recordings/{recording_id}"
        # Of a man who is much older, and has the eyes of another: no machine may settle that.
        other = {"sex": "male", "birth_date": "1951-03-04"} if one.eyes is not None else {}
        assert (await story.put(path, one.content(**other))).status_code == 202
        assert (await story.put(path, one.content(name="ORANG LAIN"))).status_code == 409
        assert (await story.put(f"/v1/recordings/{an_id()}", one.content())).status_code == 409
        image = {"content-type": "application/octet-stream"}
        given = one.image, NEVER_TAKEN.image
        for content in given:
            await story.region.put(f"{path}/evidence/face", content=content, headers=image)
    bulk = [{"recording_id": an_id(), **one.content()} for one in IN_BULK]
    bulk[1]["card"]["birth_date"] = IN_BULK[1].word("name")
    bulk[2][IN_BULK[2].word("name")] = IN_BULK[2].nik
    bulk[3]["biometrics"]["templates"]["iris_left"]["data"] += "!"
    answer = await story.region.post("/v1/recordings", json={"recordings": bulk})
    assert answer.status_code == 200
    story.outputs.note("refusals", answer.content)
    return ids


async def they_live_on(story: Story, ids: dict[int, str]) -> None:
    """Proven, compared, printed, changed, asked about; on papers and in letters."""
    await until(story.region, "/v1/print-authorizations", lambda body: len(body["items"]) >= 4)
    await until(story.centre, "/v1/adjudication/cases", lambda body: body["items"])
    listed = (await story.region.get("/v1/print-authorizations")).json()["items"]
    for number, one in enumerate(listed[:3]):
        blank = f"BLK-77{number}"
        path = f"/v1/print-authorizations/{one['authorization_id']}/spend"
        for _ in range(2):
            await story.region.post(path, json={"blank_serial": blank})
        printed = {"result": "printed", "cause": None}
        await story.region.post(f"/v1/cards/{blank}/result", json=printed)
        await story.region.post(f"/v1/cards/{blank}/issue")
    cases = (await story.centre.get("/v1/adjudication/cases")).json()["items"]
    for case in cases:
        path = f"/v1/adjudication/cases/{case['region']}/{case['case_id']}"
        await story.centre.get(path)
        await story.centre.put(f"{path}/claim")
        vote = {"edition": 1, "verdict": "different_people", "rival_recording_id": None}
        vote |= {"reason": "contact_lens", "words": f"{SAID_BY_OFFICERS[0]} of both."}
        await story.centre.post(f"{path}/votes", json=vote)
    for one in (*SINGLE[:2], SAME_EYES, IN_BULK[0], NEVER_TAKEN):
        await ask_about(story, one, ids.get(one.number, an_id()))


async def ask_about(story: Story, one: Canary, recording_id: str) -> None:
    region = story.region
    for path in ("", "/dossier", "/history", "/receipt", "/evidence"):
        await region.get(f"/v1/recordings/{recording_id}{path}")
    by_nik = {"nik": one.nik}
    for path in ("recordings/search", "desk-checks", "home-visit-checks", "unrecorded/history"):
        await region.post(f"/v1/{path}", json=by_nik)
    await region.post("/v1/status", json=by_nik | {"birth_date": BORN})
    await region.post("/v1/status", json=by_nik | {"birth_date": one.word("name")})
    await region.post("/status", data=by_nik | {"birth_date": BORN, "day": "12"})
    suket = an_id()
    await region.put(f"/v1/sukets/{suket}", json=by_nik)
    await region.get(f"/v1/sukets/{suket}/paper")
    withdrawal = {"reason": SAID_BY_OFFICERS[1]}
    await region.post(f"/v1/sukets/{suket}/withdrawal", json=withdrawal)
    ruling = {"kind": "court_ruling", "number": SAID_BY_OFFICERS[2], "issuer": one.word("street")}
    ruling |= {"issued_on": "2017-11-06", "sha256": "7c" * 32}
    change = {"element": "name", "value": one.word("surname"), "documents": [ruling]}
    amendment = by_nik | {"recording_id": recording_id, "officer": "officer-12"}
    amendment |= {"requested_at": "2017-11-20T09:15:00+07:00", "requested_by": "holder"}
    amendment |= {"changes": [change], "confirmed_by": None}
    await story.put(f"/v1/amendments/{an_id()}", amendment)
    await story.put(f"/v1/amendments/{an_id()}", amendment | {"changes": [one.word("name")]})


async def everything_is_asked_wrongly(story: Story) -> None:
    """Every operation: broken, with members nobody knows, and with words where they do not go."""
    one = NEVER_TAKEN
    for call in every_call():
        client = story.centre if call.service is Service.CENTRAL else story.region
        for body in bodies_of(call, one):
            headers = {"content-type": str(call.media_type), **call.headers}
            if call.is_signed:
                key = story.town.keys.region_key(REGION)
                headers[SIGNATURE_HEADER] = sign_message(key, *call.purpose(body))
            await call.send(client, content=body, headers=headers)
        for path in (f"{call.path}?{one.nik}={one.word('name')}", odd_path(call, one)):
            await client.request(call.method, path, headers={"x-request-id": one.nik})
        await call.send(client, headers={"authorization": f"Bearer {one.word('name')}"})


def bodies_of(call: Call, one: Canary) -> Iterator[bytes]:
    if call.media_type != "application/json" or call.body is None:
        if call.body is not None:
            yield f"{one.nik},{one.word('name')}\n".encode() * 3
        return
    document = json.loads(call.body)
    yield f'{{"nik": "{one.nik}", "name": "{one.word("name")}'.encode()
    yield json.dumps(document | {one.word("name"): one.nik}).encode()
    yield json.dumps({key: [one.nik, one.word("name")] for key in document}).encode()
    yield json.dumps(with_words(document, one)).encode()


def with_words(document: Any, one: Canary) -> Any:
    """The example with this person in the place of its own."""
    names = {"nik": one.nik, "keeps_nik": one.nik, "family_card": one.family_card}
    if isinstance(document, dict):
        return {
            key: names.get(key, one.word("name"))
            if isinstance(value, str) and (key in names or "name" in key or key == "words")
            else with_words(value, one)
            for key, value in document.items()
        }
    return (
        [with_words(value, one) for value in document] if isinstance(document, list) else document
    )


def odd_path(call: Call, one: Canary) -> str:
    places = set(PLACES.values()) - {REGION}
    parts = [one.nik if part in places else part for part in call.path.split("/")]
    return "/".join(parts) if parts != call.path.split("/") else f"{call.path}/{one.word('name')}"


async def the_databases_fail(story: Story) -> None:
    """A row twice, tables that are gone, connections that break, a server that is killed."""
    moved = {"regional": "recording", "central": "envelope"}
    for service, table in moved.items():
        url = story.town.postgres_url(service, service).replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(f"INSERT INTO {table} SELECT * FROM {table}")
        await connection.execute(f"ALTER TABLE {table} RENAME TO gone")
        await record_and_send(story, service)
        await connection.execute(f"ALTER TABLE gone RENAME TO {table}")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
        await record_and_send(story, service)
        await connection.close()
    story.outputs.note("metrics", (await story.region.get("/metrics")).content)
    os.kill(story.town.pid("regional"), signal.SIGABRT)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await is_alive(story.region):
            await asyncio.sleep(0.1)


async def is_alive(server: httpx.AsyncClient) -> bool:
    try:
        await server.get("/livez")
    except httpx.TransportError:
        return False
    return True


async def record_and_send(story: Story, service: str) -> None:
    path = f"/v1/recordings/{an_id()}"
    if service == "regional":
        await story.put(path, NEVER_TAKEN.content())
        await story.region.post("/v1/recordings/search", json={"nik": NEVER_TAKEN.nik})
        await story.region.post("/v1/desk-checks", json={"nik": NEVER_TAKEN.nik})
        return
    for call in every_call():
        if call.service is Service.CENTRAL and call.is_signed and call.body is not None:
            key = story.town.keys.region_key(REGION)
            headers = {"content-type": str(call.media_type), **call.headers}
            headers[SIGNATURE_HEADER] = sign_message(key, *call.purpose(call.body))
            await call.send(story.centre, headers=headers)
    await story.centre.get(f"/v1/resync?region={NEIGHBOUR}")


async def until(server: httpx.AsyncClient, path: str, is_so: Callable[[Any], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so((await server.get(path)).json()):
            await asyncio.sleep(0.1)
