"""A contact attempt that was written down by mistake can be withdrawn, and stays known as such."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    with op.batch_alter_table("attempts") as batch:
        mistake = "written down by mistake"
        batch.add_column(
            sa.Column("is_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false(), comment=mistake)
        )
        spoke = "of the sheet that spoke last of whether it counts"
        batch.add_column(sa.Column("sheet_version", sa.Text(), nullable=True, comment=spoke))
