"""Whose fault a failed transaction is: the world's, or of what was being worked on.

Told apart by SQLSTATE, never by exception class (see `engine`). The world is waited for; the rest
fails again however often it is tried, and must not stop whoever stands behind it.
"""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from shared.database.engine import sqlstate

# Data, cardinality, integrity, names and types, limits of the program, a check option, RAISE.
# Source: PostgreSQL 18, appendix A.
_CLASSES_OF_CONTENT = ("21", "22", "23", "42", "44", "54", "P0")


def is_of_the_world(trouble: Exception) -> bool:
    """True for what passes by itself: a lost connection, a full disk, a deadlock, a cancel."""
    if isinstance(trouble, DBAPIError):
        state = sqlstate(trouble)
        return state is None or not state.startswith(_CLASSES_OF_CONTENT)
    if isinstance(trouble, StatementError):
        return False  # a parameter that cannot even be written down for the database
    return isinstance(trouble, SQLAlchemyError | OSError)


def kind_of(trouble: Exception) -> str:
    """A short code of the trouble for people; holds nothing of the data."""
    state = sqlstate(trouble) if isinstance(trouble, DBAPIError) else None
    return f"sqlstate-{state}" if state else f"bug-{type(trouble).__name__}"
