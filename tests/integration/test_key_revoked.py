"""A partner's signing key is revoked while cases run that rest on it: what leaves a list, is told, and returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.deliveries import ask_again
from pipeline.vault.signing import public_of_signing
from tests.builders.deliveries import MONTH, Municipality, _public, key_bytes, with_key
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_opening_key,
)

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
NEXT = "2026-11"
SON = {"initials": "K.", "birth_on": "1980-03-04", "email": None, "phone": None}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


def on(days: int) -> date:
    return TUESDAY + timedelta(days=days)


def show(place: Municipality, rows: Sequence[dict[str, Any]], day: date = TUESDAY) -> None:
    with place.run(day) as run:
        keep(run, rows)
        reveal_here(run)


def look(place: Municipality, day: date) -> list[dict[str, Any]]:
    """Make the lists of a day, and see that the second time nothing is ordered."""
    with place.run(day) as run:
        reveal_here(run)
        assert reveal_here(run) is None
    found: list[dict[str, Any]] = worklist(place, on=day)["cases"]
    return found


def revoke(place: Municipality) -> Municipality:
    """The key of huur-a is revoked, and its successor entered."""
    newest = _public("signing-huur-a-2", "partner-signing", "huur-a", public_of_signing(key_bytes("signing/new")))
    place.directory["keys"].append(newest)
    return with_key(place, "signing-huur-a-1", revoked_on="2026-11-03")


def anew(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What huur-a reported, sealed again under its new key."""
    label = {"a": "a", "n": "n"}[changes.pop("label", "a")]
    sealed = report("huur-a", label, "x", sequence=2, signed_by="signing/new", month=row["month"], **changes)
    return {**sealed, "signing_key_id": "signing-huur-a-2"}


def admit_again(run: Run, month: str) -> None:
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        ask_again(transaction, "huur-a", month)


def lines(run: Run, action: str) -> list[tuple[str | None, str | None]]:
    return [(row["ground"], row["result"]) for row in rows_in(run, "journal") if row["action"] == action]


def test_a_running_case_that_rests_on_a_revoked_key_leaves_the_list(place: Municipality) -> None:
    """The team hears once that no visit is needed, without a name; the journal says why."""
    show(place, PAIR)
    place = revoke(place)
    (told,) = look(place, on(1))
    assert ("withdrawal", [], []) == (told["ground"], told["signals"], told["household"]["persons"])
    assert "niet meer te vertrouwen" in told["reasons"][0]
    assert [] == look(place, on(2))
    with place.run(on(2)) as run:
        (case,) = rows_in(run, "cases")
        assert ("revealed", "retracted", "KEY_REVOKED") == (case["state"], case["mark"], case["reason_code"])
        assert ("running", "withheld KEY_REVOKED") == lines(run, "judge_case")[1]
        assert [("running", "KEY_REVOKED")] == lines(run, "mark_retracted_case")
        assert [("running", "KEY_EXPIRED")] == lines(run, "refuse_contact")


def test_another_list_of_that_day_says_it_too_and_opens_nobody(place: Municipality) -> None:
    """When something else changes on the day, the newer list tells the same, and no contact is opened for it."""
    show(place, PAIR)
    place = revoke(place)
    look(place, on(1))
    other = [report("energie-a", "c", "y", **SON), report("water-a", "d", "y", **SON)]
    with place.run(on(1)) as run:
        keep(run, [*PAIR, *other])
        opened = len(lines(run, "open_contacts"))
        reveal_here(run)
        assert opened + 1 == len(lines(run, "open_contacts"))
    assert ["rule", "withdrawal"] == sorted(case["ground"] for case in worklist(place, on=on(1))["cases"])


def test_delivered_again_under_the_new_key_the_case_comes_back(place: Municipality) -> None:
    """The same case goes on, as after a correction, though nothing but the signature changed."""
    show(place, PAIR)
    place = revoke(place)
    (told,) = look(place, on(1))
    with place.run(on(2)) as run:
        admit_again(run, MONTH)
        keep(run, [anew(PAIR[0]), PAIR[1]])
    (back,) = look(place, on(2))
    assert (told["case_id"], "running", 2) == (back["case_id"], back["ground"], len(back["signals"]))
    with place.run(on(2)) as run:
        assert (None, None) == tuple(rows_in(run, "cases")[0][name] for name in ("mark", "reason_code"))


def test_it_is_told_once_whatever_others_deliver(place: Municipality) -> None:
    """Another delivery, of the same content or of other, neither shows the case nor tells it again."""
    show(place, PAIR)
    place = revoke(place)
    look(place, on(1))
    changed = report("energie-a", "b", "x", sequence=2, arrears_months=5)
    for days, rows in ((2, PAIR), (3, [PAIR[0], changed])):
        with place.run(on(days)) as run:
            keep(run, rows)
        assert [] == look(place, on(days))
    with place.run(on(3)) as run:
        assert "retracted" == rows_in(run, "cases")[0]["mark"]


def test_what_meets_the_rule_without_the_revoked_key_goes_on(place: Municipality) -> None:
    """Two other partners reported as well: the visit goes on, without the report that nobody believes."""
    show(place, [*PAIR, report("water-a", "c", "x")])
    (case,) = look(revoke(place), on(1))
    assert "running" == case["ground"]
    assert {"energie-a", "water-a"} == {signal["partner_id"] for signal in case["signals"]}


def test_a_key_whose_term_ended_takes_nothing_off_the_list(place: Municipality) -> None:
    """A term that ended after the month is a rotation, and one that ended before it is no leak."""
    show(place, PAIR)
    (case,) = look(with_key(place, "signing-huur-a-1", valid_until="2026-10-31"), on(1))
    assert ("running", 2) == (case["ground"], len(case["signals"]))
    (case,) = look(with_key(place, "signing-huur-a-1", valid_until="2026-09-30"), on(2))
    assert ("running", 1) == (case["ground"], len(case["signals"]))


def test_with_the_month_key_lost_as_well_the_case_waits(place: Municipality) -> None:
    """What cannot be read now may still meet the rule: three partners, one revoked, and nothing opens."""
    show(place, [*PAIR, report("water-a", "c", "x")])
    place = revoke(place)
    next(place.home.opener_keys_dir.glob(f"opening-{MONTH}-*.json")).unlink()
    with place.run(on(1)) as run:
        reveal_here(run)
        assert [] == worklist(place, on=on(1))["cases"]
        assert None is rows_in(run, "cases")[0]["mark"]
        write_opening_key(place, MONTH)
    (case,) = look(place, on(2))
    assert "running" == case["ground"]


def test_a_closed_case_stays_closed(place: Municipality) -> None:
    """A team closed the case after it heard; that its month is matched again takes nothing up."""
    show(place, PAIR)
    place = revoke(place)
    look(place, on(1))
    with place.run(on(2)) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.cases, tables.cases.c.state == "revealed", {"state": "closed"})
        keep(run, PAIR)
        assert "closed" == rows_in(run, "cases")[0]["state"]


def test_with_a_later_month_in_it_all_of_it_must_rest_on_the_key(place: Municipality) -> None:
    """A case that a later month joined stops when both months rest on the key, and comes back with either."""
    later = [report("huur-a", "n", "x", month=NEXT), report("energie-a", "m", "x", month=NEXT)]
    write_opening_key(place, NEXT)
    show(place, PAIR)
    show(place, [*PAIR, *later], date(2026, 12, 1))
    day = date(2026, 12, 2)
    (case,) = look(place, day)
    assert ("running", ["2026-10", "2026-11"]) == (case["ground"], case["months"])
    place = revoke(place)
    (told,) = look(place, day + timedelta(days=1))
    assert (case["case_id"], "withdrawal") == (told["case_id"], told["ground"])
    assert [] == look(place, day + timedelta(days=2))
    with place.run(day + timedelta(days=5)) as run:
        admit_again(run, NEXT)
        keep(run, [*PAIR, anew(later[0], label="n"), later[1]])
    (back,) = look(place, day + timedelta(days=5))
    assert (case["case_id"], "running") == (back["case_id"], back["ground"])
