"""What the report says in words, Indonesian; the page translates what it shows."""

from shared.audit.entries import Purpose
from shared.pages.language import N_

PURPOSES = {
    Purpose.SERVICE.value: N_("pelayanan di loket"),
    Purpose.PRINTING.value: N_("pencetakan dan penyerahan kartu"),
    Purpose.PENUNGGALAN.value: N_("penunggalan"),
    Purpose.DATA_CHANGE.value: N_("perubahan data atau penghapusan"),
    Purpose.OUTREACH.value: N_("mencari yang belum direkam"),
    Purpose.FIELD.value: N_("kunjungan rumah dan perekaman lapangan"),
    Purpose.REGISTER.value: N_("daftar penduduk"),
    Purpose.OVERSIGHT.value: N_("pengawasan"),
    Purpose.SECURITY.value: N_("keamanan"),
    Purpose.OWN_REQUEST.value: N_("permintaan pemilik data sendiri"),
}
ROLES = {
    "officer": N_("petugas"),
    "head_of_office": N_("kepala dinas"),
    "printer": N_("petugas cetak"),
    "operations": N_("operasi"),
    "adjudicator": N_("ajudikator"),
}
CITIZEN = N_("pemilik data atau pemegang kodenya")
NIK = N_("NIK terdiri dari 16 angka.")
