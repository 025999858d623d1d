"""Eight kinds of token: what earned nothing goes, birth date with postcode and name with e-mail or phone come.

Tokens that are stored cannot be turned into others: a month that was admitted before is delivered again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

GONE = (
    "t_name_birth_postcode",
    "t_name_birth_postcode_alt",
    "t_name_initial_postcode",
    "t_name_initial_postcode_alt",
    "t_email_initial",
    "t_phone_initial",
    "t_email_birth",
    "t_phone_birth",
)
NEW = ("t_birth_postcode", "t_name_email", "t_name_email_alt", "t_name_phone", "t_name_phone_alt")


def upgrade() -> None:
    for name in GONE:
        op.drop_column("signals", name)
    for name in NEW:
        column = sa.Column(name, sa.LargeBinary(), nullable=True, comment="token under the month's store key")
        op.add_column("signals", column)
