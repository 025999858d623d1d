"""Continuity between months, growth since the last list, and what fitted on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("cases", sa.Column("joined_to", sa.Text(), nullable=True, comment="the case that it repeats"))
    op.add_column("cases", sa.Column("shown_partner_count", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("shown_months_max", sa.Integer(), nullable=True))
    op.add_column(
        "cases", sa.Column("grown_on", sa.Text(), nullable=True, comment="the last list that showed it grown")
    )
    op.create_index(op.f("ix_cases_joined_to"), "cases", ["joined_to"], unique=False)
    op.create_table(
        "case_pseudonyms",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "pseudonym",
            sa.LargeBinary(),
            nullable=False,
            comment="under the case key, which only the opener holds",
        ),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("case_id", "key_id", "kind", "pseudonym", name=op.f("pk_case_pseudonyms")),
    )
    op.create_index(op.f("ix_case_pseudonyms_pseudonym"), "case_pseudonyms", ["pseudonym"], unique=False)
    op.create_table(
        "team_days",
        sa.Column("worklist_on", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("room_count", sa.Integer(), nullable=True, comment="new cases that fit; null is no limit"),
        sa.Column("new_count", sa.Integer(), nullable=False, comment="new cases that were asked for"),
        sa.Column("urgent_count", sa.Integer(), nullable=False, comment="of these: asked for, room or not"),
        sa.Column("waiting_count", sa.Integer(), nullable=False, comment="cases that wait for room"),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("worklist_on", "team_id", name=op.f("pk_team_days")),
    )
