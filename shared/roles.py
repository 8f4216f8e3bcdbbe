"""Who may call: short-lived bearer tokens (JWT, `alg: Ed25519`) with roles; keys are pinned.

A token is believed only if a key from the settings signed it: never a key, or an address of one, that the
token itself brings. Region-bound tokens (claim `region`) count at that region's server only; tokens
without a region are for the centre and for operations everywhere.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from fastapi import Depends, Request
from fastapi.params import Depends as DependsMark
from fastapi.security import HTTPBearer

from shared.clock import Clock
from shared.refusals import DatabaseUnavailable, Forbidden, Unauthenticated
from shared.signing import BadSignature, PinnedKeys, SigningKey

AUDIENCE = "tunggal"
ISSUER = "tunggal-local"
TYPE = "JWT"
LIFETIME_MAX = timedelta(hours=12)
LEEWAY_SECONDS = 30
REMEMBERED_TOKENS_MAX = 4_096
KEYS_REFRESH_SECONDS = 60.0


class Role(StrEnum):
    OFFICER = "officer"
    HEAD_OF_OFFICE = "head_of_office"
    ADJUDICATOR = "adjudicator"
    PRINTER = "printer"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an id, never a name."""

    subject: str
    roles: frozenset[Role]
    region: str | None


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    expires_at: int


class Gate:
    """Tells callers from tokens; one per service, in `app.state.gate`."""

    def __init__(self, jwks: str, issuer: str, clock: Clock, region: str | None = None) -> None:
        """jwks: path of a JWKS file, or its http(s) address."""
        self._source = jwks
        self._issuer = issuer
        self._clock = clock
        self._region = region
        self._keys = PinnedKeys({})
        self._read_at = float("-inf")
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def admit(self, header: str | None, roles: frozenset[Role]) -> Caller:
        """The caller behind an Authorization header. Refuses: Unauthenticated, Forbidden."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        caller = await self._caller(token)
        if not caller.roles & roles:
            raise Forbidden(extra={"needs": sorted(roles)})
        return caller

    async def _caller(self, token: str) -> Caller:
        mark = sha256(token.encode()).digest()
        now = self._clock.now()
        known = self._remembered.get(mark)
        if known is not None and now.timestamp() < known.expires_at + LEEWAY_SECONDS:
            return known.caller
        caller, expires_at = self._read(await self._claims(token), now)
        self._remembered[mark] = _Remembered(caller, expires_at)
        if len(self._remembered) > REMEMBERED_TOKENS_MAX:
            self._remembered.popitem(last=False)
        return caller

    async def _claims(self, token: str) -> Mapping[str, Any]:
        for attempt in range(2):
            try:
                claims = json.loads(self._keys.verify(token, TYPE).payload)
            except (BadSignature, ValueError):
                if attempt == 0 and await self._reread_keys():
                    continue
                raise Unauthenticated from None
            if isinstance(claims, dict):
                return claims
            break
        raise Unauthenticated

    async def _reread_keys(self) -> bool:
        """True if the keys were read anew: an unknown one may be a rotated one."""
        if time.monotonic() - self._read_at < KEYS_REFRESH_SECONDS:
            return False
        try:
            if self._source.startswith(("http://", "https://")):
                async with httpx.AsyncClient(timeout=5.0, trust_env=False) as http:
                    found = (await http.get(self._source)).raise_for_status().json()
            else:
                found = json.loads(Path(self._source).read_text())
            self._keys = PinnedKeys(found)
        except (OSError, ValueError, httpx.HTTPError):
            raise DatabaseUnavailable("The keys of the token issuer cannot be read.") from None
        self._read_at = time.monotonic()
        return True

    def _read(self, claims: Mapping[str, Any], now: datetime) -> tuple[Caller, int]:
        issued_at, expires_at = claims.get("iat"), claims.get("exp")
        subject, roles = claims.get("sub"), claims.get("roles")
        if (
            claims.get("iss") != self._issuer
            or claims.get("aud") != AUDIENCE
            or not (isinstance(subject, str) and 0 < len(subject) <= 64)
            or not isinstance(roles, list)
            or type(issued_at) is not int
            or type(expires_at) is not int
            or not 0 < expires_at - issued_at <= LIFETIME_MAX.total_seconds()
            or not issued_at - LEEWAY_SECONDS <= now.timestamp() < expires_at + LEEWAY_SECONDS
        ):
            raise Unauthenticated
        known = frozenset(Role(role) for role in roles if role in {one.value for one in Role})
        region = claims.get("region")
        self._check_region(region, known)
        return Caller(subject, known, region), expires_at

    def _check_region(self, region: object, roles: frozenset[Role]) -> None:
        if region is None:
            # At a region only operations come from outside; everybody else belongs to an office.
            if self._region is not None and Role.OPERATIONS not in roles:
                raise Forbidden("This token names no region.")
        elif region != self._region:
            raise Forbidden("This token is for another region.")


_bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="role_token",
    description="A short-lived token naming roles; `tunggal token --role officer` makes one locally.",
)


class _NeedsRoles:
    """A dependency that admits callers with one of its roles; the OpenAPI page names them."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    async def __call__(self, request: Request) -> Caller:
        gate: Gate = request.app.state.gate
        return await gate.admit(request.headers.get("authorization"), self.roles)


def needs(*roles: Role) -> Any:
    """`caller: Annotated[Caller, needs(Role.OFFICER)]`. Refuses: Unauthenticated, Forbidden."""
    return Depends(_NeedsRoles(frozenset(roles)))


def roles_of(dependency: object) -> frozenset[Role] | None:
    """The roles a dependency asks for; None if it is not one of ours."""
    call: Callable[..., Any] | None = (
        dependency.dependency if isinstance(dependency, DependsMark) else None
    )
    return call.roles if isinstance(call, _NeedsRoles) else None


def make_token(
    key: SigningKey,
    subject: str,
    roles: list[Role],
    region: str | None,
    lifetime: timedelta,
    now: datetime,
    issuer: str = ISSUER,
) -> str:
    """A token for a local system. Raises ValueError for a lifetime over LIFETIME_MAX."""
    if not timedelta(0) < lifetime <= LIFETIME_MAX:
        raise ValueError(f"a token lives at most {LIFETIME_MAX}")
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": subject,
        "roles": [role.value for role in roles],
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    if region is not None:
        claims["region"] = region
    return key.sign(json.dumps(claims, separators=(",", ":")).encode(), TYPE)


BEARER = _bearer
