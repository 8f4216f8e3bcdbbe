"""What is believed of an issuer's answers. Pure: no clock, no network."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.oidc.plan import ClaimPlan, IssuerPlan
from shared.roles import LEEWAY_SECONDS, LIFETIME_MAX, SUBJECT_CHARACTERS_MAX, Role

# An ID token is made for the sign-in that waits for it.
ID_TOKEN_AGE_SECONDS_MAX = 600
_LOOPBACK = re.compile(r"127\.0\.0\.1|localhost|\[::1\]")


class Doubt(StrEnum):
    """Why somebody is not signed in: for the log, told to nobody else."""

    STATE = "state"
    ISSUER = "issuer"
    REFUSED = "refused"
    NO_CODE = "no-code"
    NO_TOKEN = "no-token"  # noqa: S105 a reason
    HEADER = "header"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    TIME = "time"
    NONCE = "nonce"
    SUBJECT = "subject"
    NO_ROLE = "no-role"
    PLACE = "place"
    METADATA = "metadata"


class NotBelieved(Exception):
    """An issuer's answer, or one that says it is, counts for nothing."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.value)
        self.doubt = doubt


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of an issuer's discovery document, what we use."""

    authorization: str
    token: str
    keys: str
    end_session: str | None
    says_issuer: bool  # in each answer to a sign-in (RFC 9207)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for its answer; only the browser it began in holds this."""

    state: str
    nonce: str
    verifier: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an issuer's claims name, before this server asks whether they belong here."""

    subject: str
    roles: frozenset[Role]
    region: object
    office: object


def is_safe(address: str) -> bool:
    """By https, or on this very machine."""
    parts = urlsplit(address)
    on_this_machine = parts.scheme == "http" and bool(_LOOPBACK.fullmatch(parts.hostname or ""))
    return (parts.scheme == "https" and bool(parts.hostname)) or on_this_machine


def metadata_of(document: object, issuer: str) -> Metadata:
    """Raises NotBelieved for another issuer's document, and for addresses anybody could read."""
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise NotBelieved(Doubt.METADATA)
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    places = [document.get(name) for name in needed]
    authorization, token, keys = (
        one if isinstance(one, str) and is_safe(one) else None for one in places
    )
    if authorization is None or token is None or keys is None:
        raise NotBelieved(Doubt.METADATA)
    end = document.get("end_session_endpoint")
    return Metadata(
        authorization,
        token,
        keys,
        end_session=end if isinstance(end, str) and is_safe(end) else None,
        says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def challenge_of(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def sign_in_address(metadata: Metadata, plan: IssuerPlan, begun: Begun) -> str:
    asked = {
        "response_type": "code",
        "client_id": plan.client_id,
        "redirect_uri": plan.redirect,
        "scope": plan.scopes,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge_of(begun.verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(metadata.authorization).query else "?"
    return f"{metadata.authorization}{joint}{urlencode(asked)}"


def code_of(answer: Mapping[str, str], begun: Begun, metadata: Metadata, issuer: str) -> str:
    """The code of an answer that belongs to this sign-in. Raises NotBelieved."""
    if not compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise NotBelieved(Doubt.STATE)
    told = answer.get("iss")
    # Another issuer's answer must not have its code handed to ours, nor ours to another's.
    if told != issuer and (told is not None or metadata.says_issuer):
        raise NotBelieved(Doubt.ISSUER)
    if "error" in answer:
        raise NotBelieved(Doubt.REFUSED)
    if not answer.get("code"):
        raise NotBelieved(Doubt.NO_CODE)
    return answer["code"]


def check_id_token(claims: Mapping[str, Any], plan: IssuerPlan, nonce: str, now: datetime) -> None:
    """Claims of a token whose signature was good. Raises NotBelieved (OIDC Core, 3.1.3.7)."""
    if claims.get("iss") != plan.issuer:
        raise NotBelieved(Doubt.ISSUER)
    audience = _audience(claims)
    party = claims.get("azp", plan.client_id if len(audience) == 1 else None)
    if plan.client_id not in audience or party != plan.client_id:
        raise NotBelieved(Doubt.AUDIENCE)
    issued_at, _ = _moments(claims, now)
    if now.timestamp() > issued_at + ID_TOKEN_AGE_SECONDS_MAX:
        raise NotBelieved(Doubt.TIME)
    told = claims.get("nonce")
    if not isinstance(told, str) or not compare_digest(told.encode(), nonce.encode()):
        raise NotBelieved(Doubt.NONCE)


def check_access_token(claims: Mapping[str, Any], plan: IssuerPlan, now: datetime) -> int:
    """Gives when it ends, in seconds. Raises NotBelieved."""
    if claims.get("iss") != plan.issuer:
        raise NotBelieved(Doubt.ISSUER)
    if plan.audience is None or plan.audience not in _audience(claims):
        raise NotBelieved(Doubt.AUDIENCE)
    issued_at, expires_at = _moments(claims, now)
    if expires_at - issued_at > LIFETIME_MAX.total_seconds():
        raise NotBelieved(Doubt.TIME)
    return expires_at


def person_of(claims: Mapping[str, Any], plan: ClaimPlan) -> Person:
    """Raises NotBelieved for nobody, and for somebody without a role of ours."""
    subject = claims.get(plan.subject)
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX:
        raise NotBelieved(Doubt.SUBJECT)
    told: Any = claims
    for member in plan.roles:
        told = told.get(member) if isinstance(told, dict) else None
    named = told if isinstance(told, list) else []
    roles = frozenset(
        plan.names[one] for one in named if isinstance(one, str) and one in plan.names
    )
    if not roles:
        raise NotBelieved(Doubt.NO_ROLE)
    return Person(subject, roles, claims.get(plan.region), claims.get(plan.office))


def _audience(claims: Mapping[str, Any]) -> list[Any]:
    told = claims.get("aud")
    return told if isinstance(told, list) else [told]


def _moments(claims: Mapping[str, Any], now: datetime) -> tuple[int, int]:
    """(issued, ends), with what the token says of its beginning heeded, too."""
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    not_before = claims.get("nbf", issued_at)
    if type(issued_at) is not int or type(expires_at) is not int or type(not_before) is not int:
        raise NotBelieved(Doubt.TIME)
    begins = max(issued_at, not_before) - LEEWAY_SECONDS
    if not begins <= now.timestamp() < expires_at + LEEWAY_SECONDS:
        raise NotBelieved(Doubt.TIME)
    return issued_at, expires_at
