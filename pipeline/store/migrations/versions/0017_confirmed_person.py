"""Whom the opener confirmed in a signal: a correction can make it somebody else, who is not shown for that."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    comment = "proof by the opener of whom it confirmed, for the case it is shown with"
    op.add_column("case_signals", sa.Column("confirmed_person", sa.LargeBinary(), nullable=True, comment=comment))
