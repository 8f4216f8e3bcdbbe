"""A delivery's letters in words: whose name, which way, which address the code opens."""

import csv
import io
from collections.abc import Sequence

from services.regional.outreach import rules
from services.regional.outreach.letter_store import Addressed, Delivery
from services.regional.outreach.typesetting import Letter, Route, delivery_pdf, letters_pdf
from services.regional.papers import Office
from shared.audit.seeing import saw_in
from shared.nik import Nik, Sex
from shared.pages.moments import day as told
from shared.wilayah import Wilayah

LIST_HEADER = ("no", "rw", "rt", "nama", "alamat", "surat", "tanda_tangan_atau_keadaan")
_WILAYAH = Wilayah.builtin()


def letters_of(
    delivery: Delivery, people: Sequence[Addressed], public_address: str
) -> list[Letter]:
    saw_in(people)  # they leave as a PDF
    day = delivery.deliver_on
    district, ward = _WILAYAH.name(delivery.ward[:8]), _WILAYAH.name(delivery.ward)
    return [
        Letter(
            number=rules.letter_number(day, delivery.ward, one.place),
            title="Sdri." if one.sex == Sex.FEMALE else "Sdr.",
            name=one.name,
            street=one.forward_to or one.street,
            route=Route(district, ward, one.rw, one.rt),
            nik_end=str(Nik(one.nik))[-4:],
            address=f"{public_address}/letters/{one.token}",
            day=told(day),
            until=told(rules.answer_until(day)),
            turn=f"{one.place} dari {delivery.letters}",
            forwarded=one.forward_to is not None,
        )
        for one in people
    ]


def print_letters(office: Office, delivery: Delivery, letters: Sequence[Letter]) -> bytes:
    return letters_pdf(office, letters, delivery.made_at, apart=True)


def print_list(office: Office, delivery: Delivery, letters: Sequence[Letter]) -> bytes:
    return delivery_pdf(office, told(delivery.deliver_on), letters, delivery.made_at, apart=True)


def list_as_csv(delivery: Delivery, people: Sequence[Addressed]) -> str:
    """The delivery list for whoever prints it from a spreadsheet; the last column is to sign."""
    saw_in(people)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(LIST_HEADER)
    for one in people:
        number = rules.letter_number(delivery.deliver_on, delivery.ward, one.place)
        street = one.forward_to or one.street
        # What a spreadsheet would take for a formula is kept a text.
        name, street = (f"'{cell}" if cell[:1] in "=+-@" else cell for cell in (one.name, street))
        writer.writerow((one.place, one.rw, one.rt, name, street, number, ""))
    return table.getvalue()
