"""Seal recordings at their region, in batches: no public-key work but once for each session."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.clock import Clock
from shared.contracts.recording import Modality
from shared.sealed.body import (
    KEY_PURPOSE,
    PART_NONCES,
    PARTS,
    SealedBody,
    bound_to,
    put_together,
    split,
)
from shared.sealed.copies import seal_copy
from shared.sealed.keys import KEY_BYTES, NONCE_BYTES, SealingTo, SecretKeys

# Whoever reads this process's memory reads what it still seals to: keep that little.
SESSION_RECORDINGS_MAX = 1_000
SESSION_AGE_MAX = timedelta(minutes=10)


class Sealed(NamedTuple):
    """A recording as it is written: the body that climbs, and what stays to be read here."""

    body: bytes
    sha256: bytes
    working_copy: bytes


@dataclass(slots=True)
class _Session:
    encapsulated: bytes
    key: AESGCM
    began_at: datetime
    recordings: int = 0


class Sealer:
    """Seals to one key of the centre."""

    def __init__(self, to: SealingTo, copies: SecretKeys, clock: Clock) -> None:
        self._to = to
        self._copies = copies
        self._clock = clock
        self._session: _Session | None = None

    def seal(
        self,
        recording_id: UUID,
        content_sha256: bytes,
        canonical: bytes,
        images: Mapping[Modality, str],
    ) -> Sealed:
        """canonical: the recording's one encoding, whose hash `content_sha256` is."""
        session = self._current()
        fresh = os.urandom(KEY_BYTES + NONCE_BYTES)
        key, nonce = fresh[:KEY_BYTES], fresh[KEY_BYTES:]
        bound = bound_to(recording_id, content_sha256, b"")
        first, second = split(canonical)
        cipher = AESGCM(key)
        body = put_together(
            SealedBody(
                recording_id,
                content_sha256,
                self._to.kid,
                session.encapsulated,
                nonce + session.key.encrypt(nonce, key, bound + KEY_PURPOSE),
                (
                    cipher.encrypt(PART_NONCES[0], first, bound + PARTS[0]),
                    cipher.encrypt(PART_NONCES[1], second, bound + PARTS[1]),
                ),
            )
        )
        copy = seal_copy(self._copies, recording_id, first, images)
        return Sealed(body, sha256(body).digest(), copy)

    def _current(self) -> _Session:
        session, now = self._session, self._clock.now()
        if (
            session is None
            or session.recordings >= SESSION_RECORDINGS_MAX
            or not timedelta(0) <= now - session.began_at < SESSION_AGE_MAX
        ):
            key = os.urandom(KEY_BYTES)
            session = _Session(self._to.encapsulate(key), AESGCM(key), now)
            self._session = session
        session.recordings += 1
        return session
