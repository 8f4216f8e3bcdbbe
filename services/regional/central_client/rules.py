"""How long to wait after trouble: full jitter, capped. Pure; the draw comes in."""

# 500 regions coming back after one storm must not come in step: hence a draw over the whole range.
FIRST_WAIT_SECONDS = 0.5
# What the centre answers whoever lost the region's name to another server.
FENCED = "region-fenced"


def wait_seconds(failures_in_a_row: int, draw: float, cap_seconds: float) -> float:
    """Seconds to wait before the next try.

    failures_in_a_row: 1 or more. draw: uniform in 0..1. The result is in (0, cap_seconds] and never
    zero, so that a dead line is not a busy loop. Source: full jitter, AWS architecture blog 2015.
    """
    ceiling = min(cap_seconds, FIRST_WAIT_SECONDS * 2.0 ** min(failures_in_a_row - 1, 16))
    floor = min(0.05, ceiling)
    return floor + draw * (ceiling - floor)
