"""Migrations of the store, run when it is opened and only when they are needed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipeline.vocabulary.faults import Refused


@lru_cache(maxsize=1)
def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config, ScriptDirectory.from_config(config)


def bring_up_to_date(engine: sa.Engine) -> None:
    """Run the migrations that the database lacks, in one transaction.

    Raises:
        Refused: DATABASE_NEWER when a newer version of Samenloop made the database.
    """
    config, scripts = _scripts()
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
            raise Refused("DATABASE_NEWER")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
