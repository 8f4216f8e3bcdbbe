"""Whatever is sent, to whichever operation: no 500, and nothing of it comes back."""

import json
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.command.servers import Service
from services.regional.recording.examples import BULK_EXAMPLE, CONTENT_EXAMPLE
from shared.ids import new_id
from shared.signing import SIGNATURE_HEADER, sign_message
from tests.doors.fuzzing import IS_FULL, ODD_CASES
from tests.doors.operation_calls import Call, every_call, is_problem
from tests.fault_rows import Fired
from tests.town import REGION, Town

CANARY = "zkanariz"
# Never in a body: what a body brought may be kept, and shown to the office that brought it.
CALLED = "zpanggilz"
CALLED_NIK = "6172014907990007"
NIK = "6172014907990003"
CALLS = list(every_call())
ODD_WORDS = [CALLED_NIK, f"{CALLED}\x00{CALLED_NIK}", f"{CALLED}/../{CALLED_NIK}"]
# Each call hears one of them with every change, and each of them when doors are tried hard.
SAID = [
    (call, word)
    for nth, call in enumerate(CALLS)
    for place, word in enumerate(ODD_WORDS)
    if IS_FULL or nth % len(ODD_WORDS) == place
]
WITH_JSON = [call for call in CALLS if call.media_type == "application/json"]
GUARDED = [call for call in CALLS if call.roles or call.is_signed]

odd_texts = st.sampled_from(
    [
        CANARY,
        NIK,
        f"{CANARY}\x00",
        f"{CANARY}\n{NIK}",
        f"\u202e{CANARY}",
        f"{CANARY} {NIK}",
        CANARY * 2_000,
        f"'; DROP TABLE {CANARY}; --",
        f"{{{CANARY}}}",
        f"%s%n{CANARY}",
        "\ud800" + CANARY,
    ]
)
odd_values = st.one_of(
    odd_texts,
    odd_texts.map(lambda text: {text: text}),
    odd_texts.map(lambda text: [text, NIK]),
    st.sampled_from([None, True, 0, -1, 2**63, 10**400, 1e308, float("nan"), int(NIK), [], {}]),
)
odd_bytes = st.one_of(
    st.binary(max_size=64).map(lambda noise: noise + CANARY.encode()),
    st.sampled_from(
        [
            b"",
            b"null",
            b"\xff\xfe" + CANARY.encode(),
            b'"' + CANARY.encode(),
            b'{"%b"' % CANARY.encode(),
            b'{"nik": "\xff%b"}' % NIK.encode(),
            b'{"nik": "\\ud800%b"}' % NIK.encode(),
            b"[" * 100_000,
            b'{"recordings":[' + b"[" * 500 + b"]" * 500 + b"]}",
            b'{"recordings":[' + b"[" * 1_500 + b"]" * 1_500 + b"]}",
            b'{"recordings":"' + CANARY.encode() + b'"}',
            b'{"recordings":{"%b":1}}' % CANARY.encode(),
            b'{"nik":1' + b"0" * 5_000 + b"}",
        ]
    ),
)
quickly = settings(
    max_examples=ODD_CASES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def tells_nothing(
    answer: httpx.Response, word: str = CANARY, nik: str = NIK, *, may_show: bool = False
) -> None:
    """Nothing that was sent is in the answer, and it is no failure of the program's.

    may_show: what was taken may be shown to the office that brought it; what was refused never.
    """
    assert answer.status_code < 500, answer.text
    said = json.dumps(dict(answer.headers))
    said += "" if may_show and answer.is_success else answer.text
    assert word not in said.lower()
    assert nik not in said


def _client(town: Town, call: Call) -> httpx.AsyncClient:
    return town.at_centre() if call.service is Service.CENTRAL else town.at_region()


def _dumped(document: Any) -> bytes:
    """JSON with lone surrogates and NaN let through, as a careless client writes it."""
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _places(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, inner in items:
        found += _places(inner, (*here, key))
    return found


def _put(document: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


@pytest.fixture(scope="module")
def clients(standing_town: Town) -> Mapping[Service, httpx.AsyncClient]:
    return {
        Service.CENTRAL: standing_town.at_centre(),
        Service.REGIONAL: standing_town.at_region(),
    }


@pytest.mark.parametrize("call", WITH_JSON, ids=str)
@quickly
@given(value=odd_values, seed=st.integers(0, 10_000))
async def test_an_odd_value_in_any_place_is_told_by_place_only(
    standing_town: Town,
    clients: Mapping[Service, httpx.AsyncClient],
    call: Call,
    value: Any,
    seed: int,
) -> None:
    assert call.body is not None
    document = json.loads(call.body)
    _put(document, random.Random(seed).choice(_places(document)), value)

    answer = await _send(standing_town, clients, call, _dumped(document))

    tells_nothing(answer, may_show=call.name != "take_recordings")


@pytest.mark.parametrize("call", WITH_JSON, ids=str)
@quickly
@given(name=odd_texts, value=odd_values, seed=st.integers(0, 10_000))
async def test_a_member_nobody_knows_is_refused_without_its_name(
    standing_town: Town,
    clients: Mapping[Service, httpx.AsyncClient],
    call: Call,
    name: str,
    value: Any,
    seed: int,
) -> None:
    assert call.body is not None
    document = json.loads(call.body)
    objects = [place for place in _places(document) if isinstance(_at(document, place), dict)]
    _at(document, random.Random(seed).choice([(), *objects]))[name] = value

    body = _dumped(document)
    answer = await _send(standing_town, clients, call, body)

    tells_nothing(answer, may_show=call.name != "take_recordings")
    if len(body) > call.body_bytes_max:
        assert is_problem(answer, 413, "body-too-large")
    elif call.name != "take_recordings":
        assert is_problem(answer, 422, "invalid-input")


@pytest.mark.fault("X3")
@pytest.mark.parametrize(
    "call", [call for call in CALLS if call.body is not None], ids=lambda call: call.name
)
@quickly
@given(body=odd_bytes)
async def test_bytes_that_are_not_what_they_say_are_refused(
    standing_town: Town,
    clients: Mapping[Service, httpx.AsyncClient],
    fired: Fired,
    call: Call,
    body: bytes,
) -> None:
    headers = {"content-type": str(call.media_type)}
    if call.is_signed:
        key = standing_town.keys.region_key(REGION)
        headers |= call.headers
        headers[SIGNATURE_HEADER] = sign_message(key, *call.purpose(body))

    answer = await call.send(clients[call.service], content=body, headers=headers)

    tells_nothing(answer)
    assert answer.status_code >= 400 or all(
        result["outcome"] == "refused" for result in answer.json()["results"]
    )
    fired()


async def _send(
    town: Town, clients: Mapping[Service, httpx.AsyncClient], call: Call, body: bytes
) -> httpx.Response:
    """With the region's signature where the operation asks for one."""
    headers = {"content-type": str(call.media_type)}
    if call.is_signed:
        key = town.keys.region_key(REGION)
        headers |= call.headers
        headers[SIGNATURE_HEADER] = sign_message(key, *call.purpose(body))
    return await call.send(clients[call.service], content=body, headers=headers)


def _at(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


@pytest.mark.parametrize(("call", "word"), SAID, ids=str)
async def test_odd_words_in_paths_queries_and_headers_are_not_repeated(
    clients: Mapping[Service, httpx.AsyncClient], call: Call, word: str
) -> None:
    client = clients[call.service]
    told = quote(word, safe="")
    parts = call.path.split("/")
    asked = [
        f"{call.path}?{told}={told}&limit={told}&cursor={told}&after={told}&wait={told}",
        f"{call.path}/{told}",
        f"/{told}",
        *("/".join([*parts[:at], told, *parts[at + 1 :]]) for at in range(1, len(parts))),
    ]
    for path in asked:
        answer = await client.request(call.method, path, content=call.body)
        tells_nothing(answer, CALLED, CALLED_NIK)
    header = told[:60]
    odd_headers = {
        "authorization": f"Bearer {header}",
        "content-type": header,
        "x-request-id": header,
        "traceparent": header,
        "accept-language": header,
        SIGNATURE_HEADER: header,
        header: header,
    }
    for name, text in odd_headers.items():
        headers = {"content-type": str(call.media_type), name: text}
        tells_nothing(await call.send(client, headers=headers), CALLED, CALLED_NIK)


@pytest.mark.parametrize("name", ["Suharto", "D'Angelo", "R. A. Kartini", "Lailà", "I", "陳美玲"])
async def test_names_people_have_are_taken(standing_town: Town, name: str) -> None:
    nik = f"617202520790{new_id().int % 10_000:04d}"
    content = {**CONTENT_EXAMPLE, "card": {**CONTENT_EXAMPLE["card"], "name": name, "nik": nik}}

    answer = await standing_town.at_region().put(f"/v1/recordings/{new_id()}", json=content)

    assert answer.status_code == 202


@pytest.mark.parametrize(
    "name", ["", " ", "A\x00B", "A\nB", "\u202eABU", " ABU", "ABU\t", "A" * 61]
)
async def test_names_nobody_can_see_or_write_are_refused(standing_town: Town, name: str) -> None:
    content = {**CONTENT_EXAMPLE, "card": {**CONTENT_EXAMPLE["card"], "name": name}}

    answer = await standing_town.at_region().put(f"/v1/recordings/{new_id()}", json=content)

    assert is_problem(answer, 422, "invalid-input")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/card/name"]


async def test_one_bad_recording_does_not_block_the_others(standing_town: Town) -> None:
    good = {**BULK_EXAMPLE["recordings"][0], "recording_id": str(new_id())}
    good["card"] = {**good["card"], "nik": "6172025207909999"}
    bad = {**good, "recording_id": str(new_id()), CANARY: NIK}

    answer = await standing_town.at_region().post(
        "/v1/recordings", json={"recordings": [bad, good, CANARY, None, [[NIK]]]}
    )

    tells_nothing(answer)
    outcomes = [result["outcome"] for result in answer.json()["results"]]
    assert outcomes == ["refused", "accepted", "refused", "refused", "refused"]


async def test_a_list_with_its_columns_mixed_up_shows_nobody(standing_town: Town) -> None:
    lines = f"nik,sex,birth_date,ward,obliged\n{NIK},female,1999-07-09,{CANARY},true\n"
    client = standing_town.at_region()

    taken = await client.put(
        "/v1/residents", content=lines, headers={"content-type": "text/csv; charset=utf-8"}
    )
    shown = await client.get("/v1/coverage")

    (fault,) = taken.json()["first_faults"]
    assert (fault["line"], fault["why"]) == (2, "ward-not-a-code")
    tells_nothing(taken)
    tells_nothing(shown)


@pytest.mark.parametrize(
    "line",
    [
        f'"{NIK}' + "x" * 200_000,
        f"{NIK},female\r{CANARY}",
        f"{NIK}\x00,female,1999-07-09,61.72.01.1001,true",
        f"{NIK},female,99999-07-09,61.72.01.1001,true",
        f"{NIK},{CANARY},1999-07-09,61.72.01.1001,true",
    ],
)
async def test_a_damaged_list_is_refused_or_its_lines_left_out(
    standing_town: Town, line: str
) -> None:
    answer = await standing_town.at_region().put(
        "/v1/residents",
        content=f"nik,sex,birth_date,ward,obliged\n{line}\n",
        headers={"content-type": "text/csv"},
    )

    tells_nothing(answer)
    assert answer.status_code == 422 or answer.json()["residents"] == 0
