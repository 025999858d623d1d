"""What the letter of a resident says of one case: why it is there, how it stands, what was compared.

Only of the resident's own reports; what a case holds of somebody else is not given to these functions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pipeline.revealed.describe_doubt import FIELDS
from pipeline.revealed.texts import TEXTS, euros, joined, long_date, long_month, months_text, sentence
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import LANE_CRISIS
from pipeline.vocabulary.frames import MONTHS_CAP
from pipeline.vocabulary.period import day_of


def why_sentences(month: str, partners: Sequence[str], rule: Rule | None, lane: str, version: int) -> list[str]:
    """Who reported the resident, and the rule by which that makes a case.

    Args:
        month: of the case.
        partners: names of those who reported the resident in it; none when it is not told.
        rule: of the agreement for the case; None when that version is not there any more.
        lane: of the case.
        version: of the agreement.
    """
    found = []
    if partners:
        which = "reported_one" if len(partners) == 1 else "reported_many"
        found.append(sentence("letter_why", which, month=long_month(month), partners=joined(partners)))
    if lane == LANE_CRISIS:
        found.append(sentence("letter_why", "crisis"))
    elif rule is not None:
        least = sentence(
            "letter_why", "partner" if rule.min_partners == 1 else "partners", count=rule.min_partners
        )
        about = "household" if "household" in rule.match_on else "person"
        found.append(
            sentence(
                "letter_why",
                "rule",
                partners=least,
                months=months_text(rule.min_months),
                about=sentence("letter_why", about),
            )
        )
    return [*found, sentence("letter_why", "agreement", version=version)]


def version_rows(versions: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What is kept of one report beside the contact that is told: its band, whether it was taken back, and before.

    Args:
        versions: sequence, is_retraction, admitted_at, arrears_months, arrears_band, is_crisis; oldest first.
    """
    texts = TEXTS["letter_reports"]
    reports = [row for row in versions if not row["is_retraction"]]
    rows = [(texts["band_label"], _band(row["arrears_band"])) for row in reports[-1:] if row["arrears_band"]]
    if versions and versions[-1]["is_retraction"]:
        on = long_date(day_of(versions[-1]["admitted_at"]))
        rows.append((texts["taken_back_label"], sentence("letter_reports", "taken_back", date=on)))
    return [*rows, *((texts["earlier_label"], _earlier(row)) for row in reports[:-1])]


def _earlier(row: Mapping[str, Any]) -> str:
    count = int(row["arrears_months"] or 0)
    months = months_text(count)
    return sentence(
        "letter_reports",
        "earlier",
        date=long_date(day_of(row["admitted_at"])),
        months=sentence("letter_reports", "months_capped", months=months) if count >= MONTHS_CAP else months,
        band=_band(str(row["arrears_band"] or "")),
        crisis=TEXTS["letter_reports"]["crisis"] if row["is_crisis"] else "",
    )


def _band(code: str) -> str:
    """The band of an amount, from 500-999 or 2500+."""
    if code.endswith("+"):
        return sentence("letter_reports", "band_open", least=euros(int(code[:-1])))
    least, most = code.split("-")
    return sentence("letter_reports", "band", least=euros(int(least)), most=euros(int(most)))


def compared_rows(
    comparisons: Sequence[Mapping[str, Any]], own: Collection[tuple[str, str]], partners: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What the last comparison of each two of the resident's own reports found: an outcome per field, no value.

    Args:
        comparisons: `pairs` of each answer of the opener, oldest first.
        own: (partner_id, signal_id) of the resident's reports in the case.
        partners: the name of each partner.
    """
    last: dict[tuple[tuple[str, str], ...], Mapping[str, Any]] = {}
    for comparison in comparisons:
        for pair in comparison.get("pairs", ()):
            both = sorted((pair[side][0], pair[side][1]) for side in ("one", "other"))
            if all(one in own for one in both):
                last[tuple(both)] = pair
    for both_of, pair in sorted(last.items(), key=lambda item: item[0]):
        outcomes = (f"{TEXTS['review_fields'][name]} {TEXTS['review_outcomes'][pair[name]]}" for name in FIELDS)
        yield joined([partners.get(partner_id, partner_id) for partner_id, _ in both_of]), ", ".join(outcomes)


def state_sentence(state: str) -> str:
    """How a case stands."""
    return str(TEXTS["letter_states"][state])
