"""Requests of residents that the opener answers: signed, about signals by their ids, scrubbed once answered."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "subject_requests",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="access | objection"),
        sa.Column("document", sa.JSON(), nullable=True, comment="signed by the municipality; null once answered"),
        sa.Column("state", sa.Text(), nullable=False, comment="filed | done | refused"),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("filed_at", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_subject_requests")),
    )
