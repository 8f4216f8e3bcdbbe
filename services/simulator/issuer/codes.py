"""What the development issuer answers to, and what a code stands for. Pure."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from services.simulator.issuer.officers import Officer

CODE_LIVES = timedelta(seconds=60)
TOKEN_LIVES = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Client:
    """Who may send officers here, and the only places they are sent back to."""

    client_id: str
    secret: str
    redirects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be answered; what the officer chose is not in it."""

    client_id: str
    redirect: str
    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code stands for, until it is used or too old."""

    asked: Asked
    officer: Officer
    at: datetime


class NotAnswered(Exception):
    """A request that is answered here, and sent nowhere."""


def asked_of(query: Mapping[str, str], clients: Mapping[str, Client]) -> Asked:
    """Raises NotAnswered for all but a code request with PKCE to a known place."""
    client = clients.get(query.get("client_id", ""))
    redirect = query.get("redirect_uri", "")
    if client is None or redirect not in client.redirects:
        raise NotAnswered("An unknown client, or a place that is not its own.")
    if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
        raise NotAnswered("Only codes are given, for the scope openid.")
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        raise NotAnswered("A code needs PKCE with S256.")
    if not query.get("state") or not query.get("nonce"):
        raise NotAnswered("A state and a nonce are needed.")
    return Asked(
        client.client_id, redirect, query["state"], query["nonce"], query["code_challenge"]
    )


def may_exchange(
    granted: Granted, client: Client, redirect: str, verifier: str, now: datetime
) -> bool:
    """Whether this is the client, the place and the verifier that the code was asked with."""
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return (
        now < granted.at + CODE_LIVES
        and granted.asked.client_id == client.client_id
        and granted.asked.redirect == redirect
        and compare_digest(challenge, granted.asked.challenge)
    )


def claims_of(
    officer: Officer, issuer: str, audience: str, session: str, now: datetime
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": officer.subject,
        "sid": session,
        "roles": [role.value for role in officer.roles],
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LIVES).timestamp()),
    }
    if officer.region is not None:
        told["region"] = officer.region
    if officer.office is not None:
        told["office"] = officer.office
    return told
