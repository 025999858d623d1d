"""The national indicators, each with an example that was counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.analytics.indicators import indicators
from tests.builders.analytics import Town, attempt, case, frames, held, result, signal
from tests.spec.tables import Chapter, Spec, rows

OPENED = date(2026, 10, 5)
KINDS = {"T": "Telefoon", "B": "Brief", "H": "Huisbezoek"}

CHAPTER = Chapter(
    "What the monitor counts",
    """
    Every national indicator, counted by hand from a few signals and cases. `part` divided by `whole` is the value;
    groups in which nobody is are left out here. An attempt is written as kind (T telephone, B letter, H visit),
    days after the case began, part of day, and a star when the resident was reached.
    """,
    (
        Spec(
            "Signals of a month",
            "Of eight signals six are in a case. Case A was visited, B turned out to be about somebody who had "
            "died, C waits for a first attempt. There are 20,000 inhabitants, of whom 5,000 in WK990101.",
            given="""
                partner | crisis | wijk     | band      | case | state       | result
                huur    | no     | WK990101 | 0-249     |      |             |
                huur    | no     | WK990101 | 250-499   | A    | in_progress |
                energie | yes    | WK990101 | 500-999   | A    | in_progress |
                energie | no     | WK990102 | 1000-2499 | B    | closed      | Inwoner is overleden
                water   | no     | WK990102 | 0-249     | B    | closed      | Inwoner is overleden
                water   | no     | WK990102 | 0-249     | C    | revealed    |
                huur    | yes    | WK990101 | 2500+     | C    | revealed    |
                zorg    | no     | WK990101 | 250-499   |      |             |
            """,
            expected="""
                indicator                | group                | part | whole
                arrears_high             | alle                 | 2    | 8
                not_taken_up_by_reason   | Inwoner is overleden | 2    | 6
                share_crisis             | alle                 | 2    | 8
                share_in_case            | alle                 | 6    | 8
                signals_per_1000         | alle                 | 8    | 20000
                signals_per_1000_wijk    | WK990101             | 5    | 5000
                signals_per_partner_type | Energie              | 2    |
                signals_per_partner_type | Huur                 | 3    |
                signals_per_partner_type | Water                | 2    |
                signals_per_partner_type | Zorg                 | 1    |
                taken_up_of_all          | alle                 | 2    | 8
                taken_up_of_cases        | alle                 | 2    | 6
            """,
        ),
        Spec(
            "Signals where a crisis signal makes a case by itself",
            "A was visited. B rests on one crisis signal. C is doubtful, D was withheld: no match was shown. "
            "E is a repeat of a closed case, F waits for the opener.",
            setting="crisis signals reveal",
            given="""
                partner | crisis | wijk     | band    | case | state       | result | lane    | joined
                huur    | no     | WK990101 | 0-249   | A    | in_progress |        | matched |
                energie | yes    | WK990101 | 0-249   | A    | in_progress |        | matched |
                energie | yes    | WK990101 | 0-249   | B    | in_progress |        | crisis  |
                huur    | no     | WK990101 | 0-249   | C    | doubtful    |        | matched |
                water   | yes    | WK990101 | 0-249   | C    | doubtful    |        | matched |
                huur    | no     | WK990101 | 0-249   | D    | withheld    |        | matched |
                huur    | no     | WK990101 | 0-249   | E    | joined      |        | matched | REPEAT
                energie | no     | WK990101 | 0-249   | E    | joined      |        | matched | REPEAT
                huur    | no     | WK990101 | 0-249   | F    | routed      |        | matched |
                zorg    | no     | WK990101 | 0-249   |      |             |        |         |
            """,
            expected="""
                indicator                | group                            | part | whole
                not_taken_up_by_reason   | Niet opgepakt: herhaalde melding | 2    | 6
                share_crisis             | alle                             | 3    | 10
                share_in_case            | alle                             | 5    | 10
                signals_per_1000         | alle                             | 10   | 20000
                signals_per_1000_wijk    | WK990101                         | 10   | 5000
                signals_per_partner_type | Energie                          | 3    |
                signals_per_partner_type | Huur                             | 5    |
                signals_per_partner_type | Water                            | 1    |
                signals_per_partner_type | Zorg                             | 1    |
                taken_up_of_all          | alle                             | 3    | 10
                taken_up_of_cases        | alle                             | 3    | 6
            """,
        ),
        Spec(
            "Cases of a quarter",
            "Twelve cases count, the withdrawn one does not. Seven were shown, one for a crisis signal alone. "
            "Of the six others five were approached, three reached, and in two of these help was accepted. One "
            "joined a case of the month before, one waited until its term ended.",
            given="""
                partners | state       | evidence | attempts           | result
                2        | closed      | person   | T3 Ochtend *       | Vervolghulp en/of verwijzing
                3        | closed      | reviewed | B2; H9 Avond *     | (Budget)advies en/of quick fix
                2        | closed      | person   | H5 Middag *        | Inwoner is overleden
                2        | in_progress | person   | B30 Ochtend        |
                2        | closed      | person   | T1 Middag; T8; B20 | Geen reactie na eerder contact
                2        | revealed    | person   |                    |
                2        | routed      | person   |                    |
                2        | doubtful    | person   |                    |
                2        | withheld    | person   |                    |
                2        | withdrawn   | person   |                    |
                2        | joined      | person   |                    |
                2        | lapsed      | person   |                    |
                1 crisis | in_progress | person   | H2 Ochtend *       |
            """,
            expected="""
                indicator                 | group                                  | part | whole
                acceptance_of_all         | alle                                   | 2    | 6
                acceptance_of_reached     | alle                                   | 2    | 3
                approached                | alle                                   | 5    | 6
                arrears_at_first_signal   | 3 tot 5 maanden                        | 5    | 5
                cases_by_partner_count    | 2                                      | 4    | 5
                cases_by_partner_count    | 3 of meer                              | 1    | 5
                cases_shown               | aangesloten                            | 1    | 12
                cases_shown               | getoond                                | 7    | 12
                cases_shown               | niet getoond                           | 1    | 12
                cases_shown               | twijfel                                | 1    | 12
                cases_shown               | vervallen                              | 1    | 12
                cases_shown               | wacht                                  | 1    | 12
                contact_within            | 0-7 dagen                              | 4    | 5
                contact_within            | 29 dagen of meer                       | 1    | 5
                match_quality             | alle                                   | 4    | 5
                reach                     | alle                                   | 3    | 6
                reach_by_attempts         | 1                                      | 2    | 3
                reach_by_attempts         | 2                                      | 1    | 1
                reach_by_daypart          | Middag                                 | 1    | 2
                reach_by_daypart          | Ochtend                                | 1    | 2
                reach_by_daypart          | onbekend                               | 1    | 1
                reach_by_mix              | met huisbezoek                         | 2    | 2
                reach_by_mix              | met telefoon, zonder huisbezoek        | 1    | 2
                reach_of_approached       | alle                                   | 3    | 5
                repeats                   | alle                                   | 1    | 8
                results_of_accepted       | (Budget)advies en/of quick fix         | 1    | 2
                results_of_accepted       | Vervolghulp en/of verwijzing           | 1    | 2
                results_of_not_reached    | Geen reactie na eerder contact         | 1    | 2
                results_of_not_reached    | loopt nog                              | 1    | 2
                results_of_others_reached | Inwoner is overleden                   | 1    | 1
            """,
        ),
    ),
)
CHAPTERS = (CHAPTER,)


def _signals(table: str) -> dict[str, pl.DataFrame]:
    signals, members, cases, results = [], [], {}, {}
    for number, row in enumerate(rows(table)):
        is_crisis = row["crisis"] == "yes"
        signals.append(
            signal(row["partner"], number, wijkcode=row["wijk"], arrears_band=row["band"], is_crisis=is_crisis)
        )
        if row["case"]:
            members.append(held(row["case"], row["partner"], number))
            joined = {"joined_to": "Z-over", "reason_code": row["joined"]} if row.get("joined") else {}
            lane = row.get("lane", "matched")
            cases[row["case"]] = case(row["case"], state=row["state"], lane=lane, **joined)
        if row["result"]:
            results[row["case"]] = result(row["case"], row["result"])
    over = case("Z-over", month="2026-09", state="closed")
    return frames(signals=signals, case_signals=members, cases=[over, *cases.values()], results=results.values())


def _cases(table: str) -> dict[str, pl.DataFrame]:
    cases, attempts, results = [], [], []
    for number, row in enumerate(rows(table)):
        case_id = f"Z-{number}"
        cases.append(
            case(
                case_id,
                state=row["state"],
                evidence=row["evidence"],
                partner_count=int(row["partners"][0]),
                lane="crisis" if "crisis" in row["partners"] else "matched",
                opened_on=OPENED.isoformat(),
            )
        )
        texts = [text for text in row["attempts"].split(";") if text.strip()]
        attempts += [_attempt(case_id, place, text.split()) for place, text in enumerate(texts)]
        results += [result(case_id, row["result"])] if row["result"] else []
    return frames(cases=cases, attempts=attempts, results=results)


def _attempt(case_id: str, place: int, words: list[str]) -> dict[str, Any]:
    parts = [word for word in words[1:] if word != "*"]
    return attempt(
        case_id,
        place,
        contact_type=KINDS[words[0][0]],
        attempted_on=(OPENED + timedelta(days=int(words[0][1:]))).isoformat(),
        part_of_day=parts[0] if parts else None,
        is_reached=words[-1] == "*",
    )


@pytest.mark.parametrize(
    ("spec", "subject", "period"),
    [
        (CHAPTER.specs[0], "signals", "2026-10"),
        (CHAPTER.specs[1], "signals", "2026-10"),
        (CHAPTER.specs[2], "cases", "2026Q4"),
    ],
    ids=str,
)
def test_indicators_count_what_was_counted_by_hand(tmp_path: Path, spec: Spec, subject: str, period: str) -> None:
    """Every indicator divides exactly what the example says."""
    town = Town(tmp_path / "analytics.duckdb")
    given = _signals(spec.given) if subject == "signals" else _cases(spec.given)
    town.publish(given, one_partner_reveals="crisis" in spec.setting)
    found = town.ask(
        "SELECT indicator, group_code, part_count::VARCHAR, coalesce(whole_count::VARCHAR, '') "
        "FROM work.indicators JOIN work.indicator_definitions d USING (indicator, group_code) "
        f"WHERE d.subject = '{subject}' AND period = '{period}' AND part_count > 0 ORDER BY indicator, group_code"
    )
    assert [tuple(row.values()) for row in rows(spec.expected)] == found


def test_every_indicator_has_an_example() -> None:
    """No indicator is published that nobody has counted by hand."""
    assert {one.code for one in indicators()} == {
        row["indicator"] for spec in CHAPTER.specs for row in rows(spec.expected)
    }
