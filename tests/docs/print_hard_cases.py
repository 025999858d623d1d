"""Print docs/hard-cases.md: ten hard cases of a practice region, as the data steward and the wijkteam read them.

`python -m tests.docs.print_hard_cases` makes the region anew, which takes some minutes. Nobody in it exists.
All doubtful cases are accepted, wise or not, so that the page shows what a list would have said; the region's
truth, which no municipality has, tells whether that would have been the right door.
"""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.commands.admit import admit
from pipeline.commands.doubtful_cases import decide, list_doubts, show_doubt
from pipeline.commands.match import match
from pipeline.commands.opener import start_child
from pipeline.commands.practising.practice_region import Region, make_region, seal_all
from pipeline.commands.reveal import reveal
from pipeline.commands.wiring import Run, open_run
from pipeline.practice.region import Plan
from pipeline.revealed import describe_doubt as words
from pipeline.revealed.describe_doubt import Doubt
from pipeline.vocabulary.review import ACCEPTED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hard-cases.md"
PLAN = Plan(80_000, 7, ("2026-10",), signals_per_1000=100)
DAY = date(2026, 11, 3)
MOST = 10

HEAD = """# Ten hard cases

Printed by `python -m tests.docs.print_hard_cases` from a practice region in which nobody exists: {households}
households, seed {seed}, month {month}, {rate:.0f} signals per 1,000 inhabitants. It proposed {cases} cases.
The opener confirmed {confirmed}, withheld {withheld} and left {doubtful} to the data steward. Below are {shown}
of these, of each kind of doubt at least one, and first of those who are not one person, as `samenloop review
show` tells them; the codes are rows of [the table](rules.md).

The steward sees no name, address or number, only whether they agree. For this page every case was accepted, wise
or not, so that it can show what the wijkteam would have read; amounts and dates are left out. The last line is
the region's own truth, which no municipality has: whether that would have been the right door. Of all {doubtful}
doubtful cases {same} were about one person.
"""


def main() -> None:
    """Make the region, ask, answer, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        region = make_region(Path(folder) / "region", PLAN)
        seal_all(region, region.home / "inbox" / "deliveries")
        _give_room(region.home / "teams.json")
        with start_child(region.home), open_run(region.home, DAY, "gegevensbeheerder") as run:
            PAGE.write_text(_page(region, run), encoding="utf-8")


def _give_room(teams_file: Path) -> None:
    """Teams without a capacity, so that every case is opened on one day."""
    teams = json.loads(teams_file.read_text(encoding="utf-8"), object_hook=_without_capacity)
    teams_file.write_text(json.dumps(teams), encoding="utf-8")


def _without_capacity(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "capacity"}


def _page(region: Region, run: Run) -> str:
    admit(run)
    match(run)
    counts = reveal(run).counts
    doubts = [show_doubt(run, doubt.reference) for doubt in list_doubts(run)]
    for doubt in doubts:
        decide(run, doubt.reference, ACCEPTED, "SPELLING")
    reveal(run)
    entries = dict(_entries(run))
    who = _persons(region.folder / "truth.csv")
    persons = {doubt.case_id: _truth(entries[doubt.case_id], who) for doubt in doubts}
    chosen = _varied(doubts, persons)
    head = HEAD.format(
        households=f"{PLAN.households:,}",
        seed=PLAN.seed,
        month=PLAN.months[-1],
        rate=PLAN.signals_per_1000,
        cases=counts["new"] + counts["doubtful"] + counts["withheld"],
        confirmed=counts["new"],
        withheld=counts["withheld"],
        doubtful=counts["doubtful"],
        shown=len(chosen),
        same=sum(count == 1 for count in persons.values()),
    )
    parts = [
        _case(number, doubt, entries[doubt.case_id], persons[doubt.case_id])
        for number, doubt in enumerate(chosen, start=1)
    ]
    return "\n".join((head, *parts))


def _varied(doubts: list[Doubt], persons: Mapping[str, int]) -> list[Doubt]:
    """Ten cases, with as many different doubts as there are, and of these who is not one person first.

    In an order that does not hang on random ids.
    """
    ordered = sorted(
        doubts,
        key=lambda doubt: (
            persons[doubt.case_id] == 1,
            _rules(doubt),
            doubt.area,
            str(doubt.signals + doubt.pairs),
        ),
    )
    seen: set[tuple[str, ...]] = set()
    first: list[Doubt] = []
    more: list[Doubt] = []
    for doubt in ordered:
        (more if _rules(doubt) in seen else first).append(doubt)
        seen.add(_rules(doubt))
    return sorted((*first, *more)[:MOST], key=_rules)


def _rules(doubt: Doubt) -> tuple[str, ...]:
    return tuple(sorted({pair.rule_id for pair in doubt.pairs if pair.verdict == "doubtful"}))


def _truth(entry: Mapping[str, Any], who: Mapping[tuple[str, str], str]) -> int:
    """About how many persons the signals on a worklist really are."""
    return len({who[(signal["partner_id"], signal["klantnummer"])] for signal in entry["signals"]})


def _case(number: int, doubt: Doubt, entry: Mapping[str, Any], persons: int) -> str:
    truth = "one person" if persons == 1 else f"{persons} persons"
    door = "the right door" if persons == 1 else "a wrong door"
    headings = words.pair_headings()
    rows = (headings, ("---",) * len(headings), *(words.pair_cells(pair) for pair in doubt.pairs))
    lines = (
        f"## {number}. {', '.join(_rules(doubt)) or doubt.reason_code}",
        "",
        "; ".join(signal.text for signal in doubt.signals) + f"; wijk {doubt.area}. "
        f"*{words.reason_text(doubt.reason_code)}*",
        "",
        *("| " + " | ".join(cells) + " |" for cells in rows),
        "",
        *(f"- {line}" for line in words.because_lines(doubt)),
        "",
        "On the worklist: " + " ".join(_without_values(reason) for reason in entry["reasons"]),
        "",
        f"In truth: {truth}. Accepting is {door}.",
        "",
    )
    return "\n".join(lines)


def _without_values(reason: str) -> str:
    """A worklist's sentence without its amount (€ 1.234) and its date (6 oktober 2026)."""
    return re.sub(r"\d+ [a-z]+ 20\d\d", "…", re.sub(r"€\s*\d+(\.\d+)*", "€ …", reason))


def _entries(run: Run) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for page in run.home.worklists.glob(f"*/{DAY}/werklijst.json"):
        for entry in json.loads(page.read_text(encoding="utf-8"))["cases"]:
            yield entry["case_id"], entry


def _persons(truth: Path) -> dict[tuple[str, str], str]:
    with truth.open(encoding="utf-8", newline="") as handle:
        return {(row["partner_id"], row["klantnummer"]): row["person_id"] for row in csv.DictReader(handle)}


if __name__ == "__main__":
    main()
