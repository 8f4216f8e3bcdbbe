"""The centre's parts: how each table names a person, and what of it is told."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, Text, select, tuple_, type_coerce, union
from sqlalchemy.dialects.postgresql import ARRAY

from services.central.tables import (
    adjudication_case,
    adjudication_view,
    adjudication_vote,
    amendment,
    audit_entry,
    card,
    contested,
    deletion,
    deletion_request,
    displaced_entry,
    duplicate,
    envelope,
    evidence,
    evidence_overdue,
    feed,
    gallery,
    identity_version,
    move,
    registry,
    revocation,
    set_aside,
    undecided,
    uniqueness_check,
    validation,
)
from services.central.vault import steps as vault
from services.central.vault.steps import Body, Lost, SealedState
from shared.audit.entries import about
from shared.contracts.envelopes import EnvelopeKind
from shared.database.engine import Transaction
from shared.disclosure.doors import WhomAsked
from shared.disclosure.parts import UNREADABLE, Part, Person, Row, Where
from shared.sealed.faults import Erased
from shared.sealing import Harmed, KeyMissing

_NOBODY = "holds nobody's data"
_OFFICE = "the centre's own books; names no citizen"
# Tables that are no part. A test asks that every table is here or a part.
LEFT_OUT: Mapping[str, str] = {
    "abis_mark": _NOBODY,
    "adjudication_candidate": "another person's distances; that there was a case is told",
    "audit_checkpoint": _NOBODY,
    "audit_head": _NOBODY,
    "audit_witness": _NOBODY,
    "breach": "tells of incidents and not of people; those concerned get a letter",
    "coverage_base": _NOBODY,
    "data_key": "keys that open envelopes, and nothing else",
    "demographic_key": "keyed hashes of what the envelope says in words",
    "evidence_watch": _NOBODY,
    "feed_head": _NOBODY,
    "gallery_head": _NOBODY,
    "incarnation": _NOBODY,
    "intake_head": _NOBODY,
    "operator": "an officer's enrolment, told by the region where the officer works",
    "page_session": "officers who are signed in; no citizen",
    "region_key": _OFFICE,
    "region_life": _NOBODY,
    "resync": _NOBODY,
    "settled_head": _NOBODY,
}
# Where a recording stands beside its NIK.
_NUMBERED = (registry, duplicate, contested, deletion, gallery)
_BITS = {"irises": "the same irises stand in the envelope, and here only as a search needs them"}


def _by_nik(table: Table) -> Where:
    return lambda person: table.c.nik.in_(person.niks)


def _by_recording(table: Table) -> Where:
    return lambda person: tuple_(table.c.region_code, table.c.recording_id).in_(person.recordings)


def _places(person: Person) -> Select[tuple[str, int]]:
    """Where in the regions' orders something stands about the person."""
    their = person.recordings
    asked = union(
        select(envelope.c.region_code, envelope.c.seq).where(
            tuple_(envelope.c.region_code, envelope.c.envelope_id).in_(their)
        ),
        select(amendment.c.region_code, amendment.c.seq).where(amendment.c.nik.in_(person.niks)),
        select(validation.c.region_code, validation.c.seq).where(
            tuple_(validation.c.region_code, validation.c.recording_id).in_(their)
        ),
        select(move.c.region_code, move.c.seq).where(
            tuple_(move.c.region_code, move.c.recording_id).in_(their)
        ),
    ).subquery()
    return select(asked.c.region_code, asked.c.seq)


def _envelopes(person: Person) -> ColumnElement[bool]:
    return tuple_(envelope.c.region_code, envelope.c.seq).in_(_places(person))


def _set_aside(person: Person) -> ColumnElement[bool]:
    return tuple_(set_aside.c.region_code, set_aside.c.seq).in_(_places(person))


def _of_their_cases(table: Table) -> Where:
    def where(person: Person) -> ColumnElement[bool]:
        case = adjudication_case.c
        cases = select(case.region_code, case.case_id).where(
            tuple_(case.region_code, case.recording_id).in_(person.recordings)
        )
        return tuple_(table.c.region_code, table.c.case_id).in_(cases)

    return where


def _requests(person: Person) -> ColumnElement[bool]:
    named = select(deletion.c.request_region_code, deletion.c.request_id).where(
        tuple_(deletion.c.region_code, deletion.c.recording_id).in_(person.recordings)
    )
    request = deletion_request.c
    return tuple_(request.region_code, request.request_id).in_(named)


def _looks(person: Person) -> ColumnElement[bool]:
    mine = [about("recording", one) for one in person.recording_ids]
    named: ColumnElement[bool] = type_coerce(audit_entry.c.subjects, ARRAY(Text)).overlap(mine)
    return named


async def _open_envelopes(transaction: Transaction, rows: list[Row]) -> None:
    sealed = [row for row in rows if row["kind"] == EnvelopeKind.RECORDING]
    bodies = [Body(row["region_code"], row["envelope_id"], bytes(row["body"])) for row in sealed]
    try:
        found = await vault.opened(transaction, bodies)
    except KeyMissing:
        found = [Lost.UNREADABLE] * len(bodies)
    for row, plain in zip(sealed, found, strict=True):
        row["body"] = UNREADABLE if isinstance(plain, Lost) else plain


async def _open_states(transaction: Transaction, rows: list[Row]) -> None:
    for row in rows:
        if row["kek_id"] is not None:
            place = vault.identity_place(row["nik"], row["recording_id"], row["version"])
            state = SealedState(row["kek_id"], bytes(row["wrapped_key"] or b""), bytes(row["body"]))
            try:
                row["body"] = vault.open_state(transaction, place, state)
            except (Harmed, KeyMissing, Erased):
                row["body"] = UNREADABLE
        row["wrapped_key"] = None


PARTS = [
    Part(registry, "Daftar tunggal", "Registry", _by_nik(registry)),
    Part(identity_version, "Data yang berlaku", "What holds of the person",
         _by_nik(identity_version), unseal=_open_states),
    Part(envelope, "Yang diterima dari daerah", "What regions sent", _envelopes,
         unseal=_open_envelopes),
    Part(set_aside, "Yang disisihkan", "Set aside", _set_aside),
    Part(evidence, "Citra", "Images", _by_recording(evidence)),
    Part(evidence_overdue, "Citra yang terlambat", "Images overdue",
         _by_recording(evidence_overdue)),
    Part(gallery, "Galeri iris", "Gallery of irises", _by_recording(gallery), _BITS),
    Part(uniqueness_check, "Pemeriksaan ketunggalan", "Checks of uniqueness",
         _by_recording(uniqueness_check)),
    Part(undecided, "Belum diputus", "Undecided", _by_recording(undecided)),
    Part(duplicate, "Rekaman ganda", "Duplicates", _by_nik(duplicate)),
    Part(contested, "Klaim yang bertentangan", "Contested claims", _by_nik(contested)),
    Part(adjudication_case, "Perkara ajudikasi", "Cases", _by_recording(adjudication_case)),
    Part(adjudication_vote, "Suara petugas", "Votes", _of_their_cases(adjudication_vote)),
    Part(adjudication_view, "Siapa melihat perkara", "Views of cases",
         _of_their_cases(adjudication_view)),
    Part(feed, "Jawaban ke daerah", "Answers to regions", _by_recording(feed)),
    Part(displaced_entry, "Jawaban sebelum pemulihan", "Answers before a restore",
         _by_recording(displaced_entry)),
    Part(card, "Kartu", "Cards", _by_recording(card)),
    Part(revocation, "Pencabutan izin", "Permissions taken back", _by_recording(revocation)),
    Part(amendment, "Perubahan data", "Amendments", _by_nik(amendment)),
    Part(validation, "Pemeriksaan ulang", "Validations", _by_recording(validation)),
    Part(move, "Perpindahan", "Moves", _by_recording(move)),
    Part(deletion, "Penghapusan", "Deletions", _by_recording(deletion)),
    Part(deletion_request, "Surat permintaan hapus", "Requests to delete", _requests),
    Part(audit_entry, "Siapa melihat data ini", "Who looked at this", _looks),
]  # fmt: skip


async def find(transaction: Transaction, asked: WhomAsked) -> Person:
    """Numbers and recordings of whom was asked about; of nobody known, none.

    A recording nobody decided yet stands under no NIK but its envelope's: ask by its id then.
    """
    niks = {int(asked.nik)} if asked.nik is not None else set()
    if asked.recording_id is None:
        return Person(tuple(niks), tuple(sorted(await _recordings(transaction, niks))))
    for table in _NUMBERED:
        found = await transaction.scalars(
            select(table.c.nik).where(table.c.recording_id == asked.recording_id)
        )
        niks |= {nik for nik in found if nik is not None}
    pairs = await _recordings(transaction, niks)
    sent = await transaction.execute(
        select(envelope.c.region_code, envelope.c.envelope_id).where(
            envelope.c.region_code == (asked.region or envelope.c.region_code),
            envelope.c.envelope_id == asked.recording_id,
            envelope.c.kind == "recording",
        )
    )
    pairs |= {(row[0], row[1]) for row in sent}
    return Person(tuple(niks), tuple(sorted(pairs)))


async def _recordings(transaction: Transaction, niks: set[int]) -> set[tuple[str, UUID]]:
    pairs = set()
    for table in _NUMBERED:
        rows = await transaction.execute(
            select(table.c.region_code, table.c.recording_id).where(table.c.nik.in_(niks))
        )
        pairs |= {(row[0], row[1]) for row in rows}
    return pairs
