"""Small things that would become large: packed, nested, or very many. Each is refused at once."""

import gzip

import pytest

from services.regional.recording.examples import CONTENT_EXAMPLE
from shared.ids import new_id
from shared.roles import Role
from shared.signing import SIGNATURE_HEADER, sign_message
from tests.doors.operation_calls import Call, every_call, is_problem
from tests.town import REGION, Town

WITH_BODY = [call for call in every_call() if call.body is not None]
# A gigabyte of blanks would be one of a megabyte; the ratio is what matters here.
PACKED = gzip.compress(b" " * 2**24, mtime=0)
MANY = 200_000
ANSWER_BYTES_MAX = 64 * 1024
BODIES = {
    "nested lists": b"[" * MANY + b"]" * MANY,
    "nested objects": b'{"a":' * MANY + b"1" + b"}" * MANY,
    "many members": b"{" + b",".join(b'"a%d":1' % n for n in range(MANY)) + b"}",
    "one member many times": b"{" + b",".join([b'"nik":1'] * MANY) + b"}",
    "a number of many digits": b'{"nik":' + b"9" * MANY + b"}",
    "many items": b"[" + b"1," * MANY + b"1]",
    "a huge exponent": b'{"nik":1e999999999}',
    "many escapes": b'{"nik":"' + b"\\u0000" * MANY + b'"}',
}


@pytest.mark.security
@pytest.mark.parametrize("call", WITH_BODY, ids=str)
async def test_nothing_packed_is_unpacked(standing_town: Town, call: Call) -> None:
    is_central = call.served(standing_town) is standing_town.centre
    client = standing_town.at_centre() if is_central else standing_town.at_region()
    headers = {"content-type": str(call.media_type), "content-encoding": "gzip", **call.headers}
    if call.is_signed:
        key = standing_town.keys.region_key(REGION)
        headers[SIGNATURE_HEADER] = sign_message(key, *call.purpose(PACKED))

    answer = await call.send(client, content=PACKED, headers=headers)

    assert is_problem(answer, 415, "encoded-body")


@pytest.mark.security
@pytest.mark.parametrize("name", BODIES)
async def test_bodies_with_too_much_in_them_get_a_short_no(standing_town: Town, name: str) -> None:
    client = standing_town.at_region()
    headers = {"content-type": "application/json"}

    for method, path in (("PUT", f"/v1/recordings/{new_id()}"), ("POST", "/v1/desk-checks")):
        answer = await client.request(method, path, content=BODIES[name], headers=headers)

        assert is_problem(answer, 422, "invalid-input")
        assert len(answer.content) < ANSWER_BYTES_MAX
    taken = await client.put(f"/v1/recordings/{new_id()}", json=CONTENT_EXAMPLE)
    assert taken.status_code in (202, 409)


@pytest.mark.security
async def test_a_form_of_many_fields_or_parts_is_refused(standing_town: Town) -> None:
    client = standing_town.at_region(Role.HEAD_OF_OFFICE)
    form = {"content-type": "application/x-www-form-urlencoded"}
    parts = {"content-type": "multipart/form-data; boundary=x"}
    one = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'

    fields = await client.post("/sign-in", content=b"&".join([b"a=1"] * 10_000), headers=form)
    many = await client.post("/office/residents", content=one * 10_000 + b"--x--", headers=parts)

    assert fields.status_code in (400, 413)
    assert many.status_code in (303, 400, 401, 403)
