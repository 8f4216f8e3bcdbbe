"""The register of breaches of this region's data."""

from services.regional.tables.base import metadata
from shared.breaches.tables import breach_table

breach = breach_table(metadata, {})
