"""The day on which a signal was admitted, on the clock of the run: what days of waiting are counted from."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    comment = "the day of the run that admitted it, as other days of a case are"
    op.add_column("signals", sa.Column("admitted_on", sa.Text(), nullable=True, comment=comment))
