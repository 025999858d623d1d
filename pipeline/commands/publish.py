"""`samenloop publish`: a new analytics.duckdb for the municipality's analysts, in place of the former one."""

from __future__ import annotations

import typer

from pipeline.analytics.snapshot import write_snapshot
from pipeline.analytics.work_tables import SnapshotFacts, work_tables
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run, open_run
from pipeline.store.reports import analytics_sources
from pipeline.vault.randomness import new_secret

COMMAND = "publish"
_SEED_BYTES = 8


def publish(run: Run) -> Outcome:
    """Publish the state of this moment. Takes the writer lock, so that all tables show the same moment."""
    with run.store.writer_lock("publish_analytics"):
        tables = work_tables(analytics_sources(run.store), _facts(run))
        write_snapshot(run.home.analytics, {"work": tables})
    counts = {name: table.height for name, table in tables.items() if name != "snapshot"}
    line = f"Nieuwe cijfers voor analisten: {counts['signals']} signalen, {counts['cases']} zaken."
    return Outcome(COMMAND, counts, paths={"analytics": str(run.home.analytics)}, lines=[line])


def _facts(run: Run) -> SnapshotFacts:
    return SnapshotFacts(
        published_at=run.now,
        published_on=run.today.isoformat(),
        gemeentecode=run.gemeentecode,
        municipality=run.agreement.municipality,
        agreement_version=run.agreement.version,
        partner_types={
            partner.partner_id: partner.partner_type for version in run.agreements for partner in version.partners
        },
        seed=int.from_bytes(new_secret()[:_SEED_BYTES], "big"),
    )


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def publish_command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
        """Write a new analytics.duckdb; whoever has the former one open goes on reading it.

        Example: samenloop publish --home var
        """

        def work() -> Outcome:
            with open_run(home, date) as run:
                return publish(run)

        run_command(work, COMMAND, as_json=as_json)
