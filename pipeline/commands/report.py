"""`samenloop report`: the monitor page of a month or another period, and its figures as CSV and Parquet.

Everything comes from schema `publish` of analytics.duckdb. Without a period every published month gets its page,
and pages of other periods that are there are made again; one whose figures did not change since is left as it is,
and one whose term has ended is not made.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.channels import folder
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run
from pipeline.stewardship.retire_records import ANALYTICS, Terms
from pipeline.vocabulary.faults import Refused

if TYPE_CHECKING:
    from pipeline.analytics.monitor_figures import Published
    from pipeline.analytics.periods import Period

COMMAND = "report"
PAGE = "monitor-"


def report(run: Run, period: str | None = None) -> Outcome:
    """Write the pages that are new or changed; with a period that page alone.

    Raises:
        Refused: ANALYTICS_MISSING before the first `publish`; VALUE_INVALID for what is no period; PERIOD_UNKNOWN
            for one of which nothing is published or expected: an empty page would look like one without trouble.
    """
    # Charts load Altair, which no other command needs.
    from pipeline.analytics.dictionary_page import FILE
    from pipeline.analytics.monitor_figures import Published
    from pipeline.analytics.periods import parse_period

    wanted = [parse_period(period)] if period else []
    published = Published.read(run.home.analytics)
    if wanted and not published.knows(wanted[0]):
        months = published.known_months()
        raise Refused("PERIOD_UNKNOWN", "period", hint=f"({months[0]} tot en met {months[-1]})" if months else "")
    wanted = wanted or _kept(run, [parse_period(month) for month in published.published_months()])
    paths: dict[str, str] = {}
    written = 0
    with run.store.writer_lock(COMMAND):
        _write_dictionary(run.home.reports / FILE)
        for one in wanted:
            page = run.home.reports / f"{PAGE}{one.name}.html"
            written += _write(page, published, one)
            paths["monitor"] = str(page)
    lines = [] if wanted else ["Er is nog geen maand gepubliceerd. Zie: samenloop publish --help."]
    return Outcome(COMMAND, {"pages": len(wanted), "pages_new": written}, paths=paths, lines=lines)


def period_of_page(path: Path) -> Period | None:
    """The period that a monitor page, or the figures beside it, are of; None for another file."""
    from pipeline.analytics.periods import parse_period

    if not path.name.startswith(PAGE):
        return None
    try:
        return parse_period(path.stem.removeprefix(PAGE))
    except Refused:
        return None


def _kept(run: Run, months: Iterable[Period]) -> list[Period]:
    """The published months and the periods of which somebody asked a page, within the term of figures."""
    pages = (period_of_page(path) for path in sorted(run.home.reports.glob(f"{PAGE}*.html")))
    periods = {period.name: period for period in (*months, *pages) if period is not None}
    terms = Terms(run.agreements, run.today)
    return [period for period in periods.values() if not terms.is_due(ANALYTICS, period.months[-1])]


def _write_dictionary(page: Path) -> None:
    from pipeline.analytics.dictionary_page import render_dictionary

    content = render_dictionary()
    if not page.is_file() or page.read_bytes() != content:
        folder.write_file(page, content)


def _write(page: Path, published: Published, period: Period) -> bool:
    from pipeline.analytics.monitor_page import figures_frame, fingerprint, render_monitor

    if page.is_file() and f'content="{fingerprint(published, period)}"' in page.read_text(encoding="utf-8"):
        return False
    frame = figures_frame(published, period)
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    # As a Dutch spreadsheet reads it: a comma in numbers, and a mark that says UTF-8.
    table = frame.write_csv(separator=";", decimal_comma=True, include_bom=True)
    folder.write_file(page.with_suffix(".csv"), table.encode())
    folder.write_file(page.with_suffix(".parquet"), parquet.getvalue())
    folder.write_file(page, render_monitor(published, period))
    return True


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(
        period: Annotated[
            str | None,
            typer.Argument(help="2026-10, 2026Q4, 2026 or 2026-01..2026-06. Default: every published month."),
        ] = None,
        home: HomeOption = None,
        date: DateOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Write the monitor page of a period into reports/, with the same figures as CSV and Parquet.

        Example: samenloop report 2026Q4 --home var
        """

        def work() -> Outcome:
            with open_working_run(home, date) as run:
                return report(run, period)

        run_command(work, COMMAND, as_json=as_json)
