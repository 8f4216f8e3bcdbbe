"""A name, a lost card, a refusal: from the desk to the centre and back to the printer."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from services.central.intake.rules import KNOWN_VERSIONS
from services.central.tables import envelope, registry
from services.command.storm.books import check
from services.command.storm.books_sql import RegionSource, read_books
from shared.contracts.envelopes import EnvelopeKind
from shared.ids import new_id
from shared.roles import Role
from tests.amendments import RENAMED, a_change, amendment, reprint
from tests.fault_rows import Fired
from tests.recordings import a_recording, batch_of, nik
from tests.stories.core_world import drained, neighbour, record, until
from tests.stories.test_restore import has_raised, put_back, waive_the_neighbour
from tests.town import NEIGHBOUR, REGION, Databases, Town, town_of

RELIGION = a_change("religion", "religious_leader_letter")
NEW_NAME = "NAMA BARU SEKALI"
_numbers = itertools.count(100)


@pytest.fixture(scope="module")
async def city(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """One town for all of these: each is about another person."""
    async with town_of(databases, tmp_path_factory.mktemp("city")) as running:
        yield running


@dataclass
class Person:
    """Somebody at the desk, with the blanks that are printed for them."""

    town: Town
    desk: httpx.AsyncClient
    number: int
    recording_id: UUID

    def blank(self, nth: int) -> str:
        return f"BLK-{self.number}-{nth}"

    async def ask(
        self, *changes: dict[str, Any], request_id: UUID | None = None, **members: Any
    ) -> httpx.Response:
        body = amendment(*changes, number=self.number, **members)
        return await self.desk.put(f"/v1/amendments/{request_id or new_id()}", json=body)

    async def ask_reprint(self, cause: str = "lost") -> httpx.Response:
        body = reprint(cause, number=self.number)
        return await self.desk.put(f"/v1/reprints/{new_id()}", json=body)

    async def unspent(self) -> list[str]:
        answer = await self.desk.get("/v1/print-authorizations", params={"limit": 500})
        return [
            one["authorization_id"]
            for one in answer.json()["items"]
            if one["recording_id"] == str(self.recording_id)
        ]

    async def spend(self, authorization_id: str, nth: int) -> httpx.Response:
        address = f"/v1/print-authorizations/{authorization_id}/spend"
        return await self.desk.post(address, json={"blank_serial": self.blank(nth)})

    async def report(self, nth: int, result: str) -> httpx.Response:
        address = f"/v1/cards/{self.blank(nth)}/result"
        return await self.desk.post(address, json={"result": result})

    async def issue(self, nth: int) -> httpx.Response:
        return await self.desk.post(f"/v1/cards/{self.blank(nth)}/issue")

    async def printed(self, nth: int) -> dict[str, Any]:
        """Print the only card that may be printed; gives what it shows."""
        (authorization_id,) = await self.unspent()
        spent = await self.spend(authorization_id, nth)
        assert spent.status_code == 200, spent.text
        assert (await self.report(nth, "printed")).status_code == 200
        card: dict[str, Any] = spent.json()["card"]
        return card

    async def state_of(self, asked: httpx.Response) -> dict[str, Any]:
        found = await self.desk.get(f"/v1/amendments/{asked.json()['request_id']}")
        state: dict[str, Any] = found.json()
        return state

    async def status(self) -> dict[str, Any]:
        found = await self.desk.get(f"/v1/recordings/{self.recording_id}")
        status: dict[str, Any] = found.json()
        return status


async def recorded(town: Town, *roles: Role) -> Person:
    """Somebody new, recorded here."""
    one = Person(town, town.at_region(*roles), next(_numbers), new_id())
    taken = await record(town.at_region(), one.number, one.recording_id)
    assert taken.status_code == 202
    return one


async def permitted(town: Town) -> Person:
    one = await recorded(town)
    await drained(town)
    return one


async def test_a_name_is_replaced_by_a_ruling_and_the_new_card_shows_it(city: Town) -> None:
    one = await permitted(city)
    first = await one.printed(1)
    assert (await one.issue(1)).status_code == 200

    asked = await one.ask(RENAMED)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert asked.json()["old_blank_serial"] == one.blank(1)
    await drained(city)

    state = await one.state_of(asked)
    assert (state["state"], state["is_card_due"], state["reason"]) == ("accepted", True, None)
    second = await one.printed(2)
    assert (await one.issue(2)).status_code == 200
    assert second == first | {"name": NEW_NAME}
    history = (await one.desk.get(f"/v1/recordings/{one.recording_id}/history")).json()
    told = [version["identity"]["card"]["name"] for version in history["versions"]]
    assert told == [first["name"], NEW_NAME]
    assert (await one.status())["official_status"] == "CARD_ISSUED"


async def test_sex_without_a_ruling_is_refused_at_the_desk_with_what_to_do(city: Town) -> None:
    one = await permitted(city)
    before = (await one.desk.get("/v1/queue")).json()["last_seq"]

    refused = await one.ask(a_change("sex", "birth_certificate"))

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "sex-needs-court-ruling")
    assert problem["needs"] == ["court_ruling"]
    assert "penetapan pengadilan" in problem["next_action_id"]
    page = await one.desk.get(problem["type"])
    assert (page.status_code, "court_ruling" in page.text) == (200, True)
    assert nik(one.number) not in refused.text
    assert (await one.desk.get("/v1/queue")).json()["last_seq"] == before


async def test_a_lost_card_is_printed_again_once(city: Town) -> None:
    one = await permitted(city)
    first = await one.printed(1)
    assert (await one.issue(1)).status_code == 200

    asked = await one.ask_reprint("lost")
    assert asked.status_code == 202
    await drained(city)

    assert (await one.state_of(asked))["state"] == "accepted"
    too_soon = await one.ask_reprint("lost")
    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "no-card-to-replace")
    assert await one.printed(2) == first
    assert await one.unspent() == []


async def test_while_the_line_is_down_a_change_waits_and_no_old_card_is_printed(
    city: Town,
) -> None:
    one = await permitted(city)
    (old,) = await one.unspent()
    await city.line.cut()

    asked = await one.ask(RENAMED)
    assert asked.status_code == 202
    held_back = await one.spend(old, 1)
    assert (held_back.status_code, held_back.json()["code"]) == (409, "amendment-waits")
    assert await one.unspent() == []
    another = await one.ask(RELIGION)
    assert (another.status_code, another.json()["code"]) == (409, "another-request-waits")
    assert another.json()["earlier"] == asked.json()["request_id"]
    again = await one.ask(RENAMED, request_id=UUID(asked.json()["request_id"]))
    assert (again.status_code, again.headers["idempotent-replayed"]) == (202, "true")
    other = await one.ask(RELIGION, request_id=UUID(asked.json()["request_id"]))
    assert (other.status_code, other.json()["code"]) == (409, "amendment-differs")

    await city.line.restore()
    await drained(city)
    assert (await one.spend(old, 1)).status_code == 409
    assert (await one.printed(1))["name"] == NEW_NAME
    assert (await one.status())["stage"] == "printed"


async def test_a_change_right_after_recording_gives_one_card_with_the_right_data(
    city: Town,
) -> None:
    await city.line.cut()
    one = await recorded(city)
    assert (await one.ask(RELIGION)).status_code == 202

    await city.line.restore()
    await drained(city)

    assert (await one.printed(1))["religion"] == "catholic"
    assert await one.unspent() == []


@pytest.mark.parametrize("result", ["printed", "spoiled"])
async def test_a_card_in_the_printer_when_the_data_changes_is_not_handed_over(
    city: Town, result: str
) -> None:
    one = await permitted(city)
    (old,) = await one.unspent()
    assert (await one.spend(old, 1)).status_code == 200
    assert (await one.ask(RENAMED)).status_code == 202
    await drained(city)

    assert (await one.report(1, result)).status_code == 200
    assert (await one.issue(1)).status_code == 409
    await drained(city)

    assert (await one.printed(2))["name"] == NEW_NAME
    assert (await one.issue(2)).status_code == 200
    assert await one.unspent() == []


async def test_whom_a_neighbour_recorded_first_is_changed_there_only(city: Town) -> None:
    """The change was asked for before anybody here could know; the centre says what to do."""
    await city.line.cut()
    one = await recorded(city)
    async with neighbour(city) as next_door:
        await next_door.send(batch_of(NEIGHBOUR, 1, [a_recording(one.number)]).batch)
    await until(lambda: _is_proven(city, one.number))
    asked = await one.ask(RENAMED)
    assert asked.status_code == 202
    await city.line.restore()
    await drained(city)

    state = await one.state_of(asked)
    assert (state["state"], state["reason"]) == ("refused", "amended-at-home-only")
    assert "surat pindah" in state["remedy_id"]
    assert state["remedy"]
    assert (await one.desk.get(f"/problems/{state['reason']}")).status_code == 200
    assert await one.unspent() == []


async def _is_proven(town: Town, number: int) -> bool:
    proven = select(registry.c.nik).where(registry.c.nik == int(nik(number)))
    async with town.databases["central"].begin() as transaction:
        return bool(await transaction.scalar(proven))


async def test_a_doubtful_spelling_takes_the_head_of_office(city: Town) -> None:
    one = await recorded(city, Role.OFFICER)
    await drained(city)
    slip = a_change("name", "birth_certificate", value="CONTOH SINTETUS")

    alone = await one.ask(slip)
    assert (alone.status_code, alone.json()["code"]) == (422, "spelling-needs-head-of-office")
    forged = await one.ask(slip, confirmed_by="tester")
    assert (forged.status_code, forged.json()["code"]) == (403, "confirmation-not-proven")
    one.desk = city.at_region()
    other = await one.ask(slip, confirmed_by="somebody-else")
    assert (other.status_code, other.json()["code"]) == (403, "confirmation-not-proven")

    one.desk = city.at_region(Role.HEAD_OF_OFFICE)
    assert (await one.ask(slip, confirmed_by="tester")).status_code == 202
    await drained(city)
    one.desk = city.at_region()
    assert (await one.printed(1))["name"] == "CONTOH SINTETUS"


async def test_both_books_agree_after_all_of_this(city: Town) -> None:
    """At most one live permission for each person, and the registry knows it."""
    await drained(city)
    source = RegionSource(REGION, city.url("regional"), {})

    found = check(await read_books(city.url("central"), [source]))

    assert found.holds, found.sentences
    assert found.recordings > 8


async def test_an_older_centre_holds_a_request_and_answers_once_it_is_newer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await permitted(town)
    monkeypatch.delitem(KNOWN_VERSIONS, EnvelopeKind.AMENDMENT)
    asked = await one.ask(RENAMED)
    await drained(town)
    assert (await one.state_of(asked))["state"] == "waiting"
    assert await one.unspent() == []
    assert await _notes(town) == [None, "held"]

    monkeypatch.undo()
    await town.centre.stop()
    await town.start_centre()
    await until(lambda: _is_answered(one, asked))

    assert (await one.printed(1))["name"] == NEW_NAME


async def _notes(town: Town) -> list[str | None]:
    async with town.databases["central"].begin() as transaction:
        return list(await transaction.scalars(select(envelope.c.note).order_by(envelope.c.seq)))


async def _is_answered(one: Person, asked: httpx.Response) -> bool:
    return (await one.state_of(asked))["state"] == "accepted"


@pytest.mark.fault("X6")
async def test_a_restored_centre_holds_to_what_it_answered(
    databases: Databases, town: Town, fired: Fired
) -> None:
    """The backup is older than a change and a reprint: both stand, and nothing comes twice."""
    one = await permitted(town)
    async with put_back(databases, town):
        asked = await one.ask(RENAMED)
        await drained(town)
        assert (await one.printed(1))["name"] == NEW_NAME
        lost = await one.ask_reprint("damaged")
        await drained(town)
        before = await one.unspent()
    await until(has_raised(town))
    fired()
    await waive_the_neighbour(town)
    await record(town.at_region(), next(_numbers))
    await drained(town)

    assert await one.unspent() == before
    for request in (asked, lost):
        assert (await one.state_of(request))["state"] == "accepted"
    (authorization_id,) = before
    assert (await one.spend(authorization_id, 2)).json()["card"]["name"] == NEW_NAME
    assert (await one.report(2, "spoiled")).status_code == 200
    await drained(town)
    assert (await one.printed(3))["name"] == NEW_NAME
