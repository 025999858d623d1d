"""Which signals make a case: every rule as a table, on the reference matcher and on the fast one."""

from __future__ import annotations

import pytest

from pipeline.vocabulary.agreement import LIKELY, Rule
from tests.reference import engines
from tests.spec.match_agreement import CRISIS, HOUSEHOLD, THE_RULE
from tests.spec.match_persons import (
    CONFLICT_AND_MORE,
    CROWD,
    NO_BRIDGE,
    OTHER_PERSON,
    SAME_PERSON,
    TWO_CASES,
)
from tests.spec.persons import signal
from tests.spec.tables import Chapter, Spec, rows

CHAPTERS = (
    THE_RULE,
    SAME_PERSON,
    Chapter(
        OTHER_PERSON.title,
        OTHER_PERSON.text,
        (*OTHER_PERSON.specs, CONFLICT_AND_MORE, TWO_CASES, NO_BRIDGE, CROWD),
    ),
    HOUSEHOLD,
    CRISIS,
)


@pytest.mark.parametrize("match", [engines.naive, engines.fast])
@pytest.mark.parametrize("spec", [spec for chapter in CHAPTERS for spec in chapter.specs], ids=str)
def test_match_rule(spec: Spec, match: engines.Engine) -> None:
    """The signals that are given make exactly the cases that are expected."""
    rule, reveals_crisis = read_setting(spec.setting)
    expected = {
        (
            row.get("lane", "matched"),
            row["evidence"],
            frozenset(tuple(name.split()) for name in row["signals"].split(", ")),
        )
        for row in rows(spec.expected)
    }
    assert expected == match([signal(row) for row in rows(spec.given)], rule, reveals_crisis)


def read_setting(setting: str) -> tuple[Rule, bool]:
    """What a spec says of the agreement; silence is the rule of the practice region."""
    said = dict(part.split(" ", 1) for part in setting.split(", ") if part)
    rule = Rule(
        min_partners=int(said.get("min_partners", 2)),
        min_months=int(said.get("min_months", 2)),
        match_on=tuple(said.get("match_on", "person").split(" and ")),
        certainty=said.get("certainty", LIKELY),
    )
    return rule, said.get("crisis") == "reveal"
