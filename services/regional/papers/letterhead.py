"""Who writes: the office as its papers name it, and where people are to come."""

from dataclasses import dataclass

from services.regional.settings import RegionalSettings
from shared.wilayah import Wilayah

NAME = "DINAS KEPENDUDUKAN DAN PENCATATAN SIPIL"
PLACE = "Kantor Dinas Kependudukan dan Pencatatan Sipil"
HOURS = "08.00 sampai 15.00"


@dataclass(frozen=True, slots=True)
class Office:
    """The letterhead, and where people are to come."""

    government: str  # PEMERINTAH KOTA SINGKAWANG
    name: str
    address: str
    town: str  # Singkawang
    place: str
    hours: str
    head: str  # who signs


def office_of(settings: RegionalSettings) -> Office:
    region = Wilayah.builtin().name(settings.region)
    return Office(
        government=f"PEMERINTAH {region.upper()}",
        name=NAME,
        address=settings.office_address,
        town=region.removeprefix("Kota ").removeprefix("Kabupaten "),
        place=f"{PLACE}, {settings.office_address}",
        hours=f"{HOURS} {settings.zone}",
        head=settings.office_head,
    )
