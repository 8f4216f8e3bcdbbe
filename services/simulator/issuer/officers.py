"""The officers of the development issuer, one for each role and one for a whole desk. Synthetic."""

from dataclasses import dataclass

from shared.roles import Role

REGION = "61.72"


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer of the page, by id; region: None: of the centre."""

    subject: str
    says: str
    roles: tuple[Role, ...]
    region: str | None = REGION
    office: str | None = None


OFFICERS = (
    Officer(
        "desk-1",
        "Loket (petugas, pencetak, kepala) · a whole desk",
        (Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE),
    ),
    Officer("officer-1", "Petugas perekaman · officer", (Role.OFFICER,)),
    Officer("officer-2", "Petugas lain · another officer", (Role.OFFICER,)),
    Officer(
        "officer-3",
        "Petugas satu kantor kecamatan · officer of one district's office",
        (Role.OFFICER,),
        office="61.72.02",
    ),
    Officer("printer-1", "Pencetak kartu · printer", (Role.PRINTER,)),
    Officer("head-1", "Kepala dinas · head of office", (Role.HEAD_OF_OFFICE,)),
    Officer("operations-1", "Operasi · operations", (Role.OPERATIONS,), None),
    Officer("adjudicator-1", "Ajudikator · adjudicator", (Role.ADJUDICATOR,), None),
    Officer("adjudicator-2", "Ajudikator kedua · another adjudicator", (Role.ADJUDICATOR,), None),
)
BY_SUBJECT = {one.subject: one for one in OFFICERS}
