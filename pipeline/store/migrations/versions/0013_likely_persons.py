"""Whether a case was shown on what is likely one person, and not sure: the analyst counts these apart."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    comment = "shown on what is likely, and not sure, to be one person"
    op.add_column("cases", sa.Column("is_likely", sa.Boolean(), nullable=True, comment=comment))
