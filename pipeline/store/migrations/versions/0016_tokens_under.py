"""Under which keys a signal's tokens were made: those under two keys of one month never equal each other."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    comment = "ids of the token key and the store key that made the tokens"
    op.add_column("signals", sa.Column("tokens_under", sa.Text(), nullable=True, comment=comment))
