"""Recordings of the city's people, as bytes ready to be handed to a region.

Biometrics are random bytes: hashes of no image and templates no matcher knows, but for the part of
the city that is given irises. The bytes equal
`canonical_bytes` of what they say, so whoever parses and encodes them again gets the same.
"""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import shake_128
from itertools import islice
from typing import NamedTuple, Protocol
from uuid import UUID

from services.simulator.population import oddities
from services.simulator.population.captures import Moment
from services.simulator.population.census import AS_OF, spread
from services.simulator.population.city import City
from services.simulator.population.draws import below
from services.simulator.population.people import Resident
from shared.contracts.recording import BiometricException, Citizenship, Modality

HOME_REGION = "61.72"
NEIGHBOUR_REGION = "61.07"
NEIGHBOUR_DAYS_EARLIER = 21  # whole weeks, so that it is a working day again

_TEMPLATE_BYTES = 64
_TEMPLATE_FORMAT = "synthetic-opaque-1"
_YEAR_DAYS = 365.25
_OFFICE_CLOSES_SECOND = 15 * 3600 + 1800
_LATE_SECONDS = 8 * 3600
_ID_TAIL = len(b',"recording_id":"01890a5d-ac96-774b-bcce-b302099a8057"}')


class PlannedRecording(NamedTuple):
    """A recording to be handed in: `Recording` as JSON."""

    recording_id: UUID
    body: bytes

    @property
    def content(self) -> bytes:
        """`RecordingContent` as JSON: the body without its id, for a PUT that names it."""
        return self.body[:-_ID_TAIL] + b"}"


class Dress(NamedTuple):
    """What a recording shows instead of what it would."""

    person: Resident
    template_format: str
    templates: tuple[str, str]  # left and right, as the wire has them
    officer: int | None = None  # who takes it, where that matters
    has_both_irises: bool = False  # whatever chance would have excused


class Dresser(Protocol):
    """Gives the recordings of some places in the order of capture other clothes."""

    def dress(self, order: int, person: Resident) -> Dress | None: ...


def recordings(
    city: City, limit: int | None = None, irises: Dresser | None = None
) -> Iterator[PlannedRecording]:
    """All recordings of the city in order of capture, or a sample of exactly `limit` of them.

    irises: the part of the city that has readable ones; everybody else's bytes are the same.

    A sample spreads evenly over the years and proportionally over the districts. Its coverage is
    what it is: few of many. For a short run with the source's coverage make a smaller city.
    Raises ValueError if the city has fewer than `limit`.
    """
    orders = range(city.count.recorded) if limit is None else _sampled_orders(city, limit)
    for order in orders:
        yield _recording(city, order, irises)


def resent(city: City, count: int, irises: Dresser | None = None) -> Iterator[PlannedRecording]:
    """`count` of the city's recordings once more: same ids, same bytes."""
    for order in _evenly(city, count):
        yield _recording(city, order, irises)


def second_attempts(city: City, count: int) -> Iterator[PlannedRecording]:
    """Second recordings, at another office, of people recorded before: same NIK, other id.

    Captured after the last proper recording, on the evening of the census day.
    """
    for item, order in enumerate(_evenly(city, count)):
        resident = city.recorded_resident(order)
        yield _encode(city, resident, _evening(item, count), HOME_REGION, b"second")


def neighbour_recordings(city: City, count: int) -> Iterator[PlannedRecording]:
    """Recordings by the neighbouring region of people whom the city records too, three weeks later.

    In order of capture. Handed to the centre first, they make DUPLICATE_RECORD of the city's own.
    """
    for order in neighbour_orders(city, count):
        resident = city.recorded_resident(order)
        home_moment = city.calendar.moment(order)
        moment = Moment(home_moment.day - NEIGHBOUR_DAYS_EARLIER, home_moment.second)
        ward = f"{NEIGHBOUR_REGION}.{1 + resident.number % 17:02d}.2001"
        yield _encode(city, resident._replace(ward=ward), moment, NEIGHBOUR_REGION, b"neighbour")


def before_their_time(city: City, count: int, dresser: Dresser) -> Iterator[PlannedRecording]:
    """Recordings under NIKs of the city, in other clothes and under other ids than the proper ones.

    To be handed in before the proper ones, and to be refused: what is kept stands in their way.
    """
    for order in _evenly(city, count):
        person = city.recorded_resident(order)
        dress = dresser.dress(order, person)
        moment = city.calendar.moment(order)
        yield _encode(city, person, moment, HOME_REGION, b"before", dress)


def neighbour_orders(city: City, count: int) -> Iterator[int]:
    """Places in the city's order of capture of those whom the neighbour recorded, too."""
    return _evenly(city, count)


def early_recordings(city: City, count: int) -> Iterator[PlannedRecording]:
    """Recordings of `count` 16-year-olds, taken on the evening of the census day.

    They are allowed and their cards wait for the 17th birthday, but they are neither obliged nor
    among the census's recorded: use them only where the totals need not be the source's.
    """
    youngest = AS_OF.replace(year=AS_OF.year - 16)
    of_16 = (p for p in city.residents() if not p.obliged and p.birth_date <= youngest)
    taken = 0
    for taken, person in enumerate(islice(of_16, count), 1):
        yield _encode(city, person, _evening(taken - 1, count), HOME_REGION, b"early")
    if taken < count:
        raise ValueError("the city has fewer 16-year-olds")


def _evening(item: int, count: int) -> Moment:
    second = _OFFICE_CLOSES_SECOND + item * _LATE_SECONDS // count
    return Moment(AS_OF.toordinal(), second)


def _evenly(city: City, count: int) -> Iterator[int]:
    """`count` places in the order of capture, evenly apart and rising."""
    if not 0 <= count <= city.count.recorded:
        raise ValueError("the city has fewer recordings")
    return ((2 * item + 1) * city.count.recorded // (2 * count) for item in range(count))


def _sampled_orders(city: City, limit: int) -> Iterator[int]:
    if not 0 <= limit <= city.count.recorded:
        raise ValueError("the city has fewer recordings")
    recorded = {district: count.recorded for district, count in city.by_district.items()}
    wanted = dict(zip(recorded, spread(limit, list(recorded.values())), strict=True))
    seen = dict.fromkeys(recorded, 0)
    for order in range(city.count.recorded):
        district = city.ward_recorded(order).code[:8]
        seen[district] += 1
        due = seen[district] * wanted[district] // recorded[district]
        if due > (seen[district] - 1) * wanted[district] // recorded[district]:
            yield order


def _recording(city: City, order: int, irises: Dresser | None) -> PlannedRecording:
    moment = city.calendar.moment(order)
    person = city.recorded_resident(order)
    dress = irises.dress(order, person) if irises is not None else None
    return _encode(city, person, moment, HOME_REGION, b"first", dress)


# What one recording needs of chance: image hashes, two templates, an id, four draws.
_IMAGES_END = 32 * len(Modality)
_LEFT_END = _IMAGES_END + _TEMPLATE_BYTES
_RIGHT_END = _LEFT_END + _TEMPLATE_BYTES
_ID_END = _RIGHT_END + 10
_CHANCE_BYTES = _ID_END + 8
_HASH_STARTS = range(0, 2 * _IMAGES_END, 64)
_ALL_IMAGES = ",".join(f'"{modality}":"%s"' for modality in Modality)
_IRISES = (Modality.IRIS_LEFT, Modality.IRIS_RIGHT)


def _encode(
    city: City,
    person: Resident,
    moment: Moment,
    region: str,
    attempt: bytes,
    dress: Dress | None = None,
) -> PlannedRecording:
    """Write one recording. No text needs escaping: every word of it is from our lists."""
    luck = shake_128(b"%b:%d:%d" % (attempt, city.seed, person.number)).digest(_CHANCE_BYTES)
    age = int((moment.day - person.birth_date.toordinal()) / _YEAR_DAYS)
    place_draw, exception_draw, detail, staff = (
        int.from_bytes(luck[start : start + 2], "little")
        for start in range(_ID_END, _CHANCE_BYTES, 2)
    )
    excused = oddities.exceptions(age, exception_draw, detail)
    officer = 1 + below(24, staff)
    if dress is not None:
        person, officer = dress.person, dress.officer or officer
        if dress.has_both_irises:
            excused = {part: why for part, why in excused.items() if part not in _IRISES}
    recording_id = _uuid7(moment.unix_ms, luck[_RIGHT_END:_ID_END])
    body = (
        f'{{"presence":"in_person","captured_at":"{moment.text}",'
        f'"captured_by":"officer-{officer:02d}",'
        f'"station":"{region}-{person.ward[6:8]}-{1 + staff % 4}",'
        f'"place":"{oddities.place(age, place_draw)}",'
        f'"card":{{"nik":"{person.nik}","name":"{person.name}",'
        f'"birth_place":"{person.birth_place}","birth_date":"{person.birth_date}",'
        f'"sex":"{person.sex}","blood_group":"{person.blood_group}",'
        f'"address":{{"street":"{person.street}","rt":"{person.rt}","rw":"{person.rw}",'
        f'"ward":"{person.ward}"}},'
        f'"religion":"{person.religion}","marital_status":"{person.marital_status}",'
        f'"occupation":"{person.occupation}","citizenship":"{Citizenship.INDONESIAN}"}},'
        f'"mother_name":"{person.mother_name}","family_card":"{person.family_card}",'
        f'"biometrics":{_biometrics(luck, excused, dress)},"recording_id":"{recording_id}"}}'
    )
    return PlannedRecording(recording_id, body.encode())


def _biometrics(
    luck: bytes, excused: dict[Modality, BiometricException], dress: Dress | None
) -> str:
    hashes = luck[:_IMAGES_END].hex()
    image_hashes = [hashes[start : start + 64] for start in _HASH_STARTS]
    if dress is None:
        template_format = _TEMPLATE_FORMAT
        parts = (luck[_IMAGES_END:_LEFT_END], luck[_LEFT_END:_RIGHT_END])
        both = tuple(b64encode(part).decode() for part in parts)
    else:
        template_format, both = dress.template_format, dress.templates
    templates = ",".join(
        f'"{iris}":{{"format":"{template_format}","data":"{data}"}}'
        for iris, data in zip(_IRISES, both, strict=True)
        if iris not in excused
    )
    if not excused:
        images = _ALL_IMAGES % tuple(image_hashes)
        return f'{{"images":{{{images}}},"templates":{{{templates}}},"exceptions":{{}}}}'
    images = ",".join(
        f'"{modality}":"{image_hash}"'
        for modality, image_hash in zip(Modality, image_hashes, strict=True)
        if modality not in excused
    )
    reasons = ",".join(f'"{modality}":"{reason}"' for modality, reason in excused.items())
    return f'{{"images":{{{images}}},"templates":{{{templates}}},"exceptions":{{{reasons}}}}}'


def _uuid7(unix_ms: int, luck: bytes) -> UUID:
    """A UUIDv7 (RFC 9562) of a moment and ten bytes of chance."""
    chance = int.from_bytes(luck, "big")
    number = unix_ms << 80 | 7 << 76 | (chance >> 68) << 64 | 2 << 62 | chance & (1 << 62) - 1
    return UUID(int=number)
