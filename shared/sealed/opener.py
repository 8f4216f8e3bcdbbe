"""Open sealed recordings at the centre."""

from collections import OrderedDict
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sealed.body import (
    KEY_PURPOSE,
    PART_NONCES,
    PARTS,
    SealedBody,
    bound_to,
    take_apart,
)
from shared.sealed.keys import KEY_BYTES, SealingKeys, open_with
from shared.sealing import Harmed

SESSIONS_MAX = 4_096


class Opener:
    """The centre's keys, and the sessions it has opened lately."""

    def __init__(self, keys: SealingKeys) -> None:
        self.keys = keys
        self._sessions: OrderedDict[tuple[str, bytes], AESGCM] = OrderedDict()

    def open(self, body: bytes) -> bytes:
        """A recording's canonical JSON, exactly as it was sealed.

        Raises Harmed, Erased, KeyMissing.
        """
        sealed = take_apart(body)
        return open_parts(sealed, self.data_key(sealed))

    def data_key(self, sealed: SealedBody) -> bytes:
        """Raises Harmed, KeyMissing."""
        bound = bound_to(sealed.recording_id, sealed.content_sha256, KEY_PURPOSE)
        return open_with(self._session(sealed.kid, sealed.session), sealed.wrapped_key, bound)

    def _session(self, kid: str, encapsulated: bytes) -> AESGCM:
        place = (kid, encapsulated)
        session = self._sessions.get(place)
        if session is None:
            key = self.keys.decapsulate(kid, encapsulated)
            if len(key) != KEY_BYTES:
                raise Harmed
            session = self._sessions[place] = AESGCM(key)
            if len(self._sessions) > SESSIONS_MAX:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end(place)
        return session


def open_parts(sealed: SealedBody, data_key: bytes) -> bytes:
    """Both parts with the recording's data key. Raises Harmed."""
    bound = bound_to(sealed.recording_id, sealed.content_sha256, b"")
    first, second = sealed.parts
    try:
        cipher = AESGCM(data_key)
        plain = cipher.decrypt(PART_NONCES[0], first, bound + PARTS[0]) + cipher.decrypt(
            PART_NONCES[1], second, bound + PARTS[1]
        )
    except (InvalidTag, ValueError) as fault:
        raise Harmed from fault
    if sha256(plain).digest() != sealed.content_sha256:
        raise Harmed
    return plain
