"""A pseudonym is bound to its case: moved to another one, it is not believed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    comment = "binds the pseudonym to its case, under the case key"
    op.add_column("case_pseudonyms", sa.Column("proof", sa.LargeBinary(), nullable=True, comment=comment))
