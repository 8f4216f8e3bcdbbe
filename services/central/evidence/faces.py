"""Faces for whoever may look at them: which are here, and one of them as a browser can show it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.central.evidence import store
from shared.contracts.recording import Modality
from shared.database.engine import Transaction
from shared.evidence.store import EvidenceStore


@dataclass(frozen=True, slots=True)
class Faces:
    """Images that came whole, with the hash their recording names."""

    images: EvidenceStore

    async def here(
        self, transaction: Transaction, recordings: Collection[tuple[str, UUID]]
    ) -> set[UUID]:
        """Of (region, recording id), those whose face image is here."""
        return await store.received(transaction, recordings, Modality.FACE.value)

    async def read(self, region: str, recording_id: UUID) -> bytes:
        """Raises FileNotFoundError, and OSError when the store does not answer."""
        return await self.images.read_whole(f"{region}/{recording_id}/{Modality.FACE.value}")
