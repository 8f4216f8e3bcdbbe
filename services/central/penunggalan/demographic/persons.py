"""The part of a recording that is compared, in its common form. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from services.central.penunggalan.demographic.names import PersonName
from shared.contracts.recording import Recording
from shared.nik import Sex

# Words that say what kind of place it is, not which.
_KINDS = frozenset(
    {"kota", "kab", "kabupaten", "kec", "kecamatan", "kel", "kelurahan", "desa", "dusun"}
)
# Singkawang left Bengkayang in 2001, which left Sambas in 1999; Mempawah was Kabupaten Pontianak.
_PLACES_REMEMBERED = 4_096
_ONCE_ONE = {
    "singkawang": "sambas",
    "bengkayang": "sambas",
    "pemangkat": "sambas",
    "mempawah": "pontianak",
    "kubu raya": "pontianak",
    "sungai raya": "pontianak",
    "batavia": "jakarta",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who a recording says somebody is."""

    name: PersonName
    born: date
    place: str
    place_region: str
    mother: PersonName
    sex: Sex
    family_card: str
    ward: str

    @staticmethod
    def of(recording: Recording) -> "Person":
        card = recording.card
        place = _place_of(card.birth_place)
        return Person(
            name=PersonName.of(card.name),
            born=card.birth_date,
            place=place,
            place_region=_ONCE_ONE.get(place, place),
            mother=PersonName.of(recording.mother_name),
            sex=card.sex,
            family_card=recording.family_card,
            ward=card.address.ward,
        )


@lru_cache(_PLACES_REMEMBERED)
def _place_of(text: str) -> str:
    words = ["".join(filter(str.isalnum, word)) for word in text.casefold().split()]
    kept = [word for word in words if word and word not in _KINDS]
    return " ".join(kept) or text.casefold()
