"""A region's keys in tests: handed in, approved by two, and what the centre says of a signature."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.contracts.region_keys import fingerprint_of, kid_of, request_of
from shared.roles import Role, make_token
from shared.signing import SIGNATURE_HEADER, SigningKey, new_key, sign_message
from tests.town import REGION, Town

DAYS = 300
LIFETIME_MINUTES = 30


def a_key(region: str = REGION) -> SigningKey:
    """With the name that enrolment gives."""
    made = new_key(region)
    return made.called(kid_of(region, made.x))


def key_path(key: SigningKey, act: str = "") -> str:
    region, _, suffix = key.kid.partition("#")
    return f"/v1/regions/{region}/keys/{suffix or 'pinned'}{act}"


@dataclass
class KeyWorld:
    """Officers and regions at a running centre's doors."""

    town: Town

    async def post(self, path: str, body: Any, officer: str | None = None, **headers: str) -> Any:
        client = self.town.stranger(self.town.centre)
        if officer is not None:
            headers["authorization"] = f"Bearer {self._token(officer)}"
        answer = await client.post(path, json=body, headers=headers)
        return answer.json()

    def _token(self, officer: str) -> str:
        return make_token(
            self.town.keys.issuer_key(),
            officer,
            [Role.OPERATIONS],
            None,
            timedelta(minutes=LIFETIME_MINUTES),
            self.town.clock.now(),
        )

    async def hand_in(
        self, key: SigningKey, by: SigningKey | None = None, region: str = REGION
    ) -> Any:
        """As a region does, `by` its present key or by nothing but the new one."""
        body = request_of(key, region, DAYS).model_dump_json().encode()
        path = f"/v1/regions/{region}/keys"
        headers = {"content-type": "application/json"}
        if by is not None:
            headers[SIGNATURE_HEADER] = sign_message(by, f"POST {path}", body)
        client = self.town.stranger(self.town.centre)
        return (await client.post(path, content=body, headers=headers)).json()

    async def approve(self, key: SigningKey, officer: str, fingerprint: str | None = None) -> Any:
        said = {
            "fingerprint": fingerprint or fingerprint_of(key.x),
            "reason": "read out by phone",
        }
        return await self.post(key_path(key, "/approval"), said, officer)

    async def end(self, key: SigningKey, officer: str, how: str = "revocation") -> Any:
        said = {"reason": "the server was stolen"}
        return await self.post(key_path(key, f"/{how}"), said, officer)

    async def enrolled(self, region: str = REGION) -> SigningKey:
        """A key that counts, by two officers' word."""
        key = a_key(region)
        await self.hand_in(key, region=region)
        await self.approve(key, "pusat-1")
        word = await self.approve(key, "pusat-2")
        assert word["state"] == "active", json.dumps(word)
        return key

    async def asked(self, key: SigningKey, region: str = REGION) -> str:
        """The code with which the centre refuses a question of this key, or "heard"."""
        path = f"/v1/regions/{region}/position"
        client = self.town.stranger(self.town.centre)
        client.headers[SIGNATURE_HEADER] = sign_message(key, f"GET {path}", b"")
        answer = await client.get(path)
        return "heard" if answer.status_code == 200 else str(answer.json()["code"])
