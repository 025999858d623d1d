"""A case that is taken up again, or gets a crisis, has a term of its own; how it ended before stays known."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    began = "the day its present term began; null is opened_on"
    op.add_column("cases", sa.Column("term_from_on", sa.Text(), nullable=True, comment=began))
    came = "the day a crisis came in; null is opened_on"
    op.add_column("cases", sa.Column("crisis_from_on", sa.Text(), nullable=True, comment=came))
    shown = "partners with a crisis on the list that showed it last"
    op.add_column("cases", sa.Column("shown_crisis_count", sa.Integer(), nullable=True, comment=shown))
    op.add_column("results", sa.Column("earlier_result", sa.Text(), nullable=True))
    ended = "how and when it ended before it was taken up again"
    op.add_column("results", sa.Column("earlier_result_on", sa.Text(), nullable=True, comment=ended))
