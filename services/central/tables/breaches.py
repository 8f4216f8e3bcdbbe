"""The register of breaches of the centre's data: few rows, the same everywhere."""

from services.central.tables.base import REFERENCE, metadata
from shared.breaches.tables import breach_table

breach = breach_table(metadata, REFERENCE)
