"""From a duplicate to a card: consent, the centre's word, one more recording; and every refusal."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlalchemy import select

from services.central import tables as central_tables
from services.command.storm.books import check
from services.command.storm.books_sql import RegionSource, nik_in, read_books
from shared.contracts.envelopes import Batch
from shared.contracts.remedies import RecordingAt
from shared.ids import new_id
from shared.roles import Role
from tests.recordings import a_recording, batch_of, nik
from tests.remedies import ADDRESS, at, deletion_body, move_body
from tests.stories.core_world import drained, neighbour, record, record_all, until
from tests.town import NEIGHBOUR, REGION, Town


async def recorded_next_door(town: Town, *numbers: int, first_seq: int = 1) -> list[RecordingAt]:
    """These persons are recorded and proven unique in the neighbouring region."""
    persons = [a_recording(number) for number in numbers]
    batch: Batch = batch_of(NEIGHBOUR, first_seq, persons).batch
    async with neighbour(town) as client:
        await client.send(batch)
    await until(lambda: is_settled(town, NEIGHBOUR, first_seq + len(persons) - 1))
    return [at(one.recording_id, NEIGHBOUR) for one in persons]


async def is_settled(town: Town, region: str, seq: int) -> bool:
    head = central_tables.settled_head
    async with town.databases["central"].begin() as transaction:
        found = await transaction.scalar(
            select(head.c.settled_seq).where(head.c.region_code == region)
        )
    return bool(found == seq)


async def a_duplicate(town: Town, number: int = 1) -> tuple[RecordingAt, RecordingAt]:
    """Person `number` stands next door and was recorded here, too: (theirs, ours)."""
    (theirs,) = await recorded_next_door(town, number)
    ours = new_id()
    assert (await record(town.at_region(), number, ours)).status_code == 202
    await drained(town)
    return theirs, at(ours, REGION)


async def ask(
    town: Town, recordings: Sequence[RecordingAt], keeps: RecordingAt | None = None
) -> UUID:
    request_id = new_id()
    answer = await town.at_region().put(
        f"/v1/deletion-requests/{request_id}", json=deletion_body(recordings, keeps)
    )
    assert answer.status_code == 202, answer.text
    await drained(town)
    return request_id


async def confirm(town: Town, request_id: UUID) -> httpx.Response:
    answer = await town.at_centre(Role.ADJUDICATOR).post(
        f"/v1/deletion-requests/{REGION}/{request_id}/confirm"
    )
    await town.settled()
    return answer


async def status_of(town: Town, recording: RecordingAt) -> dict[str, Any]:
    answer = await town.at_region().get(f"/v1/recordings/{recording.recording_id}")
    return dict(answer.json())


async def unsettled(town: Town) -> list[dict[str, Any]]:
    return list((await town.at_region().get("/v1/unsettled")).json()["items"])


async def test_a_duplicate_is_deleted_with_consent_recorded_once_more_and_printable(
    town: Town,
) -> None:
    desk = town.at_region()
    theirs, ours = await a_duplicate(town)
    (problem,) = await unsettled(town)
    assert (problem["remedy"], problem["duplicate"]) == ("move_first", "one_to_one")
    assert problem["rival"]["recording_id"] == str(theirs.recording_id)
    assert (problem["rival"]["region"], bool(problem["rival"]["captured_at"])) == (NEIGHBOUR, True)

    request = await ask(town, [theirs, ours])
    too_early = await record(desk, 1)
    waiting = await unsettled(town)
    asked = (await town.at_centre(Role.ADJUDICATOR).get("/v1/deletion-requests")).json()["items"]
    confirmed = await confirm(town, request)
    deleted = await status_of(town, ours)
    again = new_id()
    taken = await record(desk, 1, again)
    await drained(town)

    assert (too_early.status_code, too_early.json()["code"]) == (409, "nik-already-recorded")
    assert waiting[0]["remedy"] == "wait_for_deletion"
    assert [one["consent"]["letter_sha256"] for one in asked] == ["9f" * 32]
    assert nik(1) not in str(asked)
    assert confirmed.json()["state"] == "confirmed"
    assert confirmed.json()["decided_by"] == "tester"
    assert (deleted["stage"], deleted["official_status"]) == ("deleted", "UNREGISTERED")
    assert "record the person once more" in deleted["next_action"]
    assert taken.status_code == 202
    assert (await status_of(town, at(again, REGION)))["stage"] == "printable"
    assert await unsettled(town) == []
    await books_hold(town)
    followed = (await desk.get(f"/v1/deletion-requests/{request}")).json()
    assert (followed["state"], followed["decided_at"] is not None) == ("confirmed", True)


async def test_what_was_in_the_way_is_deleted_and_the_recording_that_stays_needs_no_other(
    town: Town,
) -> None:
    theirs, ours = await a_duplicate(town)

    await confirm(town, await ask(town, [theirs], keeps=ours))

    async def is_printable() -> bool:
        return bool((await status_of(town, ours))["stage"] == "printable")

    await until(is_printable)
    assert (await record(town.at_region(), 1)).status_code == 409


async def test_a_refused_deletion_frees_nothing_and_may_be_asked_anew(town: Town) -> None:
    theirs, ours = await a_duplicate(town)
    first = await ask(town, [theirs, ours])
    door = f"/v1/deletion-requests/{REGION}/{first}"
    judge = town.at_centre(Role.ADJUDICATOR)

    refused = await judge.post(f"{door}/refuse", json={"reason": "letter-does-not-fit"})
    repeated = await judge.post(f"{door}/refuse", json={"reason": "letter-does-not-fit"})
    too_late = await judge.post(f"{door}/confirm")
    await town.settled()

    assert refused.json() == repeated.json()
    assert (too_late.status_code, too_late.json()["code"]) == (409, "deletion-already-decided")
    told = (await town.at_region().get(f"/v1/deletion-requests/{first}")).json()
    assert (told["state"], told["reason"]) == ("refused", "letter-does-not-fit")
    assert (await record(town.at_region(), 1)).status_code == 409
    assert (await confirm(town, await ask(town, [theirs, ours]))).status_code == 200
    assert (await record(town.at_region(), 1)).status_code == 202


async def test_a_request_is_asked_once_whatever_is_repeated(town: Town) -> None:
    theirs, ours = await a_duplicate(town)
    desk, request_id = town.at_region(), new_id()
    path = f"/v1/deletion-requests/{request_id}"
    body = deletion_body([theirs, ours])

    together = await asyncio.gather(*(desk.put(path, json=body) for _ in range(4)))
    other = await desk.put(path, json=deletion_body([ours]))
    second = await desk.put(f"/v1/deletion-requests/{new_id()}", json=body)
    await drained(town)
    first_word, again = await confirm(town, request_id), await confirm(town, request_id)
    late = await desk.put(path, json=body)

    assert [one.status_code for one in together] == [202] * 4
    assert len({one.json()["seq"] for one in together}) == 1
    assert (other.status_code, other.json()["code"]) == (409, "request-differs")
    assert (second.status_code, second.json()["code"]) == (409, "deletion-already-asked")
    assert second.json()["request"] == str(request_id)
    assert first_word.json() == again.json()
    assert (late.status_code, late.json()["state"]) == (202, "confirmed")
    assert late.headers["idempotent-replayed"] == "true"


async def test_what_is_no_partys_data_is_refused_by_the_centre_itself(town: Town) -> None:
    strangers = await recorded_next_door(town, 7)
    (ours,) = await record_all(town.at_region(), [1])
    await drained(town)

    request = await ask(town, [*strangers, at(ours, REGION)])

    told = (await town.at_region().get(f"/v1/deletion-requests/{request}")).json()
    assert (told["state"], told["reason"]) == ("refused", "not-a-party")
    assert (await status_of(town, at(ours, REGION)))["stage"] == "printable"


async def test_a_request_about_nobody_here_or_undecided_or_with_a_letter_of_tomorrow_stays_here(
    town: Town,
) -> None:
    desk = town.at_region()
    theirs, ours = await a_duplicate(town)
    tomorrow = deletion_body([theirs, ours])
    tomorrow["consent"]["given_on"] = "2099-01-01"
    await town.line.cut()
    waiting = new_id()
    assert (await record(desk, 2, waiting)).status_code == 202

    answers = [
        await desk.put(f"/v1/deletion-requests/{new_id()}", json=body)
        for body in (
            deletion_body([theirs]),
            deletion_body([at(new_id(), REGION)]),
            deletion_body([at(waiting, REGION)], number=2),
            tomorrow,
            {**deletion_body([theirs, ours]), "consent": None},
        )
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "not-found"),
        (404, "not-found"),
        (409, "recording-not-decided"),
        (422, "consent-not-yet-given"),
        (422, "invalid-input"),
    ]
    await town.line.restore()


async def test_a_permission_of_a_deleted_recording_is_not_printed(town: Town) -> None:
    desk = town.at_region()
    (ours,) = await record_all(desk, [1])
    await drained(town)
    (listed,) = (await desk.get("/v1/print-authorizations")).json()["items"]

    await confirm(town, await ask(town, [at(ours, REGION)]))

    spent = await desk.post(
        f"/v1/print-authorizations/{listed['authorization_id']}/spend",
        json={"blank_serial": "BLK-1"},
    )
    assert (spent.status_code, spent.json()["code"]) == (409, "permission-revoked")
    assert (await desk.get("/v1/print-authorizations")).json()["items"] == []


async def test_who_moved_here_is_printed_here_by_the_recording_that_stands_and_not_there(
    town: Town,
) -> None:
    desk = town.at_region()
    theirs, ours = await a_duplicate(town)
    path = f"/v1/moves/{new_id()}"
    body = move_body(1, theirs)

    asked = await desk.put(path, json=body)
    waiting = (await unsettled(town)) if asked.json()["state"] == "waiting" else []
    again = await desk.put(path, json=body)
    other = await desk.put(path, json={**body, "letter_number": "SKPWNI/2"})
    await drained(town)
    moved = (await desk.get(path)).json()
    (listed,) = (await desk.get("/v1/print-authorizations")).json()["items"]
    spent = await desk.post(
        f"/v1/print-authorizations/{listed['authorization_id']}/spend",
        json={"blank_serial": "BLK-1"},
    )
    await desk.post("/v1/cards/BLK-1/result", json={"result": "spoiled", "cause": "chip"})
    await drained(town)
    (fresh,) = (await desk.get("/v1/print-authorizations")).json()["items"]

    assert (asked.status_code, again.json()["seq"]) == (202, asked.json()["seq"])
    assert (other.status_code, other.json()["code"]) == (409, "request-differs")
    assert [one["remedy"] for one in waiting] in ([], ["wait_for_move"])
    assert (moved["state"], moved["recording_id"]) == ("moved", str(theirs.recording_id))
    assert listed["recording_id"] == str(theirs.recording_id)
    assert (spent.status_code, spent.json()["card"]["address"]) == (200, ADDRESS)
    assert fresh["authorization_id"] != listed["authorization_id"]
    assert await unsettled(town) == []
    assert "moved here" in (await status_of(town, ours))["next_action"]
    assert (await record(desk, 1)).status_code == 409
    assert await live_permissions(town, 1) == {fresh["authorization_id"]}
    await books_hold(town)


async def books_hold(town: Town) -> None:
    """Every entry was applied once, and registry, feeds and cards say the same."""
    source = RegionSource(REGION, town.url("regional"), {})
    found = check(await read_books(town.url("central"), [source]))
    assert found.holds, found.sentences


async def live_permissions(town: Town, number: int) -> set[str]:
    """All ever given for a NIK, in any feed, but those taken back or replaced."""
    async with town.databases["central"].begin() as transaction:
        bodies = [
            orjson.loads(body)
            for body in await transaction.scalars(select(central_tables.feed.c.body))
        ]
    given = [one["permission"] for one in bodies if one.get("permission")]
    ended = {one["authorization_id"] for one in bodies if one["kind"] == "revocation"}
    ended |= {one["replaces"] for one in bodies if one.get("replaces")}
    return {
        one["authorization_id"] for one in given if nik_in(one["jws"]) == int(nik(number))
    } - ended
