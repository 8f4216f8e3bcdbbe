"""Signing in at an issuer: who gets in, and everything that must not let anybody in."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any
from warnings import catch_warnings

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.central.adjudication.page import HOME
from services.command import security_report
from shared.doors.session_store import WhichSessions
from shared.oidc.plan import CALLBACK
from shared.roles import Caller, Role
from tests.doors.adjudication_world import SESSION_COOKIE
from tests.doors.hostile_tokens import encoded
from tests.doors.issuer_world import (
    CLIENT,
    IssuerWorld,
    Signer,
    Window,
    issuer_world,
    public,
    signing_with,
)
from tests.town import Databases

BEGUN = f"{SESSION_COOKIE}-begun"
CHIEF = Caller("chief", frozenset({Role.OPERATIONS}), None)
THEIRS = RSAKey.generate_key(2_048)
STRANGER = OKPKey.generate_key("Ed25519")


@pytest.fixture(scope="module")
async def standing(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[IssuerWorld]:
    async with issuer_world(databases, tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture
def world(standing: IssuerWorld) -> IssuerWorld:
    standing.issuer.behave()
    standing.forget()
    return standing


async def test_an_officer_signs_in_at_the_issuer_until_somebody_ends_it(
    world: IssuerWorld,
) -> None:
    async with world.window() as window:
        page = await window.get("/sign-in")
        back = await window.sign_in()
        was_in = await window.is_in()
        ended = await world.desk.sessions.end_all(WhichSessions(officer="adjudicator-1"), CHIEF)
        is_still_in = await window.is_in()

    assert "/sign-in/at-issuer?next=" in page.text
    assert 'name="token"' not in page.text
    assert back.status_code == 200
    assert f'content="0;url={HOME}"' in back.text
    flags = {one.partition("=")[0]: one for one in back.headers.get_list("set-cookie")}
    assert flags[SESSION_COOKIE].endswith("; Secure; HttpOnly; SameSite=Strict")
    assert flags[BEGUN].startswith(f"{BEGUN}=; Path=/; Max-Age=0;")
    assert (was_in, ended, is_still_in) == (True, 1, False)


async def test_a_pasted_token_signs_nobody_in_where_that_is_switched_off(
    world: IssuerWorld,
) -> None:
    async with world.desk.client() as client:
        answer = await client.post("/sign-in", data={"token": world.desk.token("sri")})

    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/a?b=c"])
async def test_signing_in_at_the_issuer_leads_to_no_other_server(
    world: IssuerWorld, wanted: str
) -> None:
    async with world.window() as window:
        back = await window.come_back(await window.choose(await window.begin(wanted)))

    assert f'content="0;url={HOME}"' in back.text


async def refused(window: Window, told: Mapping[str, str], status: int = 401) -> None:
    """No session begins, and the page gives no reason to whoever tries things out."""
    answer = await window.come_back(told)

    assert answer.status_code == status
    assert not window.cookies.get(SESSION_COOKIE)
    assert not await window.is_in()
    assert "nonce" not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "guessed"},
        {"state": ""},
        {"state": None},
        {"code": None},
        {"code": "guessed"},
        {"error": "access_denied"},
        {"iss": "https://another.example"},
        {"iss": None},
    ],
)
async def test_an_answer_that_was_tampered_with_signs_nobody_in(
    world: IssuerWorld, changes: dict[str, str | None]
) -> None:
    async with world.window() as window:
        told = {**await window.choose(await window.begin()), **changes}
        await refused(window, {name: value for name, value in told.items() if value is not None})


async def test_an_answer_counts_in_the_browser_it_was_asked_from_alone(
    world: IssuerWorld,
) -> None:
    """Otherwise whoever is signed in as themselves could sign another browser in as them."""
    async with world.window() as mine, world.window() as theirs:
        told = await mine.choose(await mine.begin())
        await refused(theirs, told)
        await theirs.begin()
        await refused(theirs, told)


async def test_a_code_counts_once(world: IssuerWorld) -> None:
    async with world.window() as window, world.window() as copy:
        address = await window.begin()
        copy.cookies = dict(window.cookies)
        told = await window.choose(address)
        first = await window.come_back(told)

        await refused(copy, told)
    assert first.status_code == 200


async def test_a_code_of_another_sign_in_is_bound_to_its_verifier(world: IssuerWorld) -> None:
    async with world.window() as window, world.window() as theirs:
        stolen = await theirs.choose(await theirs.begin())
        told = await window.choose(await window.begin())

        await refused(window, {**told, "code": stolen["code"]})


async def test_a_sign_in_that_takes_too_long_begins_anew(world: IssuerWorld) -> None:
    async with world.window() as window:
        address = await window.begin()
        world.desk.clock.advance(timedelta(minutes=11))

        await refused(window, await window.choose(address))


@pytest.mark.parametrize("forged", ["", "x" * 9_000, "session", "cut"])
async def test_what_a_sign_in_waits_with_cannot_be_forged(world: IssuerWorld, forged: str) -> None:
    async with world.window() as window:
        told = await window.choose(await window.begin())
        real = window.cookies[BEGUN]
        other = {"session": world.desk.token("sri"), "cut": real[:-2] + "AA"}
        window.cookies[BEGUN] = other.get(forged, forged)

        await refused(window, told)


BAD_CLAIMS: dict[str, Callable[[int], dict[str, Any]]] = {
    "another nonce": lambda _: {"nonce": "another"},
    "no nonce": lambda _: {"nonce": None},
    "a nonce that is no text": lambda _: {"nonce": 7},
    "expired": lambda now: {"exp": now - 31},
    "no end": lambda _: {"exp": None},
    "issued long ago": lambda now: {"iat": now - 700},
    "issued tomorrow": lambda now: {"iat": now + 86_400, "exp": now + 90_000},
    "not before tomorrow": lambda now: {"nbf": now + 86_400},
    "for another client": lambda _: {"aud": "regional"},
    "for nobody": lambda _: {"aud": None},
    "for several, and no one party": lambda _: {"aud": ["central", "regional"]},
    "for another party": lambda _: {"aud": ["central", "regional"], "azp": "regional"},
    "of another issuer": lambda _: {"iss": "https://another.example"},
    "about nobody": lambda _: {"sub": None},
    "about too long a name": lambda _: {"sub": "x" * 65},
    "without a role": lambda _: {"roles": []},
    "with roles of theirs alone": lambda _: {"roles": ["admin", 7, None, ["adjudicator"]]},
    "with roles that are no list": lambda _: {"roles": "adjudicator"},
}
ELSEWHERE = {
    "of a region": {"region": "61.72"},
    "of an office": {"region": None, "office": "61.72.02"},
    "of a place that is none": {"region": 7},
}


@pytest.mark.security
@pytest.mark.parametrize("kind", BAD_CLAIMS)
async def test_an_id_token_with_unfit_claims_signs_nobody_in(world: IssuerWorld, kind: str) -> None:
    world.issuer.changes = BAD_CLAIMS[kind](int(world.desk.clock.now().timestamp()))
    async with world.window() as window:
        await refused(window, await window.choose(await window.begin()))


@pytest.mark.parametrize("kind", ELSEWHERE)
async def test_an_officer_of_elsewhere_is_known_and_not_let_in(
    world: IssuerWorld, kind: str
) -> None:
    world.issuer.changes = ELSEWHERE[kind]
    async with world.window() as window:
        await refused(window, await window.choose(await window.begin()), 403)


def by_hmac(secret: bytes, **header: str) -> Signer:
    def sign(claims: Mapping[str, Any]) -> str:
        text = f"{encoded({'alg': 'HS256', 'typ': 'JWT', **header})}.{encoded(dict(claims))}"
        return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    return sign


def unsigned(claims: Mapping[str, Any]) -> str:
    head = {"alg": "none", "typ": "JWT", "kid": "development"}
    return f"{encoded(head)}.{encoded(dict(claims))}."


THEIRS_PUBLIC = json.dumps(public(THEIRS)).encode()
with catch_warnings(action="ignore"):
    WEAK = RSAKey.generate_key(1_024)
BAD_SIGNERS: dict[str, tuple[Signer, list[dict[str, Any]]]] = {
    "by the client's secret": (by_hmac(CLIENT.secret.encode(), kid="development"), []),
    "by the published key as a secret": (by_hmac(THEIRS_PUBLIC, kid="theirs"), [public(THEIRS)]),
    "by a symmetric key the issuer published": (
        by_hmac(b"k" * 32, kid="shared"),
        [{"kty": "oct", "k": encoded(b"k" * 32), "kid": "shared", "alg": "HS256"}],
    ),
    "by nobody": (unsigned, []),
    "by an unknown key": (signing_with(STRANGER, "Ed25519", "unknown"), []),
    "by another key of that name": (signing_with(STRANGER, "Ed25519", "development"), []),
    "by a key it brings": (
        signing_with(STRANGER, "Ed25519", "development", jwk=public(STRANGER)),
        [],
    ),
    "by a key at its jku": (
        signing_with(STRANGER, "Ed25519", "development", jku="https://evil.example"),
        [],
    ),
    "by a key for encryption": (
        signing_with(THEIRS, "RS256"),
        [public(THEIRS, use="enc")],
    ),
    "by an algorithm that is not the key's": (
        signing_with(THEIRS, "RS256"),
        [public(THEIRS, alg="PS256")],
    ),
    "by an algorithm that is not allowed": (signing_with(THEIRS, "RS512"), [public(THEIRS)]),
    "by a key that is too short": (signing_with(WEAK, "RS256"), [public(WEAK)]),
    "by no named key": (signing_with(THEIRS, "RS256", kid=""), [public(THEIRS)]),
}


@pytest.mark.security
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("kind", BAD_SIGNERS)
async def test_an_id_token_that_the_issuer_did_not_sign_signs_nobody_in(
    world: IssuerWorld, kind: str
) -> None:
    world.issuer.signer, world.issuer.published = BAD_SIGNERS[kind]
    async with world.window() as window:
        await refused(window, await window.choose(await window.begin()))
    security_report.put({"issuer_attacks": len(BAD_SIGNERS) + len(BAD_CLAIMS)})


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", THEIRS),
        ("PS256", THEIRS),
        ("ES256", ECKey.generate_key("P-256")),
        ("EdDSA", STRANGER),
        ("Ed25519", STRANGER),
    ],
)
async def test_issuers_sign_with_what_they_have(
    world: IssuerWorld, algorithm: str, key: OKPKey | RSAKey | ECKey
) -> None:
    world.issuer.signer = signing_with(key, algorithm, x5t="c29tZQ")
    world.issuer.published = [
        {"kty": "RSA", "kid": "broken", "n": "AQAB", "e": "AQAB"},
        public(key),
    ]
    async with world.window() as window:
        assert (await window.sign_in()).status_code == 200
        assert await window.is_in()


async def test_without_an_issuer_nobody_signs_in_and_whoever_is_in_stays(
    world: IssuerWorld,
) -> None:
    async with world.window() as window:
        await window.sign_in()
        known, world.trusted._metadata = world.trusted._metadata, None
        for told in (
            {"issuer": "https://another.example"},
            {"token_endpoint": "http://anybody.example/token"},
            {"jwks_uri": None},
        ):
            world.issuer.told = told
            world.forget()
            page = await window.get("/sign-in/at-issuer")
            assert page.status_code == 503
            assert page.headers["retry-after"]
        is_in = await window.is_in()
    world.trusted._metadata = known

    assert is_in


async def test_an_access_token_opens_the_api_and_an_id_token_does_not(world: IssuerWorld) -> None:
    issuer, now = world.issuer, int(world.desk.clock.now().timestamp())
    claims = {
        "iss": issuer.address,
        "sub": "adjudicator-1",
        "roles": ["adjudicator"],
        "iat": now,
        "exp": now + 300,
    }
    async with world.desk.client() as client:
        statuses = []
        for changes in (
            {"aud": "tunggal"},
            {"aud": ["account", "tunggal"]},
            {"aud": "central"},
            {"aud": "tunggal", "exp": now - 40},
            {"aud": "tunggal", "exp": now + 50_000},
            {"aud": "tunggal", "roles": ["officer"]},
            {"aud": "tunggal", "iss": "https://another.example"},
        ):
            token = issuer.sign({**claims, **changes})
            answer = await client.get(
                "/v1/adjudication/cases", headers={"authorization": f"Bearer {token}"}
            )
            statuses.append(answer.status_code)

    assert statuses == [200, 200, 401, 401, 401, 403, 401]


async def test_the_callback_says_nothing_of_why(world: IssuerWorld) -> None:
    async with world.window() as window:
        bare = await window.get(CALLBACK)

    assert bare.status_code == 401
    assert "Buka halaman masuk" in bare.text
