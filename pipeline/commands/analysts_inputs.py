"""What publishing needs beside the rows: partners, teams, terms, and two files that a municipality may add.

`kerncijfers.csv` is the CBS table of key figures (or any table with its columns for code, name and inhabitants);
`monitor.json` says what later periods are compared with. Neither holds anything of a person.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from jsonschema import Draft202012Validator

from pipeline.analytics.context_tables import SnapshotFacts
from pipeline.analytics.indicators import SHARE, WHOLE_TOWN, indicators
from pipeline.analytics.releases import Month, ReleasePlan
from pipeline.analytics.topics import CASES, MONTH, QUARTER, SIGNALS, all_topics, months_of, period_of
from pipeline.commands.wiring import SCHEMAS, Run
from pipeline.stewardship.retire_records import CASES as CASE_TERM
from pipeline.stewardship.retire_records import SIGNALS as SIGNAL_TERM
from pipeline.stewardship.retire_records import Terms
from pipeline.stewardship.watch_deliveries import IN_FORCE
from pipeline.vault.randomness import new_secret
from pipeline.vocabulary.agreement import version_for
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import month_of, months_between
from pipeline.vocabulary.teams import WEEKDAYS, Team

AREAS_FILE = "kerncijfers.csv"
MONITOR_FILE = "monitor.json"
_SEED_BYTES = 8
_COLUMNS = {
    "code": r"gwb_code(_10)?|code|regiocode",
    "name": r"regio|naam|name|gwb_naam",
    "inhabitants": r"a_inw|inwoners|inhabitants|aantalinwoners.*",
}
_CODE = re.compile(r"^(GM\d{4}|WK\d{6}|BU\d{8})\Z")
_KINDS = {"GM": "gemeente", "WK": "wijk", "BU": "buurt"}
_BASELINE_SCHEMA = {
    "label": pl.String(),
    "design": pl.String(),
    "indicator": pl.String(),
    "group_code": pl.String(),
    "period_kind": pl.String(),
    "from_period": pl.String(),
    "until_period": pl.String(),
    "part_count": pl.Int64(),
    "whole_count": pl.Int64(),
}


def snapshot_facts(
    run: Run, sources: Mapping[str, pl.DataFrame], areas: Sequence[Mapping[str, Any]]
) -> SnapshotFacts:
    """What a snapshot says of itself and of the municipality."""
    partners = {partner.partner_id: partner for version in run.agreements for partner in version.partners}
    first = sources["deliveries"]["received_at"].min()
    return SnapshotFacts(
        published_at=run.now,
        published_on=run.today.isoformat(),
        gemeentecode=run.gemeentecode,
        municipality=run.agreement.municipality,
        agreement_version=run.agreement.version,
        partners=[
            {
                "partner_id": partner.partner_id,
                "partner_type": partner.partner_type,
                "name": partner.name,
                "valid_from": partner.valid_from,
                "valid_until": partner.valid_until,
            }
            for partner in partners.values()
        ],
        seed=int.from_bytes(new_secret()[:_SEED_BYTES], "big"),
        teams=[
            {
                "team_id": team.team_id,
                "name": team.name,
                "wijk_count": len(team.wijken),
                "counsellor_count": len(team.counsellors),
                "fte": sum(len(one.working_days) for one in team.counsellors) / len(WEEKDAYS),
                "inhabitants": _inhabitants(team, areas),
                "capacity_count": _capacity(team),
            }
            for team in run.teams.teams
        ],
        areas=areas,
        first_day=date.fromisoformat(str(first)[:10]) if first else None,
    )


def _inhabitants(team: Team, areas: Sequence[Mapping[str, Any]]) -> int | None:
    """Of all its wijken together; None when one of them is not known."""
    known = {area["code"]: area["inhabitants"] for area in areas}
    counts = [known.get(code) for code in team.wijken]
    return sum(filter(None, counts)) if counts and None not in counts else None


def _capacity(team: Team) -> int | None:
    """New cases a day: of the team as a whole, else of its counsellors together; None without a limit."""
    own = [one.capacity for one in team.counsellors if one.capacity is not None]
    together = sum(own) if own and len(own) == len(team.counsellors) else None
    return team.capacity if team.capacity is not None else together


def release_plan(run: Run, sources: Mapping[str, pl.DataFrame]) -> ReleasePlan:
    """The moments and categories that hold today."""
    wijken = sources["signals"]["wijkcode"].drop_nulls().unique()
    unmatched = set(sources["unmatched_months"]["month"])
    came = sources["deliveries"].filter(pl.col("state").is_in(IN_FORCE) & pl.col("month").is_not_null())
    delivered: dict[str, set[str]] = {}
    for month, partner_id in came.select("month", "partner_id").iter_rows():
        delivered.setdefault(month, set()).add(partner_id)
    months = {*delivered, *sources["signals"]["month"].unique(), *sources["cases"]["month"].unique()}
    terms = Terms(run.agreements, run.today)
    return ReleasePlan(
        today=run.today,
        late_months=run.agreement.rule.late_months,
        months={
            month: _month(run, terms, month, delivered.get(month, set()), is_matched=month not in unmatched)
            for month in _without_gaps(months, run.today)
        },
        wijken=tuple(sorted({*wijken, *(code for team in run.teams.teams for code in team.wijken)})),
        deliveries=[
            (month, kind, str(at)[:10])
            for month, kind, at in came.select("month", "kind", "received_at").iter_rows()
        ],
    )


def _without_gaps(months: set[str], today: date) -> list[str]:
    """Every month from the first to this one: one without a delivery is there, with nothing in it."""
    if not months:
        return []
    return months_between(min(months), max(*months, month_of(today)))


def _month(run: Run, terms: Terms, month: str, delivered: set[str], *, is_matched: bool) -> Month:
    version = version_for(run.agreements, month) or run.agreement
    expected = {partner.partner_id for partner in version.partners if partner.is_valid_for(month)}
    due = {SIGNALS: terms.is_due(SIGNAL_TERM, month), CASES: terms.is_due(CASE_TERM, month)}
    countable = frozenset(subject for subject, is_due in due.items() if not is_due)
    return Month(
        month,
        is_complete=bool(expected) and expected <= delivered,
        is_matched=is_matched,
        countable=countable,
        one_partner_reveals=version.lanes["crisis"] == "reveal" or version.rule.min_partners == 1,
    )


def read_areas(run: Run) -> list[dict[str, Any]]:
    """Names and inhabitants of this municipality, its wijken and buurten; empty without the file.

    Raises:
        Refused: AREAS_INVALID.
    """
    path = run.home.path / AREAS_FILE
    if not path.is_file():
        return []
    content = path.read_bytes()
    header = content.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    separator = max(";,\t", key=header.count)
    cells = [cell.strip().strip('"') for cell in header.strip().split(separator)]
    found = {
        name: next((cell for cell in cells if re.fullmatch(pattern, cell, re.IGNORECASE)), None)
        for name, pattern in _COLUMNS.items()
    }
    if found["code"] is None or found["name"] is None:
        raise Refused("AREAS_INVALID", hint=f"({AREAS_FILE})")
    try:
        table = pl.read_csv(io.BytesIO(content), separator=separator, infer_schema=False, encoding="utf8-lossy")
        rows = table.select(
            pl.col(str(cell)).str.strip_chars().alias(name) for name, cell in found.items() if cell
        )
    except pl.exceptions.PolarsError:
        raise Refused("AREAS_INVALID", hint=f"({AREAS_FILE})") from None
    own = run.gemeentecode[2:]
    return [
        {
            "code": row["code"],
            "kind": _KINDS[row["code"][:2]],
            "name": row["name"],
            "inhabitants": _whole(row.get("inhabitants")),
        }
        for row in rows.unique("code", keep="first", maintain_order=True).to_dicts()
        if row["code"] and _CODE.match(row["code"]) and row["code"][2:6] == own
    ]


def _whole(text: str | None) -> int | None:
    digits = (text or "").replace(".", "")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def read_baseline(run: Run) -> pl.DataFrame:
    """What later periods are compared with; empty without the file. Quarters only where months make whole ones.

    Raises:
        Refused: MONITOR_INVALID.
    """
    path = run.home.path / MONITOR_FILE
    if not path.is_file():
        return pl.DataFrame(schema=_BASELINE_SCHEMA)
    schema = json.loads((SCHEMAS / "monitor" / "monitor.schema.json").read_text(encoding="utf-8"))
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise Refused("MONITOR_INVALID") from None
    fault = next(Draft202012Validator(schema).iter_errors(document), None)
    if fault is not None:
        raise Refused("MONITOR_INVALID", ".".join(str(part) for part in fault.absolute_path) or None)
    for place, one in enumerate(document["baselines"]):
        wrong = _contradiction(one)
        if wrong is not None:
            raise Refused("MONITOR_INVALID", f"baselines.{place}.{wrong}")
    rows = [row for one in document["baselines"] for row in _baseline_rows(one)]
    return pl.DataFrame(rows, schema=_BASELINE_SCHEMA)


def _contradiction(one: Mapping[str, Any]) -> str | None:
    """The field of a baseline that the schema allows and that means nothing."""
    if "indicator" not in one:
        return "until" if one["from"] > one["until"] else None
    known = next((indicator for indicator in indicators() if indicator.code == one["indicator"]), None)
    if known is None or known.kind != SHARE:
        return "indicator"
    topic = next((one for one in all_topics() if (one.subject, one.code) == (known.subject, known.each)), None)
    named = topic.categories if topic is not None else None
    group = one.get("group", WHOLE_TOWN)
    if (known.each is None and group != WHOLE_TOWN) or (named is not None and group not in named):
        return "group"
    return "part_count" if one["part_count"] > one["whole_count"] else None


def _is_whole_quarters(one: Mapping[str, Any]) -> bool:
    first, last = (period_of(one[name], QUARTER) for name in ("from", "until"))
    return bool(one["from"] == months_of(first)[0] and one["until"] == months_of(last)[-1])


def _baseline_rows(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds = (MONTH, QUARTER)
    if "indicator" in one:
        given = {name: one[name] for name in ("label", "design", "indicator", "part_count", "whole_count")}
        return [{**given, "group_code": one.get("group", "alle"), "period_kind": kind} for kind in kinds]
    return [
        {
            "label": one["label"],
            "design": one["design"],
            "period_kind": kind,
            "from_period": period_of(one["from"], kind),
            "until_period": period_of(one["until"], kind),
        }
        for kind in kinds
        if kind == MONTH or _is_whole_quarters(one)
    ]
