"""Working copies: what an office itself must read of whom it recorded, under its own key.

Biodata, and the hashes of the images it awaits; no template, nothing of irises and fingers. The
key lies in a file beside the region's other keys, so a copy of the database alone shows nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from shared.contracts.recording import BIODATA, RECORDING, Biodata, Modality
from shared.sealed.body import bound_to
from shared.sealed.keys import SecretKeys
from shared.sealing import Harmed, KeyMissing

_MODALITIES = tuple(Modality)
_RANKS = {modality: rank for rank, modality in enumerate(Modality)}
_HASH_BYTES = 32
_PURPOSE = b"working copy"
_NO_CONTENT = b""


class WorkingCopy(NamedTuple):
    """What a region knows of one it recorded."""

    biodata: Biodata
    images: Mapping[Modality, str]  # SHA-256, hex


def seal_copy(
    keys: SecretKeys, recording_id: UUID, biodata: bytes, images: Mapping[Modality, str]
) -> bytes:
    """biodata: a recording's canonical JSON up to its biometrics, not closed."""
    ranks = bytes([_RANKS[modality] for modality in images])
    hashes = bytes.fromhex("".join(images.values()))
    plain = bytes((len(ranks),)) + ranks + hashes + biodata + b"}"
    kid = keys.kid.encode()
    return bytes((len(kid),)) + kid + keys.seal(plain, _bound(recording_id))


def open_copy(keys: SecretKeys | None, recording_id: UUID, kept: bytes) -> WorkingCopy:
    """Read what is kept of a recording: its sealed copy, or the whole of one in clear.

    Raises KeyMissing, Harmed.
    """
    if kept.startswith(b"{"):  # written before there was a key of the centre to seal to
        recording = RECORDING.validate_json(kept)
        return WorkingCopy(recording, recording.biometrics.images)
    kid = kept[1 : 1 + kept[0]].decode("ascii", "replace") if kept else ""
    if keys is None:
        raise KeyMissing(kid)
    plain = keys.open(kid, kept[1 + kept[0] :], _bound(recording_id))
    hashes_at = 1 + plain[0]
    end = hashes_at + plain[0] * _HASH_BYTES
    hashes, length = plain[hashes_at:end].hex(), 2 * _HASH_BYTES
    try:
        images = {
            _MODALITIES[rank]: hashes[place : place + length]
            for rank, place in zip(plain[1:hashes_at], range(0, len(hashes), length), strict=True)
        }
        return WorkingCopy(BIODATA.validate_json(plain[end:]), images)
    except (IndexError, ValueError) as fault:
        raise Harmed from fault


def _bound(recording_id: UUID) -> bytes:
    return bound_to(recording_id, _NO_CONTENT, _PURPOSE)
