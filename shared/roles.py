"""Who may call: short-lived bearer tokens (JWT, `alg: Ed25519`) with roles; keys are pinned.

A token is believed only if a key from the settings signed it: never a key, or an address of one,
that the token itself brings. Region-bound tokens (claim `region`) count at that region's server
only. A token without a region counts at the centre, and at a region for operations alone. A token
may be bound to one office of its region, too (claim `office`, such as 61.72.01).
"""

import asyncio
import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import httpx
import structlog
from fastapi import Depends, Request

from shared.clock import Clock
from shared.outside import read_json
from shared.refusals import Forbidden, TokenKeysUnavailable, Unauthenticated
from shared.signing import BadSignature, PinnedKeys, SigningKey
from shared.visits import vouched_by_bearer

AUDIENCE = "tunggal"
ISSUER = "tunggal-local"
TYPE = "JWT"
LIFETIME_MAX = timedelta(hours=12)
SUBJECT_CHARACTERS_MAX = 64
LEEWAY_SECONDS = 30
REMEMBERED_TOKENS_MAX = 4_096
KEYS_REFRESH_SECONDS = 60.0
KEYS_RETRY_SECONDS = 2.0
KEYS_AGE_SECONDS_MAX = 600.0
KEYS_ANSWER_SECONDS_MAX = 5.0

log = structlog.get_logger()


class Role(StrEnum):
    OFFICER = "officer"
    HEAD_OF_OFFICE = "head_of_office"
    ADJUDICATOR = "adjudicator"
    PRINTER = "printer"
    OPERATIONS = "operations"


# A region's code and what the region calls the office by: a district's number, or a word.
OFFICE = re.compile(r"[0-9]{2}\.[0-9]{2}\.[a-z0-9-]{1,20}")
# At a region only operations act from outside: everybody else belongs to an office.
OUTSIDE_ROLES_AT_A_REGION = frozenset({Role.OPERATIONS})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an id, never a name. office: the only one they act for; None: all of the region.

    What concerns the whole region is not for whoever is bound to one office (`needs_whole_region`).
    """

    subject: str
    roles: frozenset[Role]
    region: str | None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    expires_at: int


class OtherIssuer(Protocol):
    """Somebody else's issuer whose access tokens count here, too."""

    def is_of(self, token: str) -> bool:
        """Whether a token says it is from there; nothing of it is believed yet."""
        ...

    async def admit(self, token: str) -> tuple[Caller, int]:
        """Whom it names, and when it ends, in seconds. Refuses: Unauthenticated, Forbidden."""
        ...


class Gate:
    """Tells callers from tokens; one per service, in `app.state.gate`."""

    def __init__(
        self,
        jwks: str,
        issuer: str,
        clock: Clock,
        region: str | None = None,
        other: OtherIssuer | None = None,
    ) -> None:
        """jwks: path of a JWKS file, or its http(s) address."""
        self._other = other
        self._source = jwks
        self._issuer = issuer
        self._clock = clock
        self._region = region
        self._keys = PinnedKeys({})
        self._has_keys = False
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def admit(self, header: str | None, roles: frozenset[Role]) -> Caller:
        """The caller behind an Authorization header. Refuses: Unauthenticated, Forbidden."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("No bearer token came with the request.")
        caller = (await self._known(token)).caller
        vouched_by_bearer(caller.subject, caller.roles)
        if not caller.roles & roles:
            raise Forbidden(extra={"needs": sorted(roles)})
        return caller

    async def admit_until(self, token: str) -> tuple[Caller, datetime]:
        """The caller behind a token, and when the token ends. Refuses: Unauthenticated."""
        known = await self._known(token)
        return known.caller, datetime.fromtimestamp(known.expires_at, UTC)

    async def _known(self, token: str) -> _Remembered:
        if self._other is not None and self._other.is_of(token):
            return _Remembered(*await self._other.admit(token))
        if time.monotonic() - self._read_at > KEYS_AGE_SECONDS_MAX:
            await self._reread_keys()
        mark = sha256(token.encode()).digest()
        now = self._clock.now()
        known = self._remembered.get(mark)
        if known is not None and now.timestamp() < known.expires_at + LEEWAY_SECONDS:
            self._remembered.move_to_end(mark)
            return known
        found = _Remembered(*self._read(await self._claims(token), now))
        self._remembered[mark] = found
        if len(self._remembered) > REMEMBERED_TOKENS_MAX:
            self._remembered.popitem(last=False)
        return found

    async def _claims(self, token: str) -> Mapping[str, Any]:
        tried = self._keys
        claims = self._verified(token)
        if claims is None:
            await self._reread_keys()
            # Whoever read them: many callers may have waited for one reading.
            claims = self._verified(token) if self._keys is not tried else None
        if claims is None:
            raise bad_token()
        return claims

    def _verified(self, token: str) -> Mapping[str, Any] | None:
        try:
            claims = json.loads(self._keys.verify(token, TYPE).payload)
        # A header nested thousands deep exhausts the parser before any signature is looked at.
        except (BadSignature, ValueError, RecursionError):
            return None
        return claims if isinstance(claims, dict) else None

    async def _reread_keys(self) -> None:
        """Read the keys anew: an unknown one may be a rotated one.

        At most once in KEYS_REFRESH_SECONDS, so forged tokens cannot make us ask the issuer often.
        Refuses: TokenKeysUnavailable, while there are no keys at all.
        """
        async with self._reading:
            pause = KEYS_REFRESH_SECONDS if self._has_keys else KEYS_RETRY_SECONDS
            if time.monotonic() - self._read_at >= pause:
                self._read_at = time.monotonic()
                await self._read_keys()
            if not self._has_keys:
                raise TokenKeysUnavailable

    async def _read_keys(self) -> None:
        try:
            if self._source.startswith(("http://", "https://")):
                async with httpx.AsyncClient(
                    timeout=KEYS_ANSWER_SECONDS_MAX, trust_env=False
                ) as http:
                    found = await read_json(http, self._source, KEYS_ANSWER_SECONDS_MAX)
            else:
                found = json.loads(Path(self._source).read_text())
            # An issuer may publish keys for other purposes beside ours.
            ours = [key for key in found["keys"] if key.get("crv") == "Ed25519" and "kid" in key]
            keys = PinnedKeys({"keys": ours})
        # Whatever an issuer may answer instead of a key set: JoseError is a ValueError or not.
        except Exception as trouble:  # noqa: BLE001
            log.warning("token_keys.not_read", trouble=type(trouble).__name__)
            return
        self._keys, self._has_keys = keys, True
        # A key that was withdrawn takes its tokens with it.
        self._remembered.clear()

    def _read(self, claims: Mapping[str, Any], now: datetime) -> tuple[Caller, int]:
        issued_at, expires_at = claims.get("iat"), claims.get("exp")
        not_before = claims.get("nbf", issued_at)
        subject, roles = claims.get("sub"), claims.get("roles")
        if (
            claims.get("iss") != self._issuer
            or claims.get("aud") != AUDIENCE
            or not (isinstance(subject, str) and 0 < len(subject) <= SUBJECT_CHARACTERS_MAX)
            or not isinstance(roles, list)
            or type(issued_at) is not int
            or type(expires_at) is not int
            or type(not_before) is not int
            or now.timestamp() < not_before - LEEWAY_SECONDS
            or not 0 < expires_at - issued_at <= LIFETIME_MAX.total_seconds()
            or not issued_at - LEEWAY_SECONDS <= now.timestamp() < expires_at + LEEWAY_SECONDS
        ):
            raise bad_token()
        known = frozenset(role for role in Role if role.value in roles)
        caller = caller_at(self._region, subject, known, claims.get("region"), claims.get("office"))
        return caller, expires_at


def caller_at(
    here: str | None, subject: str, roles: frozenset[Role], region: object, office: object
) -> Caller:
    """The caller as this server takes them, from claims that were proven. Refuses: Forbidden.

    here: this server's region; None: the centre.
    """
    if region is None and here is not None:
        roles &= OUTSIDE_ROLES_AT_A_REGION
        if not roles:
            raise Forbidden("This token names no region.")
    elif region != here:
        raise Forbidden("This token is for another region.")
    if office is None:
        return Caller(subject, roles, here if region is not None else None)
    if region is None or not isinstance(office, str) or not OFFICE.fullmatch(office):
        raise Forbidden("This token names an office that is none.")
    if not office.startswith(f"{region}."):
        raise Forbidden("This token is for an office of another region.")
    return Caller(subject, roles, here, office)


def bad_token() -> Unauthenticated:
    """One answer for every doubt: which one it was would help only somebody who guesses."""
    return Unauthenticated(
        "The token is not valid here, or no longer.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


class NeedsRoles:
    """A dependency that admits callers with one of its roles; the OpenAPI page names them."""

    def __init__(self, roles: frozenset[Role], *, is_of_whole_region: bool = False) -> None:
        self.roles = roles
        self.is_of_whole_region = is_of_whole_region

    async def __call__(self, request: Request) -> Caller:
        gate: Gate = request.app.state.gate
        caller = await gate.admit(request.headers.get("authorization"), self.roles)
        if self.is_of_whole_region:
            refuse_one_office(caller)
        return caller


def refuse_one_office(caller: Caller) -> None:
    """What concerns the whole region is for whoever acts for all of it. Refuses: Forbidden."""
    if caller.office is not None:
        raise Forbidden("This concerns the whole region, and the token is for one office.")


def needs(*roles: Role) -> Any:
    """`caller: Annotated[Caller, needs(Role.OFFICER)]`. Refuses: Unauthenticated, Forbidden."""
    return Depends(NeedsRoles(frozenset(roles)))


def needs_whole_region(*roles: Role) -> Any:
    """The same, and bound to no single office."""
    return Depends(NeedsRoles(frozenset(roles), is_of_whole_region=True))


def make_token(
    key: SigningKey,
    subject: str,
    roles: list[Role],
    region: str | None,
    lifetime: timedelta,
    now: datetime,
    issuer: str = ISSUER,
    office: str | None = None,
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
    if office is not None:
        claims["office"] = office
    return key.sign(json.dumps(claims, separators=(",", ":")).encode(), TYPE)
