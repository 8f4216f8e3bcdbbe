"""How high a share may be that was seen so often, said with 95 % certainty. Pure."""

import math

CERTAINTY = 0.95
_HALVINGS = 60


def highest_share(seen: int, of: int) -> float:
    """Clopper and Pearson's one-sided bound; with nothing seen it is the rule of three."""
    if seen >= of:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _chance_of_so_few(seen, of, middle) > 1 - CERTAINTY:
            low = middle
        else:
            high = middle
    return float(f"{high:.3g}")


def _chance_of_so_few(seen: int, of: int, share: float) -> float:
    """Of at most `seen` in `of`, each with this chance."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    logs = (
        math.lgamma(of + 1)
        - math.lgamma(count + 1)
        - math.lgamma(of - count + 1)
        + count * math.log(share)
        + (of - count) * math.log1p(-share)
        for count in range(seen + 1)
    )
    return min(1.0, sum(math.exp(log) for log in logs))
