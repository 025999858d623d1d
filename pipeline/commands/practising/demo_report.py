"""What a demo came to: read back from the ledger, the orders and the folders, and told in words."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.commands.console import Outcome
from pipeline.commands.practising.practice_region import Region
from pipeline.commands.practising.staged_faults import SLOPPY, Staged
from pipeline.commands.wiring import open_run
from pipeline.practice.partners import PARTNERS
from pipeline.pseudonymous.answer_delivery import IN_FORCE
from pipeline.store import deliveries, openings
from pipeline.vocabulary.case import VERDICT_CONFIRMED, VERDICT_DOUBTFUL, VERDICT_WITHHELD
from pipeline.vocabulary.manifest import DeliveryName

KEPT_BY_PARTNERS = ("refused_rows", "objections", "legal_persons")


@dataclass(frozen=True)
class Findings:
    """Counts, what was refused as staged, what went wrong otherwise, and the lists that were handed over."""

    counts: dict[str, int]
    staged: Sequence[Staged]
    unexpected: Sequence[str]
    pages: Sequence[tuple[str, int, Path]]


def findings_of(region: Region, day: date, sealed: Sequence[Outcome], staged: Sequence[Staged]) -> Findings:
    """Look everything up anew, as a steward would, and hold it against what was staged."""
    with open_run(region.home, day) as run:
        decisions = {str(row["delivery_id"]): row for row in deliveries.ledger(run.store)}
        orders = openings.orders_on(run.store, day.isoformat())
        answers = [answer for order in orders for answer in openings.answers_of(run.store, order["order_id"])]
        teams = run.teams.teams
    disclosed = Counter(str(answer["team_id"]) for answer in answers if answer["verdict"] == VERDICT_CONFIRMED)
    pages = [
        (
            team.name,
            disclosed[team.team_id],
            run.home.worklists / team.team_id / day.isoformat() / "werklijst.html",
        )
        for team in teams
    ]
    in_force = [name for name, row in decisions.items() if row["state"] in IN_FORCE]
    counts = {
        "deliveries": len(decisions),
        "admitted": len(in_force),
        "refused": len(decisions) - len(in_force),
        "signals": sum(decisions[name]["admitted_count"] for name in in_force),
        "proposed": len(answers),
        "confirmed": disclosed.total(),
        "doubtful": sum(answer["verdict"] == VERDICT_DOUBTFUL for answer in answers),
        "withheld": sum(answer["verdict"] == VERDICT_WITHHELD for answer in answers),
        "worklists": sum(page.is_file() for _, _, page in pages),
    }
    kept = sum(outcome.counts[name] for outcome in sealed for name in KEPT_BY_PARTNERS)
    return Findings(
        {**counts, "kept_by_partners": kept}, staged, _unexpected(region, decisions, staged, counts, pages), pages
    )


def _unexpected(
    region: Region,
    decisions: dict[str, dict[str, object]],
    staged: Sequence[Staged],
    counts: dict[str, int],
    pages: Sequence[tuple[str, int, Path]],
) -> list[str]:
    """Everything that should be so and is not."""
    wrong = []
    for partner in PARTNERS:
        name = str(DeliveryName(partner.partner_id, region.month, 1))
        if decisions.get(name, {}).get("state") not in IN_FORCE:
            wrong.append(f"{name} was not admitted")
    for item in staged:
        code = decisions.get(item.delivery, {}).get("fault_code")
        if code != item.code:
            wrong.append(f"{item.delivery} should be refused with {item.code}, and was not")
    if counts["deliveries"] != len(PARTNERS) + len(staged):
        wrong.append("not every delivery was judged")
    if not counts["confirmed"]:
        wrong.append("no case was opened")
    wrong += [f"{name} has no worklist" for name, _, page in pages if not page.is_file()]
    if not (region.home / "analytics.duckdb").is_file():
        wrong.append("there is no analytics.duckdb")
    return wrong


def report_lines(region: Region, day: date, findings: Findings, log: Path) -> list[str]:
    """What a person reads when the demo is done."""
    counts, home = findings.counts, shown(region.home)
    program = shown(Path(sys.executable).with_name("samenloop"))
    return [
        "",
        f"  The morning of {day:%A %d %B %Y}. Nobody in it exists.",
        "",
        f"  {counts['admitted']:>5}  deliveries admitted, with {counts['signals']} signals and not one name",
        f"  {counts['refused']:>5}  deliveries refused, as staged:",
        *(f"         {item.delivery}: {item.what} → {item.code}" for item in findings.staged),
        f"  {counts['kept_by_partners']:>5}  rows kept by partners: firms, objections, three staged at {SLOPPY}",
        f"  {counts['proposed']:>5}  cases proposed by tokens: one person, two or more partners and months",
        f"  {counts['confirmed']:>5}  of them confirmed by the opener and handed over; "
        f"{counts['doubtful']} left to the steward, {counts['withheld']} not the same person",
        "",
        "  Worklists (werklijsten): open one in a browser",
        *(f"  {count:>5}  {name}: {shown(page)}" for name, count, page in findings.pages),
        "",
        f"  Receipts for the partners    {home}/outbox/receipts/",
        f"  Refused deliveries           {home}/quarantine/",
        f"  Figures for analysts         {home}/analytics.duckdb",
        f"  Reports                      {home}/reports/",
        f"  What Airflow did             {shown(log)}",
        "",
        "  Try next:",
        f"    {program} status --home {home} --date {day}",
        f"    {program} journal list --home {home}",
        "    make airflow     the whole of Airflow in your browser",
        "",
    ]


def shown(path: Path) -> str:
    """As seen from where the user stands, when that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
