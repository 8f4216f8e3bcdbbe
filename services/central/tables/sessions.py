"""Who is signed in at the pages of this service."""

from services.central.tables.base import metadata
from shared.doors.session_store import session_table

page_session = session_table(metadata, {"citus": "session_hash"})
