"""The 72 hours, what a breach still waits for, and the letters the law asks for. Pure.

UU 27/2022 art 46: in writing, within 3 x 24 hours, to the people concerned and to the authority:
which data, when and how, what is done about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

TELL_WITHIN = timedelta(hours=72)


class DataKind(StrEnum):
    IDENTITY = "identity"
    BIOMETRICS = "biometrics"
    FAMILY = "family"
    ADDRESS = "address"
    HEALTH = "health"
    CARD = "card"
    OFFICERS = "officers"


class Whom(StrEnum):
    AUTHORITY = "authority"
    SUBJECTS = "subjects"


class Standing(StrEnum):
    OPEN = "open"  # the hours run
    OVERDUE = "overdue"  # they are over, and somebody was not told
    TOLD = "told"  # both were told; waits for another officer to close it
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Breach:
    """One incident, as it is known by now. Moments are aware, UTC."""

    breach_id: UUID
    found_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    what: str
    kinds: Sequence[str]
    people: int | None
    measures: str
    officer: str
    recorded_at: datetime
    authority_told_at: datetime | None = None
    authority_told_by: str | None = None
    subjects_told_at: datetime | None = None
    subjects_told_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None

    @property
    def tell_until(self) -> datetime:
        return self.found_at + TELL_WITHIN

    @property
    def is_told(self) -> bool:
        return self.authority_told_at is not None and self.subjects_told_at is not None

    def standing(self, now: datetime) -> Standing:
        if self.closed_at is not None:
            return Standing.CLOSED
        if self.is_told:
            return Standing.TOLD
        return Standing.OVERDUE if now > self.tell_until else Standing.OPEN


_KINDS_ID = {
    DataKind.IDENTITY: "identitas (nama, NIK, tempat dan tanggal lahir)",
    DataKind.BIOMETRICS: "biometrik (iris mata, sidik jari, foto wajah, tanda tangan)",
    DataKind.FAMILY: "keluarga (nomor kartu keluarga, nama orang tua)",
    DataKind.ADDRESS: "alamat",
    DataKind.HEALTH: "kesehatan",
    DataKind.CARD: "kartu dan izin cetak",
    DataKind.OFFICERS: "data petugas",
}
_TO = {
    Whom.AUTHORITY: "Lembaga Pelindungan Data Pribadi",
    Whom.SUBJECTS: "Bapak/Ibu ........................................ (diisi petugas)",
}
_RIGHTS = (
    "Bapak/Ibu berhak meminta salinan data yang kami simpan, pembetulannya, dan keterangan lebih "
    "lanjut\ndi kantor kami tanpa biaya."
)


def letter(one: Breach, whom: Whom, sender: str, now: datetime) -> str:
    """The letter as it can be sent once a person read it, in Indonesian; blanks are dotted."""
    known = ", ".join(_KINDS_ID[kind] for kind in DataKind if kind in one.kinds)
    count = "belum diketahui" if one.people is None else f"{one.people} orang"
    late = "" if now <= one.tell_until else _late(one, now)
    close = _RIGHTS if whom is Whom.SUBJECTS else "Perkembangan berikutnya kami sampaikan segera."
    return "\n".join(
        [
            sender,
            "",
            f"Tanggal   : {_told(now)}",
            "Hal       : Pemberitahuan kegagalan pelindungan data pribadi",
            f"Register  : {one.breach_id}",
            "",
            f"Kepada Yth. {_TO[whom]}",
            "",
            "Menurut Pasal 46 Undang-Undang Nomor 27 Tahun 2022, kami memberitahukan:",
            "",
            f"1. Data yang terungkap  : {known or '-'}",
            f"   Jumlah orang         : {count}",
            f"2. Kapan                : {_told(one.began_at)} sampai {_told(one.ended_at)}",
            f"   Kami ketahui         : {_told(one.found_at)}",
            f"   Bagaimana            : {one.what}",
            f"3. Penanganan           : {one.measures}",
            "",
            *([late, ""] if late else []),
            close,
            "",
            "Nama dan tanda tangan   : ........................................",
            "",
        ]
    )


def _late(one: Breach, now: datetime) -> str:
    hours = (now - one.tell_until) // timedelta(hours=1)
    return f"Surat ini terlambat {hours} jam dari batas 3 x 24 jam, karena: ...................."


def _told(moment: datetime | None) -> str:
    return moment.strftime("%d-%m-%Y %H.%M UTC") if moment else "belum diketahui"
