"""Who may call: only tokens signed by a pinned key, for us, now, with the role and region."""

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_world import NOON, REGION, THING_ID, World
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.refusals import Forbidden, TokenKeysUnavailable, Unauthenticated
from shared.roles import (
    AUDIENCE,
    ISSUER,
    KEYS_AGE_SECONDS_MAX,
    LIFETIME_MAX,
    REMEMBERED_TOKENS_MAX,
    Caller,
    Gate,
    Role,
    make_token,
)
from shared.signing import new_key

OFFICERS = frozenset({Role.OFFICER})
EVERYBODY = frozenset(Role)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def claims_of(**changes: Any) -> dict[str, Any]:
    now = int(NOON.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "officer-7",
        "roles": ["officer"],
        "region": REGION,
        "iat": now,
        "exp": now + 3600,
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed(world: World, claims: dict[str, Any]) -> str:
    return world.issuer.sign(json.dumps(claims).encode(), "JWT")


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


async def admit(world: World, token: str) -> Caller:
    return await world.gate.admit(f"Bearer {token}", OFFICERS)


async def test_a_good_token_tells_who_calls(world: World) -> None:
    caller = await admit(world, world.token(Role.OFFICER))

    assert caller == Caller("officer-7", frozenset({Role.OFFICER}), REGION)


async def test_a_token_made_by_another_library_is_as_good(tmp_path: Path) -> None:
    jwk = OKPKey.generate_key("Ed25519", {"kid": "theirs"})
    path = tmp_path / "theirs.jwks.json"
    path.write_text(json.dumps({"keys": [jwk.as_dict(private=False)]}))
    header = {"alg": "Ed25519", "typ": "JWT", "kid": "theirs"}
    token = jwt.encode(header, claims_of(), jwk, algorithms=["Ed25519"])
    world = World(tmp_path)

    gate = Gate(str(path), ISSUER, world.clock, REGION)

    assert (await gate.admit(f"bearer {token}", OFFICERS)).subject == "officer-7"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": None},
        {"aud": [AUDIENCE]},
        {"iss": "another"},
        {"iss": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 65},
        {"exp": None},
        {"iat": None},
        {"exp": int(NOON.timestamp()) + 3600.5},
        {"iat": True, "exp": 3},
        {"exp": int(NOON.timestamp()) - 31, "iat": int(NOON.timestamp()) - 60},
        {"iat": int(NOON.timestamp()) + 31},
        {"exp": int((NOON + LIFETIME_MAX).timestamp()) + 1},
        {"exp": int(NOON.timestamp())},
        {"nbf": int(NOON.timestamp()) + 31},
        {"nbf": "soon"},
        {"roles": "officer"},
        {"roles": None},
    ],
)
async def test_a_signed_token_with_unfit_claims_is_refused(
    world: World, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await admit(world, signed(world, claims_of(**changes)))


async def test_unknown_and_odd_roles_count_for_nothing(world: World) -> None:
    with pytest.raises(Forbidden):
        await admit(world, signed(world, claims_of(roles=["emperor", ["officer"], None, 7])))


def unsigned(_: World) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'issuer-1'})}.{part(claims_of())}."


def unsigned_but_said_to_be(_: World) -> str:
    return f"{part({'alg': 'Ed25519', 'typ': 'JWT', 'kid': 'issuer-1'})}.{part(claims_of())}."


def by_hmac_with_the_public_key(world: World) -> str:
    head = part({"alg": "HS256", "typ": "JWT", "kid": "issuer-1"})
    text = f"{head}.{part(claims_of())}"
    public = world.jwks.read_bytes()
    return f"{text}.{part(hmac.new(public, text.encode(), hashlib.sha256).digest())}"


def by_another_key_of_the_same_name(_: World) -> str:
    return new_key("issuer-1").sign(json.dumps(claims_of()).encode(), "JWT")


def by_an_unknown_key(_: World) -> str:
    return new_key("issuer-2").sign(json.dumps(claims_of()).encode(), "JWT")


def by_a_key_it_brings_itself(_: World) -> str:
    jwk = OKPKey.generate_key("Ed25519")
    header = {"alg": "Ed25519", "typ": "JWT", "kid": "issuer-1", "jwk": jwk.as_dict(private=False)}
    return jwt.encode(header, claims_of(), jwk, algorithms=["Ed25519"])


def by_a_key_at_an_address_it_names(_: World) -> str:
    jwk = OKPKey.generate_key("Ed25519")
    header = {"alg": "Ed25519", "typ": "JWT", "kid": "issuer-1", "jku": "http://evil/jwks"}
    return jwt.encode(header, claims_of(), jwk, algorithms=["Ed25519"])


def for_another_purpose(world: World) -> str:
    return world.issuer.sign(json.dumps(claims_of()).encode(), "ektp-print+jwt")


def with_claims_changed_after_signing(world: World) -> str:
    head, _, signature = signed(world, claims_of()).split(".")
    return f"{head}.{part(claims_of(roles=['operations']))}.{signature}"


def with_claims_that_are_no_object(world: World) -> str:
    return world.issuer.sign(b"[]", "JWT")


def nested_too_deep(_: World) -> str:
    return f"{part(b'[' * 5_000)}.{part(claims_of())}.{part(b'x' * 64)}"


def too_long(world: World) -> str:
    return signed(world, claims_of(sub="s" * 9_000))


def no_token(_: World) -> str:
    return "é.\x00.🪪"


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        unsigned_but_said_to_be,
        by_hmac_with_the_public_key,
        by_another_key_of_the_same_name,
        by_an_unknown_key,
        by_a_key_it_brings_itself,
        by_a_key_at_an_address_it_names,
        for_another_purpose,
        with_claims_changed_after_signing,
        with_claims_that_are_no_object,
        nested_too_deep,
        too_long,
        no_token,
    ],
)
async def test_a_forged_token_is_refused(world: World, forge: Callable[[World], str]) -> None:
    await admit(world, world.token(Role.OFFICER))

    with pytest.raises(Unauthenticated) as refused:
        await admit(world, forge(world))
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
async def test_no_token_is_refused_with_the_way_to_bring_one(
    world: World, header: str | None
) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await world.gate.admit(header, EVERYBODY)
    assert refused.value.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_that_was_believed_ends_with_its_time(world: World) -> None:
    token = world.token(Role.OFFICER)
    await admit(world, token)

    world.clock.advance(timedelta(hours=1, seconds=29))
    await admit(world, token)
    world.clock.advance(timedelta(seconds=2))
    with pytest.raises(Unauthenticated):
        await admit(world, token)


async def test_another_role_is_refused_and_told_which_one_is_needed(world: World) -> None:
    async with world.client() as client:
        answer = await client.put(
            f"/v1/things/{THING_ID}",
            headers=world.bearer(Role.PRINTER),
            json={"thing_label": "kartu"},
        )
        anonymous = await client.put(f"/v1/things/{THING_ID}", json={"thing_label": "kartu"})

    assert (answer.status_code, answer.json()["needs"]) == (403, ["officer"])
    assert anonymous.status_code == 401
    assert anonymous.json()["code"] == "unauthenticated"


async def test_a_token_of_another_region_is_refused_here(world: World) -> None:
    with pytest.raises(Forbidden):
        await admit(world, world.token(Role.OFFICER, region="61.01"))


async def test_a_token_without_a_region_acts_here_for_operations_alone(world: World) -> None:
    outside = world.token(Role.OPERATIONS, Role.OFFICER, region=None)

    caller = await world.gate.admit(f"Bearer {outside}", frozenset({Role.OPERATIONS}))

    assert caller.roles == {Role.OPERATIONS}
    with pytest.raises(Forbidden):
        await admit(world, outside)
    with pytest.raises(Forbidden):
        await admit(world, world.token(Role.OFFICER, region=None))


async def test_a_token_may_be_bound_to_one_office_of_its_region(world: World) -> None:
    bound = await admit(world, signed(world, claims_of(office=f"{REGION}.02")))

    assert bound.office == f"{REGION}.02"
    for other in ("61.01.02", REGION, f"{REGION}.", f"{REGION}.02/..", "", 7, [f"{REGION}.02"]):
        with pytest.raises(Forbidden):
            await admit(world, signed(world, claims_of(office=other)))
    nowhere = claims_of(office=f"{REGION}.02", region=None, roles=["operations"])
    with pytest.raises(Forbidden):
        await world.gate.admit(f"Bearer {signed(world, nowhere)}", EVERYBODY)


async def test_the_centre_takes_tokens_without_a_region_only(world: World) -> None:
    centre = Gate(str(world.jwks), ISSUER, world.clock, region=None)
    national = world.token(Role.ADJUDICATOR, region=None)

    assert (await centre.admit(f"Bearer {national}", EVERYBODY)).region is None
    with pytest.raises(Forbidden):
        await centre.admit(f"Bearer {world.token(Role.ADJUDICATOR)}", EVERYBODY)


async def test_many_first_callers_are_all_let_in(world: World) -> None:
    tokens = [world.token(Role.OFFICER, subject=f"officer-{n}") for n in range(50)]

    callers = await asyncio.gather(*(admit(world, token) for token in tokens))

    assert [caller.subject for caller in callers] == [f"officer-{n}" for n in range(50)]


async def test_only_so_many_tokens_are_remembered(world: World) -> None:
    for n in range(REMEMBERED_TOKENS_MAX + 20):
        await admit(world, world.token(Role.OFFICER, subject=f"officer-{n}"))

    assert len(world.gate._remembered) == REMEMBERED_TOKENS_MAX


class KeyAddress:
    """An issuer's address that counts how often it is asked, and can be broken."""

    def __init__(self) -> None:
        self.body = b"{}"
        self.is_broken = False
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        status = b"500 No" if self.is_broken else b"200 OK"
        writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n" % (status, len(self.body)))
        writer.write(self.body)
        await writer.drain()
        writer.close()


async def test_keys_from_an_address_are_fetched_once_however_many_forged_tokens_come(
    world: World,
) -> None:
    address = KeyAddress()
    address.body = world.jwks.read_bytes()
    server = await asyncio.start_server(address, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        gate = Gate(f"http://127.0.0.1:{port}/jwks", ISSUER, world.clock, REGION)
        await gate.admit(f"Bearer {world.token(Role.OFFICER)}", OFFICERS)
        for _ in range(20):
            with pytest.raises(Unauthenticated):
                await gate.admit(f"Bearer {by_an_unknown_key(world)}", OFFICERS)

    assert address.asked == 1


async def test_a_new_key_counts_and_a_withdrawn_one_ends_once_the_keys_are_read_again(
    world: World,
) -> None:
    old = world.token(Role.OFFICER)
    await admit(world, old)
    world.issuer = new_key("issuer-2")
    world.publish(world.issuer)
    new = world.token(Role.OFFICER)
    with pytest.raises(Unauthenticated):
        await admit(world, new)

    world.gate._read_at -= KEYS_AGE_SECONDS_MAX
    await admit(world, new)
    with pytest.raises(Unauthenticated):
        await admit(world, old)


async def test_known_keys_outlive_an_issuer_that_answers_nonsense(world: World) -> None:
    await admit(world, world.token(Role.OFFICER))
    unreadable = '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"issuer-1"}]}'
    for nonsense in ("", "[]", "{}", '{"keys":"x"}', unreadable):
        world.jwks.write_text(nonsense)
        world.gate._read_at -= KEYS_AGE_SECONDS_MAX

        await admit(world, world.token(Role.OFFICER, subject=f"officer-{len(nonsense)}"))


async def test_keys_for_other_purposes_may_stand_beside_ours(world: World) -> None:
    others = [{"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB"}, {"kty": "oct", "k": "AA"}]
    published = json.loads(world.jwks.read_text())
    world.jwks.write_text(json.dumps({"keys": others + published["keys"]}))

    assert await admit(world, world.token(Role.OFFICER))


async def test_when_all_keys_are_withdrawn_no_token_counts(world: World) -> None:
    token = world.token(Role.OFFICER)
    await admit(world, token)
    world.publish()
    world.gate._read_at -= KEYS_AGE_SECONDS_MAX

    with pytest.raises(Unauthenticated):
        await admit(world, token)


async def test_without_any_key_a_token_cannot_be_judged(world: World) -> None:
    world.jwks.unlink()

    with pytest.raises(TokenKeysUnavailable):
        await admit(world, world.token(Role.OFFICER))


def test_a_token_that_would_live_too_long_is_not_made(world: World) -> None:
    for lifetime in (timedelta(0), LIFETIME_MAX + timedelta(seconds=1)):
        with pytest.raises(ValueError, match="lives at most"):
            make_token(world.issuer, "officer-7", [Role.OFFICER], REGION, lifetime, NOON)
