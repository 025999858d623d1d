"""What the roles of a PostgreSQL deployment may do to each table: the journal only grows, also by rights.

The owner of the tables grants, after each migration. Where there are no such roles (tests, one user for all)
nothing is granted, and the triggers of the journal are what is left.
"""

from __future__ import annotations

import sqlalchemy as sa

OWNER = "samenloop"
FLOW = "samenloop_flow"
OPENER = "samenloop_opener"

_OF_ONE_WRITER: tuple[tuple[str, str, str], ...] = (
    # table, what the steps may, what the opener may
    ("journal", "SELECT, INSERT", "SELECT, INSERT, DELETE"),
    ("journal_seals", "SELECT", "SELECT, INSERT, UPDATE, DELETE"),
    ("case_pseudonyms", "SELECT, DELETE", "SELECT, INSERT, DELETE"),
    ("subject_requests", "SELECT, INSERT, DELETE", "SELECT, UPDATE"),
    ("processings", "SELECT, INSERT, UPDATE (is_exported), DELETE", "SELECT, INSERT"),
    ("alembic_version", "SELECT", "SELECT"),
)


def grant_rights(connection: sa.Connection) -> None:
    """Grant the roles that belong to the current one, when it is the owner, what they need in this schema."""
    owner, schema = connection.exec_driver_sql("SELECT current_user, current_schema()").one()
    if not str(owner).startswith(OWNER):
        return
    known = {row[0] for row in connection.exec_driver_sql("SELECT rolname FROM pg_roles")}
    quote = connection.dialect.identifier_preparer.quote
    for number, name in enumerate((FLOW, OPENER), 1):
        role = name + str(owner).removeprefix(OWNER)
        if role not in known:
            continue
        to, place = quote(role), quote(str(schema))
        said = [
            f"GRANT USAGE, CREATE ON SCHEMA {place} TO {to}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {place} FROM {to}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place} TO {to}",
        ]
        for row in _OF_ONE_WRITER:
            said += [
                f"REVOKE ALL ON {place}.{row[0]} FROM {to}",
                f"GRANT {row[number]} ON {place}.{row[0]} TO {to}",
            ]
        for statement in said:
            connection.exec_driver_sql(statement)
