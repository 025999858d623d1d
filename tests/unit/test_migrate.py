"""What the numbers of the files say is what Alembic makes of the files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipeline.store.migrate import MIGRATIONS, bring_to, current_revision, is_up_to_date, revisions


def test_revisions_are_the_chain_that_alembic_walks() -> None:
    """Without a hole or a fork, in the order of the numbers."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert [*revisions()] == [script.revision for script in scripts.walk_revisions()][::-1]
    assert [revisions()[-1]] == scripts.get_heads()


def test_current_revision_is_the_one_alembic_reads() -> None:
    """Before any migration, halfway and at the end."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    for revision in (None, "0003", revisions()[-1]):
        with engine.begin() as connection:
            if revision is not None:
                bring_to(connection, revision)
            assert revision == current_revision(connection)
            assert revision == MigrationContext.configure(connection).get_current_revision()
            assert is_up_to_date(connection) == (revision == revisions()[-1])
