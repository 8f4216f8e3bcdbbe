"""What the centre says of this region's key, in words for whoever looks after its server.

By code, and in our own words: a refusal is not signed, so nobody follows instructions from it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What happened, and what a person does next."""

    state: str
    happened: str
    next_action: str
    next_action_id: str


KEY_TROUBLES: dict[str, Told] = {
    "region-key-unknown": Told(
        "unknown",
        "The centre does not know this server's key.",
        "Run `tunggal region enrol` here and read the fingerprint out to two officers there.",
        "Jalankan `tunggal region enrol` di sini, bacakan sidiknya kepada dua petugas pusat.",
    ),
    "region-key-pending": Told(
        "pending",
        "This server's key waits for approval.",
        "Read its fingerprint (`tunggal region key`) out to two officers of the centre.",
        "Bacakan sidik kunci (`tunggal region key`) kepada dua petugas pusat.",
    ),
    "region-key-expired": Told(
        "expired",
        "This server's key has expired.",
        "An enrolled key renews itself; if this stays, run `tunggal region rotate`, then enrol.",
        "Kunci terdaftar diperbarui sendiri; bila tetap, jalankan `tunggal region rotate`.",
    ),
    "region-key-retired": Told(
        "retired",
        "A newer key has replaced this server's: another server has it, or this is an old copy.",
        "Find the server with the newer key before anything is sent from here.",
        "Cari server yang memegang kunci baru sebelum mengirim apa pun dari sini.",
    ),
    "region-key-revoked": Told(
        "revoked",
        "An officer of the centre has revoked this server's key. Recording goes on.",
        "Call the centre. On a server you trust run `tunggal region enrol --replace`.",
        "Hubungi pusat. Di server yang dipercaya jalankan `tunggal region enrol --replace`.",
    ),
    "signed-by-another-region": Told(
        "foreign",
        "This server signs with another region's key.",
        "Correct TUNGGAL_REGIONAL_KEY_FILE or TUNGGAL_REGIONAL_REGION.",
        "Perbaiki TUNGGAL_REGIONAL_KEY_FILE atau TUNGGAL_REGIONAL_REGION.",
    ),
    "certificate-of-another": Told(
        "certificate",
        "The centre's front saw another certificate than this region's, or none.",
        "Correct TUNGGAL_REGIONAL_CLIENT_CERTIFICATE and restart.",
        "Perbaiki TUNGGAL_REGIONAL_CLIENT_CERTIFICATE lalu mulai ulang.",
    ),
    "region-not-proven": Told(
        "unproven",
        "The centre holds another key under this key's name.",
        "Compare the fingerprint (`tunggal region key`) with the centre's list of keys.",
        "Cocokkan sidik kunci (`tunggal region key`) dengan daftar kunci di pusat.",
    ),
}
