"""A word that counts once: the region signs what the centre gave it, and a number of its own.

The centre tells a challenge with every answer; whoever has one signs it together with a nonce, so
that a captured message is refused when it is sent again. No clock of the region takes part: a
challenge says by the centre's own clock when it was given.
"""

import re

CHALLENGE_HEADER = "Tunggal-Challenge"
ONCE_HEADER = "Tunggal-Once"
PROBLEM_HEADER = "Tunggal-Problem"  # for an answer without a body
STALE, REPLAYED = "challenge-stale", "message-replayed"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{32}")
ONCE = re.compile(r"[A-Za-z0-9_-]{32}\.[A-Za-z0-9_-]{16}")


def once_purpose(purpose: str, once: str | None) -> str:
    """What is signed for: of a message that counts once, its challenge and nonce too."""
    return purpose if once is None else f"{purpose}\nonce {once}"
