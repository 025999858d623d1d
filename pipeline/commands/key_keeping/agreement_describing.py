"""An agreement in words for the privacy officer, and what is wrong with its term."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pipeline.vocabulary.agreement import CERTAIN, Agreement, Rule
from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.period import month_of

SOON = timedelta(days=30)
ONE_IS_ENOUGH = "LET OP: één partner is genoeg. Wie door één organisatie gemeld wordt, wordt geopend zonder match."


def described(agreement: Agreement) -> list[str]:
    """The agreement in plain Dutch; the first line names it."""
    rule, until = agreement.rule, agreement.valid_until
    evidence = "persoon of huishouden" if "household" in rule.match_on else "persoon"
    crisis = {"count": "worden alleen geteld", "reveal": "worden ook zonder match getoond"}[
        agreement.lanes["crisis"]
    ]
    term = (
        f"geldig van {agreement.valid_from.isoformat()} tot en met {until.isoformat() if until else 'nader order'}"
    )
    lines = [
        f"Overeenkomst {agreement.agreement_id} versie {agreement.version}, {agreement.municipality} "
        f"({agreement.gemeentecode}).",
        f"  {term}",
        f"  regel: {_rule_in_words(rule)}, zelfde {evidence}, zelfde maand",
        *(f"  {line}" for line in weak_promises(agreement)),
        f"  {_certainty_in_words(rule)}",
        f"  te laat leveren mag tot {rule.late_months} maanden terug; crisissignalen {crisis}",
    ]
    if agreement.revoked_on is not None:
        lines.append(f"  INGETROKKEN op {agreement.revoked_on.isoformat()}")
    return lines + [
        f"  {partner.partner_id} ({partner.partner_type}): {partner.name}" for partner in agreement.partners
    ]


def _rule_in_words(rule: Rule) -> str:
    months = f"minstens {rule.min_months} {'maand' if rule.min_months == 1 else 'maanden'} achterstand"
    if rule.min_partners == 1:
        return f"minstens 1 partner meldt {months}"
    return f"minstens {rule.min_partners} partners melden {months}"


def _certainty_in_words(rule: Rule) -> str:
    if rule.certainty == CERTAIN:
        return "wie waarschijnlijk één persoon is, wacht op de gegevensbeheerder"
    return "wie waarschijnlijk één persoon is, wordt getoond, met een waarschuwing erbij"


def weak_promises(agreement: Agreement) -> list[str]:
    """What an agreement takes away from what residents are promised; said at signing and at each check."""
    return [ONE_IS_ENOUGH] if agreement.rule.min_partners == 1 else []


def judged_terms(versions: Sequence[Agreement], today: date) -> list[RowFault]:
    """Whether some version holds for this month, and the newest for longer than 30 days."""
    newest = versions[-1]
    if not any(version.is_valid_for(month_of(today)) for version in versions):
        return [RowFault("AGREEMENT_EXPIRED", "valid_until")]
    if newest.valid_until is not None and newest.valid_until <= today + SOON:
        return [RowFault("AGREEMENT_ENDS_SOON", "valid_until")]
    return []
