"""Irises for tests: random codes, equal where the eye is, with errors where the take was poor.

They have no statistics worth the name; those of services.simulator.irises do.
"""

import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from services.central.penunggalan import gallery
from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.compare import delta
from services.central.penunggalan.iris.matcher import GalleryIncomplete, Probe, Search
from shared.contracts.recording import Recording
from shared.database.engine import Database
from shared.iris import COLUMNS, FORMAT, Words, data_of
from shared.iris_keys import GalleryKeys
from shared.sealing import KeyRing, Secret
from tests.recordings import a_recording

# The gallery's key in tests: known to every test, and to the processes they start.
SECRET = Secret("of-the-tests", bytes(range(100, 132)))
KEYS = GalleryKeys(KeyRing(Path("no-file"), [SECRET]))


def write_keys(path: Path, *secrets: Secret) -> Path:
    """A key file; the newest comes last."""
    keys = [
        {"kty": "oct", "kid": one.kid, "k": urlsafe_b64encode(one.secret).decode()}
        for one in secrets
    ]
    path.write_text(json.dumps({"keys": keys}))
    return path


def an_eye(seed: int, take: int = 0, poor: float = 0.1) -> Words:
    """Eye `seed` as it was taken for the `take`-th time; `poor`: share of bits that came wrong."""
    code = np.random.default_rng([seed, 1]).integers(0, 2**64, COLUMNS, np.uint64)
    if take:
        errors = np.random.default_rng([seed, take]).random((COLUMNS, 64)) < poor
        code = code ^ np.packbits(errors, axis=1, bitorder="little").view(np.uint64).ravel()
    return np.stack([code, np.full(COLUMNS, 2**64 - 1, np.uint64)])


def covered(eye: Words, columns: int) -> Words:
    """The eye, of which only so many of the 256 columns can be trusted."""
    mask = eye[1].copy()
    mask[columns:] = 0
    return np.stack([eye[0], mask])


def templates(left: Words | None, right: Words | None) -> dict[str, Any]:
    eyes = {"iris_left": left, "iris_right": right}
    return {
        name: {"format": FORMAT, "data": data_of(eye)}
        for name, eye in eyes.items()
        if eye is not None
    }


def seen(number: int, left: Words | None, right: Words | None, **changes: Any) -> Recording:
    """A recording under the NIK of person `number`, with these eyes."""
    given = a_recording(number, **changes)
    return a_recording(
        number,
        given.recording_id,
        **changes,
        biometrics=given.biometrics.model_dump(mode="json") | {"templates": templates(left, right)},
    )


def a_person(number: int, eyes: int | None = None, take: int = 0, **changes: Any) -> Recording:
    """Person `eyes` (else `number`) recorded under the NIK of person `number`."""
    seed = number if eyes is None else eyes
    return seen(number, an_eye(2 * seed, take), an_eye(2 * seed + 1, take), **changes)


class PlainMatcher:
    """Reads every row and compares it in full: what any matcher here must agree with.

    `missing`: a part of the gallery is away.
    """

    def __init__(self, database: Database, keys: GalleryKeys = KEYS) -> None:
        self.database = database
        self.keys = keys
        self.missing = False
        self.searches = 0

    async def search(self, probes: Any, position: int, *, exhaustive: bool = False) -> Search:
        self.searches += 1
        if self.missing:
            raise GalleryIncomplete
        async with self.database.begin() as transaction:
            rows = await gallery.rows_between(transaction, 0, position, self.keys)
        removed: set[UUID] = {row.recording_id for row in rows if row.kind == gallery.REMOVED}
        left = [row for row in rows if row.recording_id not in removed]
        likenesses = delta(probes, left, thresholds.for_gallery(len(left)))
        return Search(position, len(left), likenesses)


def probe_of(recording: Recording, eye: Words) -> Probe:
    return Probe(recording.recording_id, eye, None)
