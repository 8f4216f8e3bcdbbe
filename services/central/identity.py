"""Who speaks: which region, proved by its signature."""

from dataclasses import dataclass, field

from fastapi import Request

from shared.clock import Clock, SystemClock
from shared.refusals import Refusal
from shared.signing import SIGNATURE_HEADER, BadSignature, ExpiredKey, PinnedKeys, verify_message


class RegionNotProven(Refusal):
    """The request is not signed by a key the centre has pinned for this region.

    A region signs each batch's manifest, and each question's method and path, with its Ed25519 key.
    """

    code, status = "region-not-proven", 401
    title = "The region's signature is missing or not valid"
    next_action = "Check the region's key file and that the centre holds its public key."
    next_action_id = "Periksa berkas kunci daerah dan kunci publiknya di pusat."


class RegionKeyExpired(Refusal):
    """The request is signed by the region's own key, whose time has ended.

    Nothing of it was kept, and nothing is lost: the region sends it again with its next key.
    """

    code, status = "region-key-expired", 401
    title = "The region's key has expired"
    next_action = "Make the region's next key, pin its public half at the centre, restart both."
    next_action_id = "Buat kunci baru, daftarkan kunci publiknya di pusat, mulai ulang keduanya."


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions' pinned public keys; a key's `kid` is its region's code, "61.72" or "61.72#2"."""

    keys: PinnedKeys
    clock: Clock = field(default_factory=SystemClock)

    @property
    def codes(self) -> set[str]:
        return {_region_of(kid) for kid in self.keys.kids}

    def prove(self, request: Request, region: str, purpose: str, body: bytes) -> None:
        """Refuses: RegionNotProven, RegionKeyExpired."""
        token = request.headers.get(SIGNATURE_HEADER, "")
        try:
            kid = verify_message(self.keys, purpose, body, token, self.clock.now())
        except BadSignature:
            raise RegionNotProven from None
        except ExpiredKey:
            raise RegionKeyExpired from None
        if _region_of(kid) != region:
            raise RegionNotProven

    def prove_word(self, request: Request, region: str, body: bytes) -> None:
        """A PUT or POST is signed over its method, path and body. Refuses: RegionNotProven."""
        self.prove(request, region, f"{request.method} {request.url.path}", body)

    def prove_question(self, request: Request, region: str) -> None:
        """A GET or HEAD is signed over its path and query. Refuses as `prove` does."""
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.prove(request, region, f"{request.method} {path}", b"")


def _region_of(kid: str) -> str:
    return kid.split("#", 1)[0]
