"""The region's parts: how each table names a person, and what of it is told."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, Table, Text, or_, select, type_coerce, union
from sqlalchemy.dialects.postgresql import ARRAY

from services.regional.outbox.copies import opened
from services.regional.tables import (
    amendment,
    amendment_decision,
    audit_entry,
    card,
    decision,
    deleted_recording,
    deletion_entry,
    deletion_named,
    deletion_request,
    evidence,
    evidence_overdue,
    field_batch_item,
    handover,
    held_entry,
    home_visit,
    home_visit_event,
    hook_delivery,
    invitation,
    move_entry,
    move_in,
    operator_irises,
    outbox,
    outreach,
    outreach_event,
    print_authorization,
    print_exception,
    receipt_generation,
    recording,
    refused_envelope,
    renewal,
    resident,
    resident_change,
    resident_staged,
    revocation,
    suket,
    validation,
)
from shared.audit.entries import about
from shared.contracts.envelopes import SEALED_RECORDING_VERSION, EnvelopeKind
from shared.contracts.recording import BIODATA
from shared.database.engine import Transaction
from shared.disclosure.doors import WhomAsked
from shared.disclosure.parts import SEALED, UNREADABLE, Part, Person, Row, Where
from shared.sealing import Harmed, KeyMissing

_TOKEN = {"token": "opens a page by itself; the paper the person holds has it"}
_NOBODY = "holds nobody's data"
_OFFICE = "the office's own books; names no person"
# Tables that are no part. A test asks that every table is here or a part.
LEFT_OUT: Mapping[str, str] = {
    "audit_checkpoint": _NOBODY,
    "audit_head": _NOBODY,
    "audit_witness": _NOBODY,
    "blank": _OFFICE,
    "blank_burning": _OFFICE,
    "blank_delivery": _OFFICE,
    "breach": "tells of incidents and not of people; those concerned get a letter",
    "burnt_blank": _OFFICE,
    "coverage_snapshot": _NOBODY,
    "coverage_snapshot_cell": _NOBODY,
    "coverage_snapshot_taken": _NOBODY,
    "evidence_watch": _NOBODY,
    "feed_page": "holds many people's entries as they were signed; each is told from its own table",
    "feed_position": _NOBODY,
    "field_batch": _OFFICE,
    "field_session": _OFFICE,
    "field_station": _OFFICE,
    "hook": _OFFICE,
    "hook_position": _NOBODY,
    "invitation_delivery": _OFFICE,
    "line_sample": _NOBODY,
    "outbox_head": _NOBODY,
    "page_session": "officers who are signed in; no citizen",
    "receipt_secret": _NOBODY,
    "residents_change_set": _OFFICE,
    "residents_fault": "line numbers and codes only",
    "server_life": _NOBODY,
    "uplink_batch": _NOBODY,
    "uplink_position": _NOBODY,
}


def _by_nik(table: Table) -> Where:
    return lambda person: table.c.nik.in_(person.niks)


def _by_recording(table: Table) -> Where:
    return lambda person: table.c.recording_id.in_(person.recording_ids)


def _seqs(person: Person) -> Select[tuple[int]]:
    """Places in the outbox of everything said about the person."""
    ids = person.recording_ids
    asked = union(
        select(recording.c.seq).where(recording.c.recording_id.in_(ids)),
        select(amendment.c.seq).where(amendment.c.nik.in_(person.niks)),
        select(validation.c.seq).where(validation.c.recording_id.in_(ids)),
        select(move_in.c.seq).where(move_in.c.recording_id.in_(ids)),
        select(renewal.c.seq).where(renewal.c.recording_id.in_(ids)),
        select(operator_irises.c.seq).where(operator_irises.c.own_nik.in_(person.niks)),
    ).subquery()
    return select(asked.c.seq)


def _envelopes(person: Person) -> ColumnElement[bool]:
    return outbox.c.seq.in_(_seqs(person))


def _refused(person: Person) -> ColumnElement[bool]:
    return refused_envelope.c.seq.in_(_seqs(person))


def _visit_events(person: Person) -> ColumnElement[bool]:
    mine = select(home_visit.c.visit_id).where(home_visit.c.nik.in_(person.niks))
    return home_visit_event.c.visit_id.in_(mine)


def _answers(person: Person) -> ColumnElement[bool]:
    mine = select(amendment.c.request_id).where(amendment.c.nik.in_(person.niks))
    return or_(
        amendment_decision.c.recording_id.in_(person.recording_ids),
        amendment_decision.c.request_id.in_(mine),
    )


def _requests(person: Person) -> ColumnElement[bool]:
    mine = select(deletion_named.c.request_id).where(
        deletion_named.c.recording_id.in_(person.recording_ids)
    )
    return deletion_request.c.request_id.in_(mine)


def _handovers(person: Person) -> ColumnElement[bool]:
    return or_(
        handover.c.recording_id.in_(person.recording_ids), handover.c.collector_nik.in_(person.niks)
    )


def _moves(person: Person) -> ColumnElement[bool]:
    return or_(
        move_entry.c.recording_id.in_(person.recording_ids), move_entry.c.nik.in_(person.niks)
    )


def _looks(person: Person) -> ColumnElement[bool]:
    mine = [about("recording", one) for one in person.recording_ids]
    named: ColumnElement[bool] = type_coerce(audit_entry.c.subjects, ARRAY(Text)).overlap(mine)
    return named


def _irises(person: Person) -> ColumnElement[bool]:
    return operator_irises.c.own_nik.in_(person.niks)


async def _unseal(transaction: Transaction, rows: list[Row]) -> None:
    """Bodies are for the centre alone; the office's own copy is opened."""
    for row in rows:
        if row["kind"] != EnvelopeKind.RECORDING or row["version"] < SEALED_RECORDING_VERSION:
            continue
        row["body"] = SEALED
        try:
            copy = opened(transaction, row["envelope_id"], row["working_copy"])
        except (Harmed, KeyMissing):
            row["working_copy"] = UNREADABLE
        else:
            row["working_copy"] = copy and BIODATA.dump_python(copy.biodata, mode="json")


PARTS = [
    Part(resident, "Daftar penduduk", "Residents' list", _by_nik(resident)),
    Part(resident_staged, "Daftar yang belum berlaku", "List not yet applied",
         _by_nik(resident_staged)),
    Part(resident_change, "Perubahan daftar", "Changes by lists", _by_nik(resident_change)),
    Part(outreach, "Pencarian yang belum rekam", "Search for the unrecorded", _by_nik(outreach)),
    Part(outreach_event, "Catatan pencarian", "Notes of the search", _by_nik(outreach_event)),
    Part(invitation, "Undangan", "Letters", _by_nik(invitation), _TOKEN),
    Part(home_visit, "Kunjungan rumah", "Home visits", _by_nik(home_visit)),
    Part(home_visit_event, "Riwayat kunjungan", "Story of visits", _visit_events),
    Part(recording, "Perekaman", "Recordings", _by_nik(recording)),
    Part(outbox, "Yang dikirim ke pusat", "What was sent to the centre", _envelopes,
         unseal=_unseal),
    Part(refused_envelope, "Kiriman yang ditolak pusat", "Refused by the centre", _refused),
    Part(evidence, "Citra", "Images", _by_recording(evidence)),
    Part(evidence_overdue, "Citra yang terlambat", "Images overdue",
         _by_recording(evidence_overdue)),
    Part(field_batch_item, "Perekaman di lapangan", "Recorded in the field",
         _by_recording(field_batch_item)),
    Part(decision, "Putusan penunggalan", "Decisions", _by_recording(decision)),
    Part(held_entry, "Jawaban yang belum dibaca", "Answers held", _by_recording(held_entry)),
    Part(print_authorization, "Izin cetak", "Print permissions",
         _by_recording(print_authorization)),
    Part(print_exception, "Pengecualian urutan", "Exceptions of order",
         _by_recording(print_exception)),
    Part(card, "Kartu", "Cards", _by_recording(card)),
    Part(handover, "Penyerahan kartu", "Hand-overs", _handovers),
    Part(revocation, "Pencabutan izin", "Permissions taken back", _by_recording(revocation)),
    Part(renewal, "Permintaan izin baru", "Renewals", _by_recording(renewal)),
    Part(suket, "Surat keterangan", "Temporary certificates", _by_recording(suket), _TOKEN),
    Part(receipt_generation, "Tanda terima yang dicabut", "Receipts revoked",
         _by_recording(receipt_generation)),
    Part(amendment, "Perubahan data", "Amendments", _by_nik(amendment)),
    Part(amendment_decision, "Jawaban perubahan", "Answers on amendments",
         _answers),
    Part(validation, "Pemeriksaan ulang", "Validations", _by_recording(validation)),
    Part(move_in, "Pindah datang", "Moves in", _by_recording(move_in)),
    Part(move_entry, "Jawaban pindah", "Answers on moves", _moves),
    Part(deletion_named, "Permintaan hapus", "Named for deletion", _by_recording(deletion_named)),
    Part(deletion_request, "Surat permintaan hapus", "Requests to delete", _requests),
    Part(deletion_entry, "Jawaban hapus", "Answers on deletions", _by_recording(deletion_entry)),
    Part(deleted_recording, "Perekaman terhapus", "Deleted recordings",
         _by_recording(deleted_recording)),
    Part(operator_irises, "Iris petugas", "An officer's own irises", _irises),
    Part(hook_delivery, "Kabar ke gerbang pesan", "Told to a gateway",
         _by_recording(hook_delivery)),
    Part(audit_entry, "Siapa melihat data ini", "Who looked at this", _looks),
]  # fmt: skip


async def find(transaction: Transaction, asked: WhomAsked) -> Person:
    """Numbers and recordings of whom was asked about; of nobody known, none."""
    niks = {int(asked.nik)} if asked.nik is not None else set()
    if asked.recording_id is not None:
        mine = recording.c.recording_id == asked.recording_id
        niks |= set(await transaction.scalars(select(recording.c.nik).where(mine)))
    rows = await transaction.scalars(
        select(recording.c.recording_id).where(recording.c.nik.in_(niks))
    )
    return Person(tuple(niks), tuple(("", one) for one in rows))
