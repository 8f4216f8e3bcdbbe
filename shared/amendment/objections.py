"""Why a request is refused, and what a person does about it: the same words on both sides."""

from dataclasses import dataclass
from enum import StrEnum


class Objection(StrEnum):
    """Stable codes: a region refuses with them at once, the centre in its answer."""

    NIK_NEVER = "nik-never-changes"
    ANOTHER_NAME = "name-replacement-needs-court-ruling"
    DOUBTFUL_SPELLING = "spelling-needs-head-of-office"
    SAME_OFFICER = "confirmed-by-the-same-officer"
    SEX = "sex-needs-court-ruling"
    NO_WRITING_ERROR = "not-a-writing-error"
    DOCUMENTS_MISSING = "documents-not-enough"
    DOCUMENT_TOO_NEW = "document-from-the-future"
    NAMED_TWICE = "element-named-twice"
    HOLDER_ABSENT = "holder-must-come"
    NOTHING_CHANGES = "nothing-changes"
    NOT_PROVEN = "identity-not-proven"
    OTHER_RECORDING = "not-the-live-recording"
    ELSEWHERE = "amended-at-home-only"
    TAKEN_BACK = "permission-taken-back"
    NO_CARD = "no-card-to-replace"
    UNREADABLE = "request-unreadable"
    SET_ASIDE = "request-set-aside"


@dataclass(frozen=True, slots=True)
class Told:
    """What a person is told of an objection."""

    title: str
    why: str
    next_action: str
    next_action_id: str


TOLD: dict[Objection, Told] = {
    Objection.NIK_NEVER: Told(
        "A NIK is never changed",
        "The sixteen digits are kept for life, even if they disagree with birth date or sex.",
        "Leave the NIK out; correct birth date or sex with their own documents.",
        "Hapus NIK dari permohonan; perbaiki tanggal lahir atau jenis kelamin dengan dokumennya.",
    ),
    Objection.ANOTHER_NAME: Told(
        "This is another name, not another spelling",
        "A name is replaced by a ruling of the district court only (UU 23/2006, art. 52).",
        "Ask the holder for the court's ruling and add it as court_ruling.",
        "Minta penetapan pengadilan negeri dan lampirkan sebagai court_ruling.",
    ),
    Objection.DOUBTFUL_SPELLING: Told(
        "The head of office must look at both spellings",
        "One slip may be a slip of the pen or another name: a second person decides.",
        "Let the head of office send the request again with confirmed_by.",
        "Minta kepala kantor memeriksa dan mengirim ulang dengan confirmed_by.",
    ),
    Objection.SAME_OFFICER: Told(
        "Whoever confirms must be somebody else",
        "Four eyes: the officer at the desk cannot confirm an own doubt.",
        "Let the head of office confirm under an own token.",
        "Minta kepala kantor mengonfirmasi dengan tokennya sendiri.",
    ),
    Objection.SEX: Told(
        "Sex is changed by a court ruling only",
        "Without the ruling the recorded value stays.",
        "Ask the holder for the court's ruling and add it as court_ruling.",
        "Minta penetapan pengadilan negeri dan lampirkan sebagai court_ruling.",
    ),
    Objection.NO_WRITING_ERROR: Told(
        "That is more than a writing error",
        "Birth place and date are fixed: only a slip of the pen is mended, measured from what was "
        "recorded.",
        "Compare with the birth certificate again; what is no slip stays as recorded.",
        "Cocokkan lagi dengan akta kelahiran; yang bukan salah tulis tetap seperti terekam.",
    ),
    Objection.DOCUMENTS_MISSING: Told(
        "The documents are not enough for this change",
        "Each element has documents that allow its change; the page of amendments lists them.",
        "Add one of the documents named in needs, or leave the element out.",
        "Tambahkan salah satu dokumen pada needs, atau hapus elemen itu dari permohonan.",
    ),
    Objection.DOCUMENT_TOO_NEW: Told(
        "A document is dated after the request",
        "A document that did not exist yet allows nothing.",
        "Correct the document's date, or the clock of the desk.",
        "Perbaiki tanggal dokumen, atau jam komputer meja layanan.",
    ),
    Objection.NAMED_TWICE: Told(
        "One element is named twice",
        "Which of both would hold cannot be told.",
        "Name each element once.",
        "Sebut tiap elemen satu kali saja.",
    ),
    Objection.HOLDER_ABSENT: Told(
        "The holder must come in person",
        "A photo and a signature are taken of the holder, never of somebody else.",
        "Ask the holder to come, or visit them.",
        "Minta pemilik KTP-el datang sendiri, atau kunjungi di rumah.",
    ),
    Objection.NOTHING_CHANGES: Told(
        "All of this is so already",
        "The request changes nothing.",
        "Look at the person's present data; ask for a reprint if the card is gone or damaged.",
        "Periksa data saat ini; ajukan cetak ulang bila kartu hilang atau rusak.",
    ),
    Objection.NOT_PROVEN: Told(
        "Nobody is proven unique under this NIK yet",
        "Only a proven identity can be amended; what is not proven has its own remedy.",
        "See how the person's recording stands, and ask again when it may be printed.",
        "Periksa keadaan perekamannya; ajukan lagi setelah berstatus PRINT_READY_RECORD.",
    ),
    Objection.OTHER_RECORDING: Told(
        "Another recording stands for this NIK",
        "The request names a recording that was not the one proven.",
        "Look the person up by NIK and name the recording that stands, or none.",
        "Cari penduduk menurut NIK dan sebut perekaman yang berlaku, atau kosongkan.",
    ),
    Objection.ELSEWHERE: Told(
        "Data is changed where the person lives",
        "Away from home a card is issued only if no data is changed (Perpres 96/2018).",
        "Send the person to the home region, or let them move first: new address, moving letter.",
        "Arahkan ke daerah domisili, atau urus pindah dulu: alamat baru dengan surat pindah.",
    ),
    Objection.TAKEN_BACK: Told(
        "The centre took this person's permission back",
        "Whether the person may hold a card is open: nothing is amended until that is settled.",
        "Ask the centre for the grounds of the revocation.",
        "Tanyakan alasan pencabutan izin cetak ke pusat.",
    ),
    Objection.NO_CARD: Told(
        "There is no printed card to replace",
        "A permission waits that was not used yet, or no card was made.",
        "Print with the permission that waits; report the blank if its print was cut off.",
        "Cetak dengan izin yang menunggu; laporkan blangko bila pencetakannya terputus.",
    ),
    Objection.UNREADABLE: Told(
        "The centre could not read the request",
        "It arrived whole, and is not a request of its version.",
        "Tell operations; hand the request in again under a new id.",
        "Beritahu bagian operasi; ajukan kembali dengan nomor baru.",
    ),
    Objection.SET_ASIDE: Told(
        "The centre could not act on the request",
        "It was set aside there with its seq; officers see it and may order another try.",
        "Tell operations at the centre its seq, or hand the request in again under a new id.",
        "Sampaikan nomor urutnya ke bagian operasi pusat, atau ajukan dengan nomor baru.",
    ),
}
