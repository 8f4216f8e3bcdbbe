"""Rows A1 and A4: keys that expired, rotated, were forged or stolen."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.central.journey.entries import SignedPermission
from services.central.print_authorization.rules import Permitter
from services.regional.app import lay_positions
from services.regional.central_client import loop as watching
from services.regional.central_client.credentials import Credentials
from services.regional.central_client.loop import KeyWatch
from services.regional.printing import steps as printing
from services.regional.printing.steps import Office, PermissionNotValid
from services.regional.uplink import loop as uplink
from shared.clock import ManualClock
from shared.contracts.authorization import TYPE
from shared.contracts.recording import RECORDING
from shared.database.engine import Database
from shared.ids import new_id
from shared.lives import Life
from shared.signing import (
    MESSAGE_TYPE,
    SIGNATURE_HEADER,
    PinnedKeys,
    SigningKey,
    jwks_of,
    new_key,
    sign_message,
)
from shared.zones import zone_of
from tests.fault_rows import Fired
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import permitted
from tests.stories.core_world import drained, record_all, until
from tests.town import NEIGHBOUR, REGION, Databases, Town, town_of

PATH = f"/v1/regions/{REGION}/position"
PURPOSE = f"GET {PATH}"
DAY = timedelta(days=1)


def live_from(now: datetime, days_left: float) -> Life:
    return Life(now - 300 * DAY, now + days_left * DAY)


async def restart_centre(town: Town, *pinned: SigningKey) -> None:
    """With exactly these keys pinned for regions."""
    town.keys.regions_jwks.write_text(json.dumps(jwks_of(pinned)))
    await town.centre.stop()
    await town.start_centre()
    client = town.stranger(town.centre)
    await until(lambda: _is_ready(client))


async def _is_ready(client: Any) -> bool:
    return bool((await client.get("/readyz")).status_code == 200)


async def restart_region(town: Town, key: SigningKey) -> None:
    private = {**key.public_jwk, "d": _encode(key._private.private_bytes_raw())}
    town.keys.region(REGION).write_text(json.dumps(private))
    await town.region.stop()
    await town.start_region()


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def with_header(key: SigningKey, token: str, **changes: object) -> str:
    """The same token with another header, signed again by `key`."""
    head, payload, _ = token.split(".")
    header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4))) | changes
    signed = f"{_encode(json.dumps(header).encode())}.{payload}"
    return f"{signed}.{_encode(key._private.sign(signed.encode()))}"


@dataclass(frozen=True)
class Ring:
    """Who might sign as this region."""

    mine: SigningKey
    expired: SigningKey
    thief: SigningKey


Forge = Callable[[Ring], str]
SIGNED: dict[str, tuple[Forge, int, str | None]] = {
    "its-key": (lambda ring: sign_message(ring.mine, PURPOSE, b""), 200, None),
    "expired": (lambda ring: sign_message(ring.expired, PURPOSE, b""), 401, "region-key-expired"),
    "expired-and-for-another-purpose": (
        lambda ring: sign_message(ring.expired, "GET /other", b""),
        401,
        "region-not-proven",
    ),
    "forged": (lambda ring: sign_message(ring.thief, PURPOSE, b""), 401, "region-not-proven"),
    "for-another-question": (
        lambda ring: sign_message(ring.mine, "GET /other", b""),
        401,
        "region-not-proven",
    ),
    **{
        f"header-{name}": (
            lambda ring, changes=changes: with_header(  # type: ignore[misc]
                ring.mine, sign_message(ring.mine, PURPOSE, b""), **changes
            ),
            401,
            code,
        )
        for name, (code, changes) in {
            "none": ("region-not-proven", {"alg": "none"}),
            "hmac": ("region-not-proven", {"alg": "HS256"}),
            "eddsa": ("region-not-proven", {"alg": "EdDSA"}),
            "es256": ("region-not-proven", {"alg": "ES256"}),
            "permission": ("region-not-proven", {"typ": TYPE}),
            "stranger": ("region-key-unknown", {"kid": "61.99"}),
            "no-kid": ("region-key-unknown", {"kid": None}),
            "jku": ("region-not-proven", {"jku": "http://127.0.0.1/keys"}),
            "x5u": ("region-not-proven", {"x5u": "http://127.0.0.1/cert"}),
            "crit": ("region-not-proven", {"crit": ["exp"]}),
        }.items()
    },
    "header-jwk": (
        lambda ring: with_header(
            ring.thief,
            ring.thief.sign(b"", MESSAGE_TYPE),
            jwk=ring.thief.public_jwk,
        ),
        401,
        "region-not-proven",
    ),
    "unsigned": (
        lambda ring: sign_message(ring.mine, PURPOSE, b"").rpartition(".")[0] + ".",
        401,
        "region-not-proven",
    ),
}


@pytest.fixture(scope="module")
async def ring_town(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Town, Ring]]:
    """One town whose centre has pinned a sound key and an expired one of the same region."""
    async with town_of(
        databases, tmp_path_factory.mktemp("ring"), regional={"loops": False}
    ) as one:
        now = one.clock.now()
        ring = Ring(
            new_key(REGION, live_from(now, 60)),
            new_key(f"{REGION}#2", live_from(now, -1)),
            new_key(REGION),
        )
        await restart_centre(one, ring.mine, ring.expired)
        yield one, ring


@pytest.mark.fault("A1")
@pytest.mark.parametrize("case", SIGNED)
async def test_the_centre_believes_pinned_keys_in_their_time_and_nothing_a_header_says(
    ring_town: tuple[Town, Ring], fired: Fired, case: str
) -> None:
    town, ring = ring_town
    forge, status, code = SIGNED[case]
    client = town.stranger(town.centre)
    client.headers[SIGNATURE_HEADER] = forge(ring)

    answer = await client.get(PATH)

    assert (answer.status_code, answer.json().get("code")) == (status, code)
    fired()


@pytest.mark.fault("A1")
async def test_a_region_rotates_its_key_by_two_that_overlap_and_never_pauses(
    town: Town, fired: Fired
) -> None:
    now = town.clock.now()
    old, new = town.keys.region_key(REGION), new_key(f"{REGION}#2", live_from(now, 300))
    await record_all(town.at_region(), range(3))
    await drained(town)

    await restart_centre(town, old, new)
    await record_all(town.at_region(), range(3, 6))  # by the old key, while both are pinned
    await drained(town)
    await restart_region(town, new)
    await record_all(town.at_region(), range(6, 9))
    await drained(town)
    await restart_centre(town, new)
    await record_all(town.at_region(), range(9, 12))
    await drained(town)

    stages = (await town.at_region().get("/v1/fairness")).json()
    assert stages["permitted"] == 12
    refused = town.stranger(town.centre)
    refused.headers[SIGNATURE_HEADER] = sign_message(old, PURPOSE, b"")
    assert (await refused.get(PATH)).json()["code"] == "region-key-unknown"
    fired()


@pytest.mark.fault("A1")
async def test_a_region_whose_key_expired_says_so_loses_nothing_and_goes_on_with_the_next(
    town: Town, fired: Fired, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(
        uplink.log, "warning", lambda event, **told: reasons.append(str(told.get("reason")))
    )
    now = town.clock.now()
    ended = new_key(REGION, live_from(now, -1))
    await restart_centre(town, ended)
    await restart_region(town, ended)

    recorded = await record_all(town.at_region(), range(4))
    await until(lambda: _heard("region-key-expired", reasons))
    health = (await town.at_region().get("/v1/health")).json()
    metrics = (await town.at_region().get("/metrics")).text
    fired(times=len(reasons))
    following = new_key(f"{REGION}#2", live_from(now, 300))
    await restart_centre(town, ended, following)
    await restart_region(town, following)
    await drained(town)
    await town.region.stop()

    assert len(recorded) == 4
    assert health["detail"]["keys"]["signing_key"]["state"] == "expired"
    assert 'tunggal_key_expires_seconds{what="signing_key"} -' in metrics


async def _heard(code: str, reasons: list[str]) -> bool:
    return code in reasons


@pytest.mark.fault("A1")
async def test_an_answer_by_an_expired_key_of_the_centre_is_no_answer(
    town: Town, fired: Fired, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(
        uplink.log, "warning", lambda event, **told: reasons.append(str(told.get("reason")))
    )
    public = json.loads(town.keys.centre_jwks.read_text())
    public["keys"][0]["exp"] = int(town.clock.now().timestamp()) - 1
    town.keys.centre_jwks.write_text(json.dumps(public))
    await town.region.stop()
    await town.start_region()

    await record_all(town.at_region(), range(2))
    await until(lambda: _heard("the centre's key has expired", reasons))
    queue = (await town.at_region().get("/v1/queue")).json()
    await town.region.stop()

    assert queue["acknowledged_seq"] == 0
    fired()


@pytest.mark.fault("A4")
async def test_a_stolen_region_key_signs_no_decision_and_is_revoked_by_unpinning_it(
    town: Town, fired: Fired
) -> None:
    stolen, next_key = town.keys.region_key(REGION), new_key(f"{REGION}#2")
    client = town.stranger(town.centre)
    client.headers[SIGNATURE_HEADER] = sign_message(stolen, PURPOSE, b"")
    assert (await client.get(PATH)).status_code == 200
    elsewhere = f"/v1/regions/{NEIGHBOUR}/position"
    client.headers[SIGNATURE_HEADER] = sign_message(stolen, f"GET {elsewhere}", b"")
    assert (await client.get(elsewhere)).json()["code"] == "signed-by-another-region"

    await restart_centre(town, next_key)
    await restart_region(town, next_key)
    (recorded,) = await record_all(town.at_region(), [1])
    await drained(town)

    client.headers[SIGNATURE_HEADER] = sign_message(stolen, PURPOSE, b"")
    assert (await client.get(PATH)).json()["code"] == "region-key-unknown"
    told = (await town.at_region().get(f"/v1/recordings/{recorded}")).json()
    assert told["stage"] == "printable"
    fired()


@pytest.fixture
async def office(databases: Databases) -> AsyncIterator[Database]:
    async with databases.fresh("regional") as url:
        database = Database(url)
        try:
            await lay_positions(database, REGION)
            yield database
        finally:
            await database.close()


CENTRE, THIEF = new_key("centre"), new_key(REGION)
HOLDER = an_arrival(1)


def by(key: SigningKey, region: str = REGION) -> SignedPermission:
    permitter = Permitter(key, 1, timedelta(days=730))
    return permitter.sign(region, new_id(), RECORDING.validate_json(HOLDER.body), NOON)


def ended_before(noon: datetime) -> dict[str, object]:
    return {"keys": [new_key("centre").public_jwk | CENTRE.public_jwk | {"exp": _at(noon - DAY)}]}


def _at(moment: datetime) -> int:
    return int(moment.timestamp())


NOT_PRINTED: dict[str, tuple[SignedPermission, dict[str, object]]] = {
    "by-a-stolen-region-key": (by(THIEF), jwks_of([CENTRE])),
    "by-a-region-key-that-calls-itself-the-centre": (by(new_key("centre")), jwks_of([CENTRE])),
    "for-another-office": (by(CENTRE, NEIGHBOUR), jwks_of([CENTRE])),
    "by-a-key-that-had-ended": (by(CENTRE), ended_before(NOON)),
}


@pytest.mark.fault("A4")
@pytest.mark.parametrize("case", NOT_PRINTED)
async def test_a_permission_that_is_not_the_centres_for_this_office_prints_nothing(
    office: Database, fired: Fired, case: str
) -> None:
    signed, jwks = NOT_PRINTED[case]
    authorization_id = await permitted(office, HOLDER, signed)

    with pytest.raises(PermissionNotValid):
        await spend(office, jwks, authorization_id)
    fired()


async def spend(database: Database, jwks: dict[str, object], authorization_id: UUID) -> None:
    async with database.begin() as transaction:
        await printing.spend(
            transaction,
            Office(REGION, zone_of("WIB"), PinnedKeys(jwks)),
            authorization_id,
            "BLK-1",
            "officer-12",
            NOON + DAY,
        )


async def test_a_permission_outlives_the_key_that_signed_it(office: Database) -> None:
    jwks = {"keys": [CENTRE.public_jwk | {"exp": _at(NOON + timedelta(minutes=1))}]}
    authorization_id = await permitted(office, HOLDER, by(CENTRE))

    await spend(office, jwks, authorization_id)


def test_the_region_says_once_a_day_that_its_key_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for level in ("warning", "error"):
        monkeypatch.setattr(watching.log, level, lambda event, **told: said.append(event))
    clock = ManualClock(NOON)
    watch = KeyWatch(Credentials(new_key(REGION, Life(NOON, NOON + 90 * DAY))), REGION, clock)
    counts = []
    for _ in range(92):
        said.clear()
        for _ in range(6):
            watch.look()
            clock.advance(DAY / 6)
        counts.append(list(said))

    assert counts[:59] == [[]] * 59
    assert counts[61:89] == [["key.expires_soon"]] * 28
    assert counts[91] == ["key.expired"]
