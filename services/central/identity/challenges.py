"""Challenges, and the messages already heard under each: what is captured cannot be sent again.

A challenge is when it was given, by the centre's clock, under a code that only the centre can make:
nothing is kept of those given. What was heard is kept for as long as its challenge is fresh, in
this process; after a start only challenges given since are fresh. A message may so be heard once by
each process of a centre, and never later than CHALLENGE_SECONDS_MAX.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import Clock
from shared.contracts.challenges import (
    CHALLENGE_HEADER,
    ONCE,
    ONCE_HEADER,
    PROBLEM_HEADER,
    REPLAYED,
    STALE,
)
from shared.refusals import Refusal
from shared.signing import SigningKey

CHALLENGE_SECONDS_MAX = 900  # longer than the slowest line needs for a batch
HEARD_EACH_MAX = 4_096  # messages of one region that are remembered
MOMENT_BYTES, CODE_BYTES = 8, 16
REGION_PATHS = "/v1/regions/"
_SECRET_TYPE = "tunggal-challenges"  # noqa: S105 a purpose, not a secret


class ChallengeStale(Refusal):
    """The message answers a challenge that is too old, or none; nothing of it was kept.

    The answer carries a fresh one (`Tunggal-Challenge`).
    """

    code, status = STALE, 401
    title = "The message answers no fresh challenge"
    next_action = "The region's server sends it again by itself; upgrade one that never does."
    next_action_id = "Server daerah mengirim ulang sendiri; perbarui program yang tidak."


class Replayed(Refusal):
    """This very message was heard before: somebody captured it, or the line doubled it.

    Nothing was done. A region that missed the answer says the same in a new message.
    """

    code, status = REPLAYED, 409
    title = "This message was sent before"
    next_action = "Nothing, if it happens now and then; often: use TLS, somebody is on the line."
    next_action_id = "Abaikan bila jarang; bila sering, pakai TLS karena jalur disadap."


@dataclass(slots=True)
class _Heard:
    not_before: int  # milliseconds: challenges given earlier are not fresh for this region
    once: dict[str, int] = field(default_factory=dict)  # what was heard, and when its challenge was


@dataclass(slots=True)
class Challenges:
    """is_required: whether messages without one are refused, as older programs send them."""

    key: SigningKey
    clock: Clock
    is_required: bool = False
    _secret: bytes = field(init=False)
    _began: int = field(init=False)
    _heard: dict[str, _Heard] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Ed25519 signs the same alike each time: all processes of a centre have this secret.
        self._secret = sha256(self.key.sign(b"", _SECRET_TYPE).encode()).digest()
        self._began = self._now() + 1

    def give(self) -> str:
        """One for whoever asks: it is no secret, and no proof of anything."""
        # Never before this start, or a clock put back would make all we give stale.
        moment = max(self._now(), self._began).to_bytes(MOMENT_BYTES, "big")
        return urlsafe_b64encode(moment + self._code(moment)).decode()

    def check(self, request: Request, region: str) -> None:
        """Call it after the signature was found good. Refuses: ChallengeStale, Replayed."""
        once = request.headers.get(ONCE_HEADER)
        if once is None:
            if self.is_required:
                raise _stale()
            return
        given = self._given(once)
        heard = self._heard.setdefault(region, _Heard(self._began))
        if given is None or given < heard.not_before or self._is_old(given):
            raise _stale()
        if once in heard.once:
            raise Replayed(headers={PROBLEM_HEADER: REPLAYED})
        heard.once[once] = given
        if len(heard.once) > HEARD_EACH_MAX:
            self._make_room(heard)

    def _make_room(self, heard: _Heard) -> None:
        """Forget the older half; what it answered is not fresh for this region any more."""
        by_age = sorted(heard.once.items(), key=lambda one: one[1])
        kept = by_age[len(by_age) // 2 :]
        heard.not_before = by_age[len(by_age) // 2 - 1][1] + 1
        heard.once = {once: given for once, given in kept if given >= heard.not_before}

    def _given(self, once: str) -> int | None:
        """When the challenge in it was given, in milliseconds; None when it is none of ours."""
        if not ONCE.fullmatch(once):
            return None
        raw = urlsafe_b64decode(once.partition(".")[0])
        moment, code = raw[:MOMENT_BYTES], raw[MOMENT_BYTES:]
        is_ours = hmac.compare_digest(code, self._code(moment))
        return int.from_bytes(moment, "big") if is_ours else None

    def _code(self, moment: bytes) -> bytes:
        return hmac.digest(self._secret, moment, "sha256")[:CODE_BYTES]

    def _is_old(self, given: int) -> bool:
        return self._now() - given > CHALLENGE_SECONDS_MAX * 1_000

    def _now(self) -> int:
        return int(self.clock.now().timestamp() * 1_000)


def _stale() -> ChallengeStale:
    return ChallengeStale(headers={PROBLEM_HEADER: STALE})


@dataclass(frozen=True)
class ChallengeTold:
    """Puts a fresh challenge beside every answer to a region."""

    app: ASGIApp
    challenges: Challenges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(REGION_PATHS):
            await self.app(scope, receive, send)
            return

        async def with_challenge(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[CHALLENGE_HEADER] = self.challenges.give()
            await send(message)

        await self.app(scope, receive, with_challenge)
