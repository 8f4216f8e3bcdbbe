"""A database role for a service that may add to the audit and never change or remove what is there.

The owner of the tables migrates; the service signs in as this role. What a role lacks no program
error and no stolen connection of the service can do.
"""

import re
from collections.abc import Sequence

from sqlalchemy import text

from shared.database.engine import Database

ROLE = "tunggal_app"
APPENDED_ONLY = ("audit_entry", "audit_checkpoint", "audit_witness")
HEAD = "audit_head"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def statements(role: str, database: str) -> Sequence[str]:
    """What the owner runs, in order; safe to run again. Raises ValueError for an odd name."""
    if not _NAME.fullmatch(role) or not re.fullmatch(r"[A-Za-z0-9_]{1,63}", database):
        raise ValueError("a role or database is named by letters, digits and _")
    only = ", ".join(APPENDED_ONLY)
    return (
        (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE; END IF; END $$"
        ),
        f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO {role}',
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {only} FROM {role}",
        f"REVOKE DELETE, TRUNCATE ON {HEAD} FROM {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    )


async def protect(database: Database, role: str) -> None:
    """Run them in one transaction. Raises SQLAlchemyError when this account may not."""
    async with database.begin() as transaction:
        name = await transaction.scalar(text("SELECT current_database()"))
        for statement in statements(role, str(name)):
            await transaction.execute(text(statement))
