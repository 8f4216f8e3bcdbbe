"""Why a region's word is not believed: one code for each cause, and what its office does next.

All but the first two are told only to whoever holds the key: the signature was checked before.
"""

from services.central.identity.certificates import CertificateOfAnother
from services.central.identity.challenges import ChallengeStale, Replayed
from shared.refusals import Refusal


class RegionNotProven(Refusal):
    """The request is not signed at all, or not by the key it names, or for something else.

    A region signs each batch's manifest, and each question's method and path, with its Ed25519 key.
    """

    code, status = "region-not-proven", 401
    title = "The region's signature is missing or not valid"
    next_action = "Check the region's key file and that the centre holds its public key."
    next_action_id = "Periksa berkas kunci daerah dan kunci publiknya di pusat."


class RegionKeyUnknown(Refusal):
    """The request names a key this centre never saw. Nothing of it was looked at.

    The region was never enrolled, or its server made a new key for itself.
    """

    code, status = "region-key-unknown", 401
    title = "The centre does not know this key"
    next_action = "Run `tunggal region enrol` at the region; two officers of the centre approve it."
    next_action_id = "Jalankan `tunggal region enrol` di daerah; dua petugas pusat menyetujuinya."


class AnotherRegion(Refusal):
    """The request is signed well, by the key of another region than the one it speaks for."""

    code, status = "signed-by-another-region", 401
    title = "This is another region's signature"
    next_action = "Check which key file and region the server's settings name; call the centre."
    next_action_id = "Periksa berkas kunci dan kode daerah pada pengaturan; hubungi pusat."


class RegionKeyPending(Refusal):
    """The request is signed by a key that was handed in and is not approved yet.

    Nothing of it was kept, and nothing is lost: the region sends it again.
    """

    code, status = "region-key-pending", 401
    title = "The region's key waits for approval"
    next_action = "Read the key's fingerprint out to two officers of the centre, who approve it."
    next_action_id = "Bacakan sidik kunci kepada dua petugas pusat agar disetujui."


class RegionKeyExpired(Refusal):
    """The request is signed by the region's own key, whose time has ended.

    Nothing of it was kept, and nothing is lost: the region sends it again with its next key.
    """

    code, status = "region-key-expired", 401
    title = "The region's key has expired"
    next_action = (
        "An enrolled key renews itself within its grace; else run `tunggal region rotate`, or pin "
        "the next key at the centre."
    )
    next_action_id = (
        "Kunci terdaftar diperbarui sendiri selama masa tenggang; bila tidak, jalankan "
        "`tunggal region rotate` atau daftarkan kunci baru di pusat."
    )


class RegionKeyRetired(Refusal):
    """The request is signed by an old key of the region, which a newer one has replaced.

    A backup of the server, or a second one, still has the old key.
    """

    code, status = "region-key-retired", 401
    title = "A newer key has replaced this one"
    next_action = "Start the server that holds the newer key; stop the one with the old."
    next_action_id = "Jalankan server yang memegang kunci baru; hentikan yang memakai kunci lama."


class RegionKeyRevoked(Refusal):
    """The request is signed by a key that an officer of the centre has revoked.

    It is never believed again. Recording goes on; what is recorded waits for a new key.
    """

    code, status = "region-key-revoked", 401
    title = "The centre has revoked this key"
    next_action = (
        "Call the centre and ask why. Then run `tunggal region enrol --replace` on a server you "
        "trust, and have two officers approve its key."
    )
    next_action_id = (
        "Hubungi pusat dan tanyakan sebabnya. Lalu jalankan `tunggal region enrol --replace` di "
        "server yang dipercaya; dua petugas pusat menyetujui kuncinya."
    )


REGION_REFUSALS: tuple[type[Refusal], ...] = (
    RegionNotProven,
    RegionKeyUnknown,
    AnotherRegion,
    RegionKeyPending,
    RegionKeyExpired,
    RegionKeyRetired,
    RegionKeyRevoked,
    ChallengeStale,
    Replayed,
    CertificateOfAnother,
)
