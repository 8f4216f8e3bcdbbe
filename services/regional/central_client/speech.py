"""How this region's words are signed: by its present key, and for one hearing only."""

from dataclasses import dataclass
from secrets import token_urlsafe

import httpx

from services.regional.central_client.own_key import OwnKey
from shared.contracts.challenges import (
    CHALLENGE,
    CHALLENGE_HEADER,
    ONCE_HEADER,
    PROBLEM_HEADER,
    STALE,
    once_purpose,
)
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

NONCE_BYTES = 12


@dataclass(slots=True)
class Speech:
    """Sign each try anew: a second one with the same signature would be taken for a replay."""

    key: SigningKey | OwnKey
    challenge: str | None = None  # the newest the centre gave; None: an older centre, or none yet

    def signed(self, purpose: str, content: bytes) -> dict[str, str]:
        """Headers that prove one message."""
        once = f"{self.challenge}.{token_urlsafe(NONCE_BYTES)}" if self.challenge else None
        # Asked at each word: it may have been replaced.
        signature = sign_message(self.key.present, once_purpose(purpose, once), content)
        return {SIGNATURE_HEADER: signature} | ({ONCE_HEADER: once} if once else {})

    def hear(self, response: httpx.Response) -> bool:
        """Keep the challenge an answer brought; whether to say the same again at once."""
        told = response.headers.get(CHALLENGE_HEADER, "")
        if CHALLENGE.fullmatch(told):
            self.challenge = told
            return bool(response.headers.get(PROBLEM_HEADER) == STALE)
        if self.challenge is not None and response.status_code == httpx.codes.UNAUTHORIZED:
            # The centre was put back to a program that does not know what we sign.
            self.challenge = None
            return True
        return False
