"""Open recordings, and seal what the centre itself derives from them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError

from services.central.vault import store
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Transaction, carried
from shared.sealed.body import KEY_PURPOSE, bound_to, is_sealed, take_apart
from shared.sealed.faults import Erased
from shared.sealed.keys import KEY_BYTES, NONCE_BYTES, SecretKeys, open_with
from shared.sealed.opener import Opener, open_parts
from shared.sealing import Harmed, KeyMissing

CARRIED = "vault"
NO_BODY = b""


class Lost(StrEnum):
    """Why there is nothing to read."""

    UNREADABLE = "unreadable"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Vault:
    """The centre's keys: those that open what regions sealed, and those that wrap its own."""

    opener: Opener
    keks: SecretKeys


@dataclass(frozen=True, slots=True)
class Body:
    """A recording's body as it came."""

    region: str
    recording_id: UUID
    body: bytes


def vault_of(transaction: Transaction) -> Vault:
    """Raises KeyMissing where its database was given no keys."""
    found = carried(transaction, CARRIED)
    if not isinstance(found, Vault):
        raise KeyMissing(CARRIED)
    return found


async def opened(transaction: Transaction, bodies: Sequence[Body]) -> list[bytes | Lost]:
    """Each body in clear: canonical JSON, exactly as it was sealed, or as it came.

    Raises KeyMissing when a key file lacks what it was sealed under: nothing is wrong with a
    recording then, and nothing may be decided.
    """
    found: list[bytes | Lost] = []
    elsewhere: list[int] = []
    for place, one in enumerate(bodies):
        if not is_sealed(one.body):
            found.append(one.body)
            continue
        try:
            found.append(vault_of(transaction).opener.open(one.body))
        except Harmed:
            found.append(Lost.UNREADABLE)
        except Erased:
            found.append(Lost.ERASED)
        except KeyMissing:
            found.append(Lost.UNREADABLE)
            elsewhere.append(place)
    if elsewhere:
        wrapped = await store.data_keys(
            transaction, [(bodies[place].region, bodies[place].recording_id) for place in elsewhere]
        )
        for place in elsewhere:
            found[place] = _open_rewrapped(transaction, bodies[place], wrapped)
    return found


def _open_rewrapped(
    transaction: Transaction, one: Body, wrapped: dict[tuple[str, UUID], store.WrappedKey]
) -> bytes | Lost:
    """One whose own key of the centre is retired: its data key was wrapped anew before that."""
    sealed = take_apart(one.body)
    key = wrapped.get((one.region, one.recording_id))
    if key is None:
        raise KeyMissing(sealed.kid)
    bound = bound_to(sealed.recording_id, sealed.content_sha256, KEY_PURPOSE)
    try:
        data_key = vault_of(transaction).keks.open(key.kek_id, key.wrapped, bound)
        return open_parts(sealed, data_key)
    except Harmed:
        return Lost.UNREADABLE


def in_clear(found: bytes | Lost) -> bytes:
    """What it says; nothing where there is nothing to read."""
    return NO_BODY if isinstance(found, Lost) else found


async def recordings(transaction: Transaction, bodies: Sequence[Body]) -> list[Recording | Lost]:
    """What each body says, in the same order. Raises KeyMissing as `opened` does."""
    found: list[Recording | Lost] = []
    for one, plain in zip(bodies, await opened(transaction, bodies), strict=True):
        if isinstance(plain, Lost):
            found.append(plain)
            continue
        try:
            said = RECORDING.validate_json(plain)
        except ValidationError:
            found.append(Lost.UNREADABLE)
        else:
            found.append(said if said.recording_id == one.recording_id else Lost.UNREADABLE)
    return found


async def recording(transaction: Transaction, one: Body) -> Recording | None:
    """One of them; None where there is nothing to read."""
    (found,) = await recordings(transaction, [one])
    return None if isinstance(found, Lost) else found


@dataclass(frozen=True, slots=True)
class SealedState:
    """A state of a person's data at rest."""

    kek_id: str
    wrapped_key: bytes
    body: bytes


def identity_place(nik: int, recording_id: UUID, version: int) -> bytes:
    """What the ciphertext of a state cannot be taken away from: its row."""
    return bound_to(recording_id, nik.to_bytes(8, "big"), b"identity %d" % version)


def seal_state(transaction: Transaction, bound: bytes, plain: bytes) -> SealedState:
    """Seal under a data key of its own, wrapped by the centre's KEK. bound: the row it is for."""
    keks = vault_of(transaction).keks
    key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    return SealedState(
        keks.kid, keks.seal(key, bound), nonce + AESGCM(key).encrypt(nonce, plain, bound)
    )


def open_state(transaction: Transaction, bound: bytes, state: SealedState) -> bytes:
    """Raises KeyMissing, Harmed; Erased for one whose key was destroyed."""
    if not state.wrapped_key:
        raise Erased
    key = vault_of(transaction).keks.open(state.kek_id, state.wrapped_key, bound)
    return open_with(AESGCM(key), state.body, bound)
