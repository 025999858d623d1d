"""What the opener confirmed carries its proof; what was confirmed before is compared once more."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    comment = "proof by the opener of is_confirmed, for the case it is shown with"
    op.add_column("case_signals", sa.Column("confirmation", sa.LargeBinary(), nullable=True, comment=comment))
