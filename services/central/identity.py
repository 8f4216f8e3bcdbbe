"""Who speaks: which region, proved by its signature, and which life of the centre."""

from dataclasses import dataclass

from fastapi import Request

from shared.refusals import Refusal
from shared.signing import SIGNATURE_HEADER, BadSignature, PinnedKeys, verify_message


@dataclass(slots=True)
class Incarnation:
    """Which life of the centre this is: the epoch rises when it is restored from a backup.

    Read from the database at start; until then it is 0, which nobody accepts.
    """

    epoch: int = 0


class RegionNotProven(Refusal):
    """The request is not signed by a key the centre has pinned for this region.

    A region signs each batch's manifest, and each question's method and path, with its Ed25519 key.
    """

    code, status = "region-not-proven", 401
    title = "The region's signature is missing or not valid"
    next_action = "Check the region's key file and that the centre holds its public key."
    next_action_id = "Periksa berkas kunci daerah dan kunci publiknya di pusat."


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions' pinned public keys; a key's `kid` is its region's code, "61.72" or "61.72#2"."""

    keys: PinnedKeys

    @property
    def codes(self) -> set[str]:
        return {_region_of(kid) for kid in self.keys.kids}

    def prove(self, request: Request, region: str, purpose: str, body: bytes) -> None:
        """Refuses: RegionNotProven."""
        token = request.headers.get(SIGNATURE_HEADER, "")
        try:
            kid = verify_message(self.keys, purpose, body, token)
        except BadSignature:
            raise RegionNotProven from None
        if _region_of(kid) != region:
            raise RegionNotProven

    def prove_question(self, request: Request, region: str) -> None:
        """A GET is signed over its path and query. Refuses: RegionNotProven."""
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.prove(request, region, f"GET {path}", b"")


def _region_of(kid: str) -> str:
    return kid.split("#", 1)[0]
