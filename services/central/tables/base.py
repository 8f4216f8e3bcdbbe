"""What all tables of the centre share: the metadata, and by which column they are spread."""

from typing import Any

from sqlalchemy import DateTime, MetaData

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)
MOMENT = DateTime(timezone=True)
BY_REGION: dict[Any, Any] = {"citus": "region_code"}
BY_NIK: dict[Any, Any] = {"citus": "nik"}
REFERENCE: dict[Any, Any] = {"citus": "reference"}
