"""What was published of each period, so that it stays and changes only when the change tells of nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "published_releases",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_published_on", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("blocks", sa.JSON(), nullable=False, comment="groups with exact counts: none, or ten and more"),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("subject", "period", "moment", name=op.f("pk_published_releases")),
    )
