"""What codes are called to a citizen. Indonesian; the English lies in `templates/en.po`.

The third of each, `short`, goes into a message of 160 characters: letters every phone can show.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.regional.citizen.rules import Actor
from services.regional.journey.remedies import RemedyCode
from services.regional.journey.rules import Cause, OfficialStatus, Stage
from services.regional.journey.standing import Standing
from shared.contracts.outcomes import Outcome
from shared.pages.language import N_


@dataclass(frozen=True, slots=True)
class StatusWords:
    """title: what it is; meaning: a sentence; short: for a short message."""

    title: str
    meaning: str
    short: str


STATUSES: Mapping[OfficialStatus, StatusWords] = {
    OfficialStatus.UNREGISTERED: StatusWords(
        N_("Belum ada perekaman yang berlaku"),
        N_("Di kantor ini tidak ada perekaman KTP-el yang berlaku atas NIK ini."),
        N_("belum ada perekaman yang berlaku"),
    ),
    OfficialStatus.BIO_CAPTURED: StatusWords(
        N_("Sudah direkam"),
        N_("Foto, sidik jari, iris, dan tanda tangan sudah diambil dan tersimpan aman di sini."),
        N_("sudah direkam"),
    ),
    OfficialStatus.PROCESSING: StatusWords(
        N_("Menunggu dikirim ke pusat"),
        N_("Perekaman Anda tersimpan aman di kantor ini dan antre untuk dikirim ke pusat."),
        N_("menunggu dikirim ke pusat"),
    ),
    OfficialStatus.SENT_FOR_ENROLLMENT: StatusWords(
        N_("Sedang dikirim ke pusat"),
        N_("Perekaman Anda sedang dikirim; pusat belum memastikan sudah menerimanya."),
        N_("sedang dikirim ke pusat"),
    ),
    OfficialStatus.RECEIVED_AT_CENTRAL: StatusWords(
        N_("Diterima pusat"),
        N_("Pusat sudah menerima perekaman Anda dan memeriksa ketunggalannya."),
        N_("diterima pusat, sedang diperiksa"),
    ),
    OfficialStatus.ENROLL_FAILURE_AT_REGIONAL: StatusWords(
        N_("Perlu direkam ulang"),
        N_("Pusat tidak dapat menerima perekaman ini. Anda perlu direkam ulang di kantor ini."),
        N_("perlu direkam ulang"),
    ),
    OfficialStatus.ENROLL_FAILURE_AT_CENTRAL: StatusWords(
        N_("Perlu direkam ulang"),
        N_("Data yang tiba di pusat tidak lengkap atau tidak terbaca."),
        N_("perlu direkam ulang"),
    ),
    OfficialStatus.SEARCH_FAILURE_AT_CENTRAL: StatusWords(
        N_("Pencarian di pusat diulang"),
        N_("Pencarian di pusat tidak berhasil dan akan diulang oleh pusat."),
        N_("pencarian di pusat diulang"),
    ),
    OfficialStatus.ADJUDICATE_RECORD: StatusWords(
        N_("Dibandingkan oleh petugas"),
        N_("Dua petugas di pusat membandingkan perekaman Anda dengan perekaman lain."),
        N_("dibandingkan oleh petugas di pusat"),
    ),
    OfficialStatus.REQUEST_VALIDATION: StatusWords(
        N_("Perlu diperiksa kantor ini"),
        N_("Pusat meminta kantor ini memeriksa data Anda sekali lagi."),
        N_("perlu diperiksa kantor"),
    ),
    OfficialStatus.DUPLICATE_RECORD: StatusWords(
        N_("Ada perekaman lain"),
        N_("Menurut pusat, orang atau NIK ini sudah pernah direkam."),
        N_("ada perekaman lain"),
    ),
    OfficialStatus.PRINT_READY_RECORD: StatusWords(
        N_("Siap dicetak"),
        N_("Pusat memastikan Anda direkam satu kali dan mengizinkan kartu dicetak."),
        N_("siap dicetak"),
    ),
    OfficialStatus.SENT_FOR_CARD_PRINTING: StatusWords(
        N_("Sedang dicetak"),
        N_("Kartu Anda sedang dicetak."),
        N_("sedang dicetak"),
    ),
    OfficialStatus.CARD_PRINTED: StatusWords(
        N_("Kartu sudah dicetak"),
        N_("Kartu Anda sudah dicetak di kantor ini."),
        N_("kartu sudah dicetak"),
    ),
    OfficialStatus.CARD_SHIPPED: StatusWords(
        N_("Kartu dikirim ke tempat pengambilan"),
        N_("Kartu Anda dalam perjalanan ke tempat pengambilan."),
        N_("kartu dikirim ke tempat pengambilan"),
    ),
    OfficialStatus.CARD_ISSUED: StatusWords(
        N_("Kartu sudah diserahkan"),
        N_("Kartu Anda sudah diserahkan."),
        N_("kartu sudah diserahkan"),
    ),
}
# The ministry has one word for several things here; a citizen is told which it is.
_SET_ASIDE_STATUS = StatusWords(
    N_("Belum dapat diproses pusat"),
    N_("Perekaman Anda ada di pusat, tetapi belum dapat diproses."),
    N_("belum dapat diproses pusat"),
)
_MOVED_STATUS = StatusWords(
    N_("Pindah ke daerah lain"),
    N_("Kartu Anda dicetak oleh kantor daerah tempat tinggal Anda yang baru."),
    N_("pindah ke daerah lain"),
)
_REVOKED_STATUS = StatusWords(
    N_("Izin cetak dicabut"),
    N_("Pusat mencabut izin cetak yang sudah diberikan."),
    N_("izin cetak dicabut"),
)
_TO_WITHDRAW_STATUS = StatusWords(
    N_("Kartu harus ditarik"),
    N_("Pusat mencabut izin cetak kartu yang sudah jadi."),
    N_("kartu harus ditarik"),
)


def status_words(standing: Standing, *, has_moved_away: bool = False) -> StatusWords:
    if has_moved_away and standing.stage is Stage.REVOKED:
        return _MOVED_STATUS
    if standing.remedy is RemedyCode.TELL_OPERATIONS:
        return _SET_ASIDE_STATUS
    if standing.stage is Stage.REVOKED:
        return _REVOKED_STATUS
    if standing.stage is Stage.TO_WITHDRAW:
        return _TO_WITHDRAW_STATUS
    return STATUSES[standing.official_status]


@dataclass(frozen=True, slots=True)
class CauseWords:
    """why: why it waits; actor: who acts next; to_do: what you do; bring: what you bring, if so."""

    why: str
    actor: Actor
    to_do: str
    short: str
    bring: str | None = None


NOTHING_TO_DO = N_("Anda tidak perlu melakukan apa pun dan tidak perlu datang.")
NO_NEED = N_("Tidak perlu datang")
_COME_SHORT = N_("Datang ke kantor, bawa KK")
_CARD = N_("Kartu Keluarga (KK)")
_RECORD_AGAIN = CauseWords(
    N_("Perekaman ini tidak dapat dipakai; data Anda tidak salah dan Anda tidak disalahkan."),
    Actor.YOU,
    N_("Datanglah ke kantor ini untuk direkam ulang. Gratis, dan tidak dapat diwakilkan."),
    N_("Datang untuk direkam ulang, bawa KK"),
    _CARD,
)

CAUSES: Mapping[Cause, CauseWords] = {
    Cause.LINE: CauseWords(
        N_("Jalur dari kantor ini ke pusat sedang putus. Perekaman Anda aman di sini."),
        Actor.TIME,
        NOTHING_TO_DO,
        N_("Jalur putus, data aman, tidak perlu datang"),
    ),
    Cause.QUEUE: CauseWords(
        N_("Perekaman dikirim ke pusat satu per satu menurut urutan; giliran Anda akan tiba."),
        Actor.OFFICE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Cause.PENUNGGALAN: CauseWords(
        N_("Pusat memastikan bahwa setiap orang direkam satu kali saja (penunggalan)."),
        Actor.CENTRE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Cause.ADJUDICATION: CauseWords(
        N_("Mesin tidak dapat memutuskan; dua petugas di pusat harus sepakat."),
        Actor.OFFICERS_AT_THE_CENTRE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Cause.OFFICER: CauseWords(
        N_("Petugas kantor ini harus bertindak lebih dahulu."),
        Actor.OFFICE,
        N_("Anda tidak perlu datang kecuali bila kantor memanggil."),
        N_("Kantor akan memanggil bila perlu"),
    ),
    Cause.CITIZEN: CauseWords(
        N_("Hanya Anda yang dapat memilih data mana yang berlaku."),
        Actor.YOU,
        N_(
            "Datanglah ke kantor ini. Petugas menjelaskan pilihan Anda; "
            "tidak ada yang dihapus tanpa persetujuan tertulis Anda."
        ),
        _COME_SHORT,
        N_("Kartu Keluarga (KK), dan KTP atau surat keterangan lama bila ada"),
    ),
    Cause.AGE: CauseWords(
        N_("Kartu dicetak mulai umur 17 tahun, atau setelah menikah."),
        Actor.TIME,
        N_("Datanglah pada hari itu atau sesudahnya; Anda tidak perlu direkam lagi."),
        N_("Kartu dicetak mulai umur 17"),
        _CARD,
    ),
    Cause.BLANK_CARD: CauseWords(
        N_("Kartu menunggu blangko dan giliran cetak, menurut umur izin cetaknya."),
        Actor.OFFICE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Cause.NEW_PERMISSION: CauseWords(
        N_("Blangko rusak saat dicetak. Pusat mengirim izin cetak baru dengan sendirinya."),
        Actor.CENTRE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Cause.NOT_COLLECTED: CauseWords(
        N_("Kartu menunggu Anda."),
        Actor.YOU,
        N_(
            "Ambillah kartu di kantor ini. "
            "Anggota keluarga dalam satu KK boleh mengambilnya untuk Anda."
        ),
        N_("Ambil di kantor, bawa KK"),
        N_("Kartu Keluarga (KK), dan KTP atau surat keterangan lama bila ada"),
    ),
    Cause.PROGRAM: CauseWords(
        N_("Jawaban pusat sudah tiba, tetapi program kantor ini harus diperbarui dulu."),
        Actor.OFFICE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Cause.DELETION: CauseWords(
        N_("Perekaman ini sudah dihapus di pusat dengan persetujuan tertulis."),
        Actor.YOU,
        N_("Tanyakan di kantor ini perekaman mana yang berlaku."),
        N_("Tanyakan ke kantor"),
        _CARD,
    ),
    Cause.NOTHING: CauseWords(
        N_("Tidak ada yang ditunggu."),
        Actor.NOBODY,
        N_("Simpan kartu baik-baik. Bila hilang atau rusak, lapor ke kantor ini dalam 14 hari."),
        N_("Simpan kartu baik-baik"),
    ),
}
NOT_RECORDED = CauseWords(
    N_("Anda ada dalam daftar penduduk, tetapi kantor ini belum pernah merekam Anda."),
    Actor.YOU,
    N_(
        "Datanglah ke kantor ini untuk direkam, mulai umur 16 tahun. "
        "Gratis, dan tidak dapat diwakilkan. "
        "Bila Anda sudah direkam di daerah lain, katakan itu dan jangan direkam lagi."
    ),
    N_("Datang untuk direkam, bawa KK"),
    _CARD,
)
# Of whoever was recorded in another region and moved here.
MOVED_IN: Mapping[OfficialStatus, CauseWords] = {
    OfficialStatus.PRINT_READY_RECORD: CauseWords(
        N_("Perekaman Anda dari daerah lain berlaku di sini; kartu dicetak di kantor ini."),
        Actor.OFFICE,
        N_("Jangan direkam lagi. Tanyakan kartu Anda di kantor ini."),
        N_("Jangan direkam lagi. Tanyakan ke kantor"),
        _CARD,
    ),
    OfficialStatus.CARD_PRINTED: CAUSES[Cause.NOT_COLLECTED],
    OfficialStatus.CARD_ISSUED: CAUSES[Cause.NOTHING],
}
# An outcome or a stage says more than its cause alone.
OUTCOMES: Mapping[Outcome, CauseWords] = {
    Outcome.ENROLL_FAILURE_AT_REGIONAL: _RECORD_AGAIN,
    Outcome.ENROLL_FAILURE_AT_CENTRAL: _RECORD_AGAIN,
    Outcome.SEARCH_FAILURE_AT_CENTRAL: CauseWords(
        N_("Pencarian di pusat tidak berhasil. Itu bukan penolakan; pusat mengulanginya."),
        Actor.CENTRE,
        NOTHING_TO_DO,
        NO_NEED,
    ),
    Outcome.REQUEST_VALIDATION: CauseWords(
        N_("Petugas kantor ini harus memeriksa Anda dan data Anda, lalu menjawab pusat."),
        Actor.OFFICE,
        N_("Bila Anda dapat datang lebih dulu, pemeriksaan selesai lebih cepat."),
        _COME_SHORT,
        _CARD,
    ),
}
PRINTING = CauseWords(
    N_("Petugas sedang mencetak kartu Anda."), Actor.OFFICE, NOTHING_TO_DO, NO_NEED
)
REVOKED = CauseWords(
    N_("Pusat mencabut izin cetak kartu ini."),
    Actor.OFFICE,
    N_("Tanyakan sebabnya di kantor ini."),
    N_("Tanyakan ke kantor"),
    _CARD,
)
TO_WITHDRAW = CauseWords(
    N_("Pusat mencabut izin cetak kartu yang sudah jadi; kartu itu harus ditarik."),
    Actor.OFFICE,
    N_("Bawalah kartu itu ke kantor ini; petugas menjelaskan sebabnya."),
    N_("Bawa kartu ke kantor"),
    N_("Kartu itu dan Kartu Keluarga (KK)"),
)
MOVED_AWAY = CauseWords(
    N_("Perekaman Anda ikut pindah ke daerah lain; izin cetak diberikan kepada kantor di sana."),
    Actor.OFFICE_ELSEWHERE,
    N_("Tanyakan di kantor daerah tempat tinggal Anda yang baru."),
    N_("Tanyakan ke kantor di tempat tinggal baru"),
)
SET_ASIDE = CauseWords(
    N_("Pusat belum dapat memproses perekaman ini. Yang di belakang Anda tidak ikut tertahan."),
    Actor.CENTRE,
    N_("Kantor ini mengetahuinya. Tanyakan di sini bila lebih dari seminggu."),
    N_("Tanyakan ke kantor bila lebih dari seminggu"),
)
MOVE_FIRST = CauseWords(
    N_("Perekaman yang berlaku dibuat di daerah lain."),
    Actor.YOU,
    N_("Jangan direkam ulang. Urus pindah domisili dulu; kartu lalu dicetak di kantor ini."),
    N_("Urus pindah domisili di kantor, bawa KK"),
    N_("Surat pindah (SKPWNI) dan Kartu Keluarga (KK)"),
)
ASKED = CauseWords(
    N_("Kantor ini sudah bertindak dan menunggu jawaban pusat."),
    Actor.CENTRE,
    NOTHING_TO_DO,
    NO_NEED,
)
DELETED_AND_FREE = CauseWords(
    N_("Perekaman ini sudah dihapus di pusat dengan persetujuan tertulis."),
    Actor.YOU,
    _RECORD_AGAIN.to_do,
    _RECORD_AGAIN.short,
    _CARD,
)

_STAGES = {Stage.PRINTING: PRINTING, Stage.REVOKED: REVOKED, Stage.TO_WITHDRAW: TO_WITHDRAW}
_REMEDIES = {
    RemedyCode.MOVE_FIRST: MOVE_FIRST,
    RemedyCode.TELL_OPERATIONS: SET_ASIDE,
    RemedyCode.NOTHING: MOVED_IN[OfficialStatus.PRINT_READY_RECORD],
    RemedyCode.WAIT_FOR_DELETION: ASKED,
    RemedyCode.WAIT_FOR_MOVE: ASKED,
    RemedyCode.WAIT_FOR_ANSWER: ASKED,
}


def cause_words(standing: Standing, *, has_moved_away: bool = False) -> CauseWords:
    """The nearest words there are: of the stage, of what is done about it, of the outcome."""
    if standing.waits_for is Cause.PROGRAM:
        return CAUSES[Cause.PROGRAM]
    if has_moved_away and standing.stage is Stage.REVOKED:
        return MOVED_AWAY
    if standing.stage in _STAGES:
        return _STAGES[standing.stage]
    if standing.stage is Stage.DELETED:
        is_free = standing.remedy is RemedyCode.RECORD_AGAIN
        return DELETED_AND_FREE if is_free else CAUSES[Cause.DELETION]
    if standing.stage is Stage.UNSETTLED and standing.outcome is not None:
        if standing.remedy in _REMEDIES:
            return _REMEDIES[standing.remedy]
        if standing.outcome in OUTCOMES:
            return OUTCOMES[standing.outcome]
    return CAUSES[standing.waits_for]
