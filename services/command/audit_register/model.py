"""The linkage model: levels for each field as in penunggalan, in SQL that DuckDB and Spark share.

m is penunggalan's. u is measured by Splink in the register itself, from random pairs, and how
common a name, a date or a place is from its frequency there: so days written for the unknown count
for little without a list of them. m is not learned by expectation maximisation: where hardly any
pair is one person, it would fit noise.
"""

from typing import Any, Final

import splink.comparison_level_library as levels
from splink import SettingsCreator, block_on
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from services.central.penunggalan.demographic.birth_dates import DateLevel
from services.central.penunggalan.demographic.names import NameLevel
from services.central.penunggalan.demographic.weights import (
    M_DATE,
    M_MOTHER,
    M_NAME,
    SECOND_RECORDINGS,
)

# More recordings under one key than this are not paired by it; the report says how many keys.
CROWD_MIN: Final = 200
SLIPS_MAX, SLIP_LETTERS_MIN = 2, 7

# On one family card one mother is expected: agreeing on her says nothing more, as in weights.py.
SAME_HOUSEHOLD: Final = "same_household"
_NO_WEIGHT = 0.5  # for m and u alike

# Of each field, its levels as the report names them, best first.
LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "name": tuple(NameLevel),
    "birth_date": (
        DateLevel.SAME,
        DateLevel.DAY_AND_MONTH_SWAPPED,
        DateLevel.GUESSED_DAY,
        DateLevel.ONE_PART_DIFFERS,
        DateLevel.NEAR,
        DateLevel.FAR,
    ),
    "birth_place": ("same", "different"),
    "mother_name": (SAME_HOUSEHOLD, *NameLevel),
    "sex": ("same", "different"),
    "household": ("same_family_card", "same_ward", "same_district", "different"),
}
M: Final[dict[str, tuple[float, ...]]] = {
    "name": tuple(M_NAME[level] for level in NameLevel),
    "birth_date": tuple(M_DATE[DateLevel(level)] for level in LEVELS["birth_date"]),
    "birth_place": (0.92, 0.08),  # INVENTED, as all m; see weights.py
    "mother_name": (_NO_WEIGHT, *(M_MOTHER[level] for level in NameLevel)),
    "sex": (0.998, 0.002),
    "household": (0.5, 0.15, 0.1, 0.25),
}
_ONE_PART_DIFFERS: Final = (
    "(birth_year_l = birth_year_r"
    " AND (birth_month_l = birth_month_r OR birth_day_l = birth_day_r))"
    " OR (birth_month_l = birth_month_r AND birth_day_l = birth_day_r"
    " AND NOT birth_guessed_l AND abs(birth_year_l - birth_year_r) IN (1, 10))"
)
_CONDITIONS: Final[dict[str, tuple[str, ...]]] = {
    "birth_date": (
        "birth_date_l = birth_date_r",
        "birth_swapped_l = birth_swapped_r",
        "birth_year_l = birth_year_r AND (birth_guessed_l OR birth_guessed_r)",
        _ONE_PART_DIFFERS,
        "abs(birth_year_l - birth_year_r) <= 2",
    ),
    "birth_place": ("birth_place_l = birth_place_r",),
    "sex": ("sex_l = sex_r",),
    "household": (
        "family_card_l = family_card_r",
        "ward_l = ward_r",
        "district_l = district_r",
    ),
}
# Fields whose very value is weighed by how common it is.
COUNTED = frozenset({"name", "mother_name", "birth_date", "birth_place"})

PAIRS: Final = f"""
SELECT '0' AS match_key, one.unique_id AS join_key_l, other.unique_id AS join_key_r
FROM keys one JOIN keys other ON one.key = other.key AND one.unique_id < other.unique_id
WHERE one.key NOT IN (SELECT key FROM keys GROUP BY key HAVING count(*) > {CROWD_MIN})
GROUP BY one.unique_id, other.unique_id
"""  # noqa: S608 a number of ours
CROWDED: Final = f"""
SELECT count(*) FROM (SELECT key FROM keys GROUP BY key HAVING count(*) > {CROWD_MIN}) AS crowded
"""  # noqa: S608 a number of ours


def settings_for(persons: int) -> SettingsCreator:
    """Splink's settings for a register of so many persons."""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(field) for field in LEVELS],
        # Pairs come from our keys; Splink asks for a rule all the same.
        blocking_rules_to_generate_predictions=[block_on("name")],
        probability_two_random_records_match=SECOND_RECORDINGS / max(persons, 2),
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["region"],
    )


def _comparison(field: str) -> CustomComparison:
    found = _levels_of(field)
    configured: list[ComparisonLevelCreator | dict[str, Any]] = []
    for level, m, label in zip(found, M[field], LEVELS[field], strict=True):
        configured.append(level.configure(m_probability=m, label_for_charts=label))
    if field in COUNTED:
        exact = found[LEVELS[field].index("same")]
        exact.configure(tf_adjustment_column=field)
    if SAME_HOUSEHOLD in LEVELS[field]:
        found[0].configure(u_probability=_NO_WEIGHT, fix_u_probability=True)
    return CustomComparison(output_column_name=field, comparison_levels=configured)


def _levels_of(field: str) -> list[ComparisonLevelCreator]:
    match field:
        case "name":
            return _name_levels(field)
        case "mother_name":
            return [levels.CustomLevel("family_card_l = family_card_r"), *_name_levels(field)]
        case _:
            return _plain_levels(field)


def _plain_levels(field: str) -> list[ComparisonLevelCreator]:
    return [*(levels.CustomLevel(one) for one in _CONDITIONS[field]), levels.ElseLevel()]


def _name_levels(field: str) -> list[ComparisonLevelCreator]:
    slip = (
        f"levenshtein({field}_l, {field}_r) <= {SLIPS_MAX}"
        f" AND length({field}_l) >= {SLIP_LETTERS_MIN} AND length({field}_r) >= {SLIP_LETTERS_MIN}"
    )
    return [
        levels.CustomLevel(f"{field}_l = {field}_r"),
        levels.CustomLevel(f"{field}_code_l = {field}_code_r"),
        levels.CustomLevel(slip),
        levels.ArraySubsetLevel(f"{field}_words"),
        levels.ArrayIntersectLevel(f"{field}_words", 1),
        levels.ElseLevel(),
    ]
