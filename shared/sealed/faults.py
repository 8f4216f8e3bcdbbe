"""Why something sealed is not read, beside what `shared.sealing` names."""


class Erased(Exception):
    """Its key was destroyed on purpose: nobody can read it any more."""
