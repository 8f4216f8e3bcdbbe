"""What all tables of the region share."""

from sqlalchemy import DateTime, MetaData

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)
MOMENT = DateTime(timezone=True)
