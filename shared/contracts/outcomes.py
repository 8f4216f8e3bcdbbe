"""What penunggalan may answer, who acts next, and what the remedy is. None is just "rejected"."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    PRINT_READY_RECORD = "PRINT_READY_RECORD"
    DUPLICATE_RECORD = "DUPLICATE_RECORD"
    ADJUDICATE_RECORD = "ADJUDICATE_RECORD"
    ENROLL_FAILURE_AT_REGIONAL = "ENROLL_FAILURE_AT_REGIONAL"
    ENROLL_FAILURE_AT_CENTRAL = "ENROLL_FAILURE_AT_CENTRAL"
    SEARCH_FAILURE_AT_CENTRAL = "SEARCH_FAILURE_AT_CENTRAL"
    REQUEST_VALIDATION = "REQUEST_VALIDATION"


class DuplicateKind(StrEnum):
    """One-to-one: one earlier recording stands. One-to-many: several accuse one another."""

    ONE_TO_ONE = "one_to_one"
    ONE_TO_MANY = "one_to_many"


class Owner(StrEnum):
    """Who acts next."""

    REGION = "region"
    CENTRE = "centre"
    ADJUDICATOR = "adjudicator"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Remedy:
    owner: Owner
    action: str
    action_id: str  # the same in Indonesian
    nik_may_record_again: bool


REMEDIES: dict[Outcome, Remedy] = {
    Outcome.PRINT_READY_RECORD: Remedy(
        Owner.REGION, "Print the card.", "Cetak KTP-el.", nik_may_record_again=False
    ),
    Outcome.DUPLICATE_RECORD: Remedy(
        Owner.CITIZEN,
        "Ask the person to come and choose one identity; then propose deletion, or move first.",
        "Minta penduduk datang memilih satu identitas; usulkan penghapusan, atau pindah dulu.",
        nik_may_record_again=False,
    ),
    Outcome.ADJUDICATE_RECORD: Remedy(
        Owner.ADJUDICATOR,
        "Wait: two officers at the centre compare both recordings.",
        "Tunggu: dua petugas pusat membandingkan kedua perekaman.",
        nik_may_record_again=False,
    ),
    Outcome.ENROLL_FAILURE_AT_REGIONAL: Remedy(
        Owner.REGION,
        "Record the person again, or mark the missing parts as exceptions.",
        "Rekam ulang, atau tandai bagian yang tidak ada sebagai pengecualian.",
        nik_may_record_again=True,
    ),
    Outcome.ENROLL_FAILURE_AT_CENTRAL: Remedy(
        Owner.REGION,
        "Record the person again: what arrived was incomplete or unreadable.",
        "Rekam ulang: data yang tiba tidak lengkap atau tidak terbaca.",
        nik_may_record_again=True,
    ),
    Outcome.SEARCH_FAILURE_AT_CENTRAL: Remedy(
        Owner.CENTRE,
        "Wait: the centre repeats the search by itself.",
        "Tunggu: pusat mengulang pencarian dengan sendirinya.",
        nik_may_record_again=False,
    ),
    Outcome.REQUEST_VALIDATION: Remedy(
        Owner.REGION,
        "Check the person and the record, then confirm to the centre.",
        "Periksa penduduk dan datanya, lalu konfirmasi ke pusat.",
        nik_may_record_again=False,
    ),
}
