"""How many live in Singkawang, must hold a card, and are recorded, on 13 October 2017.

The totals are the source's: 262,210 people, 187,433 obliged, 137,533 recorded (73.38 %), reported
by ANTARA Kalbar on 14 October 2017. HOW THEY SPREAD OVER WARDS IS INVENTED: no source gives it.
Wards far from the office were given a lower coverage, the centre a higher one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

AS_OF = date(2017, 10, 13)
RECORDINGS_MAX = 2_000_000  # the register of such a city takes a quarter of a gigabyte


@dataclass(frozen=True, slots=True)
class Count:
    """People of one area; the recorded are among the obliged, the obliged among all."""

    population: int
    obliged: int  # 17 or older, or ever married
    recorded: int

    @property
    def unrecorded(self) -> int:
        return self.obliged - self.recorded

    @property
    def coverage_percent(self) -> float:
        """Recorded of the obliged, two decimals; 0.0 where nobody is obliged."""
        return round(100 * self.recorded / self.obliged, 2) if self.obliged else 0.0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.population + other.population,
            self.obliged + other.obliged,
            self.recorded + other.recorded,
        )


CENSUS: Mapping[str, Count] = {
    "61.72.01.1001": Count(30_986, 22_100, 16_202),
    "61.72.01.1002": Count(13_591, 9_803, 7_368),
    "61.72.01.1003": Count(15_024, 10_707, 7_874),
    "61.72.01.1004": Count(8_050, 5_800, 4_410),
    "61.72.01.1005": Count(4_479, 3_185, 2_191),
    "61.72.01.1006": Count(6_279, 4_433, 3_037),
    "61.72.02.1001": Count(28_557, 20_592, 15_880),
    "61.72.02.1002": Count(11_309, 8_078, 6_152),
    "61.72.02.1003": Count(12_775, 9_150, 7_132),
    "61.72.02.1004": Count(11_554, 8_261, 6_204),
    "61.72.03.1001": Count(10_153, 7_266, 5_265),
    "61.72.03.1002": Count(4_373, 3_081, 2_067),
    "61.72.03.1003": Count(2_875, 2_013, 1_311),
    "61.72.03.1004": Count(3_233, 2_278, 1_494),
    "61.72.03.1005": Count(4_907, 3_474, 2_412),
    "61.72.04.1001": Count(7_560, 5_391, 3_998),
    "61.72.04.1002": Count(3_185, 2_278, 1_613),
    "61.72.04.1003": Count(4_050, 2_895, 2_077),
    "61.72.04.1004": Count(4_488, 3_171, 2_183),
    "61.72.04.1005": Count(3_394, 2_415, 1_703),
    "61.72.04.1006": Count(4_057, 2_868, 1_945),
    "61.72.04.1007": Count(4_100, 2_919, 2_015),
    "61.72.05.1001": Count(34_794, 25_027, 18_672),
    "61.72.05.1002": Count(6_524, 4_599, 3_122),
    "61.72.05.1003": Count(12_800, 9_207, 6_625),
    "61.72.05.1004": Count(9_113, 6_442, 4_581),
}


def total(counts: Iterable[Count]) -> Count:
    return sum(counts, Count(0, 0, 0))


CITY = total(CENSUS.values())


def by_district(by_ward: Mapping[str, Count]) -> dict[str, Count]:
    districts: dict[str, Count] = {}
    for ward, count in by_ward.items():
        district = ward[:8]
        districts[district] = districts.get(district, Count(0, 0, 0)) + count
    return districts


def scaled(recorded: int) -> dict[str, Count]:
    """The census of a city like Singkawang in which exactly `recorded` people are recorded.

    Recorded, unrecorded and not obliged keep their proportions to one another and between wards, as
    nearly as whole people allow. Raises ValueError unless 1 <= recorded <= RECORDINGS_MAX.
    """
    if not 1 <= recorded <= RECORDINGS_MAX:
        raise ValueError(f"a city has 1 to {RECORDINGS_MAX} recordings")
    if recorded == CITY.recorded:
        return dict(CENSUS)
    counts = CENSUS.values()
    factor = recorded / CITY.recorded
    recorded_by_ward = spread(recorded, [c.recorded for c in counts])
    unrecorded_by_ward = spread(round(CITY.unrecorded * factor), [c.unrecorded for c in counts])
    young = CITY.population - CITY.obliged
    young_by_ward = spread(round(young * factor), [c.population - c.obliged for c in counts])
    return {
        ward: Count(r + u + y, r + u, r)
        for ward, r, u, y in zip(
            CENSUS, recorded_by_ward, unrecorded_by_ward, young_by_ward, strict=True
        )
    }


def spread(whole: int, weights: Sequence[int]) -> list[int]:
    """Split a whole by weights into integers of exactly that sum (largest remainders first)."""
    weight = sum(weights)
    shares = [whole * w // weight for w in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(whole * weights[i] % weight))
    for i in by_remainder[: whole - sum(shares)]:
        shares[i] += 1
    return shares
