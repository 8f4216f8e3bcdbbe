"""Four eyes: where the law or the design asks for two people, these are two. Pure.

Rooms say who the first was and refuse in words of their own; what makes two people two is here.
"""

from collections.abc import Iterable


def is_another(officer: str, before: Iterable[str]) -> bool:
    """Whether an officer is none of those who spoke before.

    Some issuers tell one person's name in other cases or with spaces around it: still one person.
    """
    return _known_as(officer) not in {_known_as(one) for one in before}


def _known_as(officer: str) -> str:
    return officer.strip().casefold()
