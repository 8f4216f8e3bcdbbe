"""Demographic similarity: how far what two recordings say of a person agrees, and why.

Owns: the weights of name, birth date and place, mother's name, sex, family card and ward.
Takes: recordings. Gives: a score with its evidence, field by field, in levels and never in values.
Never: decides. It adds to what irises say; alone it only finds whom two officers should look at.
"""

from services.central.penunggalan.demographic.weights import (
    Comparison,
    Contradiction,
    Field,
    FieldEvidence,
    compare,
)

__all__ = ["Comparison", "Contradiction", "Field", "FieldEvidence", "compare"]
