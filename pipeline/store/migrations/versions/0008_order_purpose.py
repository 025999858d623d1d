"""What an order is for, when it is not for worklists."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    comment = "null for worklists; else what is made, with its version and period"
    op.add_column("worklist_orders", sa.Column("purpose", sa.Text(), nullable=True, comment=comment))
