"""The processing log, apart from the journal: one line per processing per data subject."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "processings",
        sa.Column("trace_id", sa.Text(), nullable=False, comment="W3C: one cause, as an order or a delivery"),
        sa.Column("span_id", sa.Text(), nullable=False, comment="W3C: this line"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=False),
        sa.Column("status_code", sa.Text(), nullable=False),
        sa.Column("data_subject_id", sa.Text(), nullable=False, comment="hash of a signal's name"),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("agreement_version", sa.Integer(), nullable=True),
        sa.Column("is_exported", sa.Boolean(), nullable=False, comment="mutable: sent to the collector"),
        sa.PrimaryKeyConstraint("trace_id", "span_id", name=op.f("pk_processings")),
    )
    op.create_index(op.f("ix_processings_data_subject_id"), "processings", ["data_subject_id"], unique=False)
