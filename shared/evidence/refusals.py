"""What may be refused about an image, at a station's door and at the centre's alike."""

from shared.contracts.evidence import EVIDENCE_BYTES_MAX
from shared.refusals import Refusal


class EvidenceTooLarge(Refusal):
    """The image is larger than evidence may be, so nothing of it was kept."""

    code, status = "evidence-too-large", 413
    title = f"The image is larger than {EVIDENCE_BYTES_MAX // 2**20} MiB"
    next_action = "Set the station to write smaller images; the recording names the hash of those."
    next_action_id = "Atur stasiun agar menulis gambar yang lebih kecil, lalu rekam ulang bagian."


class EvidenceNotNamed(Refusal):
    """The recording does not name an image of this part: an exception, or another recording."""

    code, status = "evidence-not-named", 404
    title = "The recording names no such image"
    next_action = "Check the recording's id and the part; a part marked as an exception has none."
    next_action_id = (
        "Periksa nomor perekaman dan bagiannya; bagian yang dikecualikan tak bergambar."
    )


class EvidenceDiffers(Refusal):
    """The bytes are not those whose hash the recording names. Nothing of them counts.

    At the centre the upload begins again at 0; `restarts` says how often it did.
    """

    code, status = "evidence-differs", 422
    title = "The image is not the one the recording names"
    next_action = "Hand in the very file whose SHA-256 stands in the recording."
    next_action_id = "Serahkan berkas asli yang SHA-256-nya tercatat pada perekaman."
