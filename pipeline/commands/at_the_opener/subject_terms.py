"""Until when what is held about a resident is kept, in the words of the letter and by the count of `retire`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pipeline.commands.wiring import Run
from pipeline.revealed.texts import long_date, long_month, months_text, sentence
from pipeline.stewardship.retire_records import (
    CASES,
    JOURNAL,
    LAPSING_STATES,
    SIGNALS,
    Terms,
    case_goes_on,
)
from pipeline.store import retirement
from pipeline.store.subjects import SignalName
from pipeline.vocabulary.period import month_of


def terms_of(run: Run, names: Collection[SignalName], cases: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each month of signals and each case, and one for the logs.

    Args:
        run: the home.
        names: signals of the person that are held.
        cases: the cases that are about the person.
    """
    terms = Terms(run.agreements, run.today)
    lines = [*_of_signals(terms, names), *_of_cases(run, terms, cases)]
    kept = months_text(terms.months(JOURNAL, month_of(run.today)))
    return [*dict.fromkeys(lines), sentence("letter_terms", "log", months=kept)]


def _of_signals(terms: Terms, names: Collection[SignalName]) -> Iterator[str]:
    for month in sorted({month for _, month, _ in names}):
        until = long_date(terms.next_due_on(SIGNALS, month))
        yield sentence("letter_terms", "signal", month=long_month(month), date=until)


def _of_cases(run: Run, terms: Terms, cases: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    known = {
        str(row["case_id"]): row
        for row in retirement.ended_cases(run.store, list(retirement.case_months(run.store)))
    }
    after = months_text(terms.months(CASES, month_of(run.today)))
    for case in cases:
        goes_on = case_goes_on(str(case["case_id"]), known, terms)
        month = long_month(str(case["month"]))
        if goes_on is None:
            yield sentence("letter_terms", "case_running", month=month, months=after)
            continue
        which = "case_waiting" if case["state"] in LAPSING_STATES else "case"
        yield sentence("letter_terms", which, month=month, date=long_date(goes_on), months=after)
