"""Ten kinds of token: birth date with e-mail, and with telephone.

Tokens that are stored cannot be turned into others: a month that was admitted before is delivered again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

NEW = ("t_birth_email", "t_birth_phone")


def upgrade() -> None:
    for name in NEW:
        column = sa.Column(name, sa.LargeBinary(), nullable=True, comment="token under the month's store key")
        op.add_column("signals", column)
