"""The journal becomes a chain that only grows: hashes, seals, triggers; what ended stands in a table of its own.

A line may be deleted only when a checkpoint covers it, and is never changed. On PostgreSQL rights say so too, see
deploy/roles.sql; a trigger also stops the owner by mistake.
"""

import sqlalchemy as sa
from alembic import op

from pipeline.vocabulary.journal_chain import GENESIS, line_hash

revision = "0005"
down_revision = "0004"

_HASHES = {
    "previous_hash": "line_hash of the line before",
    "line_hash": "SHA-256 of this line and previous_hash",
}
_COVERED = "EXISTS (SELECT 1 FROM journal_seals WHERE is_checkpoint AND seq >= OLD.seq)"
_PG_GUARD = f"""
CREATE FUNCTION samenloop_guard_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF {_COVERED} THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'the journal only grows';
END $$"""


def upgrade() -> None:
    comment = "last line of the journal that this run saw"
    op.add_column("retirements", sa.Column("journal_seq", sa.Integer(), nullable=True, comment=comment))
    op.create_table(
        "endings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_endings")),
    )
    op.create_table(
        "journal_seals",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("line_hash", sa.Text(), nullable=False),
        sa.Column("is_checkpoint", sa.Boolean(), nullable=False, comment="lines up to here may be retired"),
        sa.Column("sealed_at", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column(
            "signature_b64",
            sa.Text(),
            nullable=False,
            comment="by the journal key, which only the opener holds",
        ),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_seals")),
    )
    with op.batch_alter_table("journal") as batch:
        for name, comment in _HASHES.items():
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment))
    op.create_index(op.f("ix_journal_action"), "journal", ["action"], unique=False)
    _move_endings()
    _chain_what_is_there()
    with op.batch_alter_table("journal") as batch:
        for name in _HASHES:
            batch.alter_column(name, server_default=None)
    _guard()


def _journal() -> sa.Table:
    return sa.Table("journal", sa.MetaData(), autoload_with=op.get_bind())


def _move_endings() -> None:
    """Which months are over and which keys were destroyed stood in the journal, whose lines have a term."""
    journal = _journal()
    endings = sa.Table("endings", sa.MetaData(), autoload_with=op.get_bind())
    actions = {"end_month": "month", "destroy_key": "key"}
    said = sa.select(journal).where(journal.c.action.in_(actions)).order_by(journal.c.seq)
    found = {}
    for row in op.get_bind().execute(said).mappings():
        kind, ground = actions[row["action"]], str(row["ground"] or "")
        found[kind, row["object"]] = {
            "kind": kind,
            "name": row["object"],
            "month": row["object"] if kind == "month" else ground.rpartition(" ")[2],
            "run_id": ground.partition(" ")[0],
            "ended_at": row["at"],
            "written_by": "migrate",
        }
    if found:
        op.get_bind().execute(endings.insert(), list(found.values()))


def _chain_what_is_there() -> None:
    journal = _journal()
    previous = GENESIS
    rows = op.get_bind().execute(sa.select(journal).order_by(journal.c.seq)).mappings().all()
    for seq, row in enumerate(rows, 1):
        own = line_hash({**row, "seq": seq}, previous)
        values = {"seq": seq, "previous_hash": previous, "line_hash": own}
        op.get_bind().execute(journal.update().where(journal.c.seq == row["seq"]).values(values))
        previous = own


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal"
            " BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END"
        )
        op.execute(
            f"CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal WHEN NOT {_COVERED}"
            " BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END"
        )
        return
    op.execute(_PG_GUARD)
    op.execute(
        "CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE ON journal"
        " FOR EACH ROW EXECUTE FUNCTION samenloop_guard_journal()"
    )
    op.execute(
        "CREATE TRIGGER journal_is_not_emptied BEFORE TRUNCATE ON journal"
        " FOR EACH STATEMENT EXECUTE FUNCTION samenloop_guard_journal()"
    )
