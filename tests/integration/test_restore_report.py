"""What a restore destroys has a report of its own, and none that was written before becomes untrue by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.retire import retire
from pipeline.store import tables
from pipeline.vocabulary.case import CLOSED
from tests.builders.deliveries import Municipality
from tests.integration.test_backup import MAY, lose_database, make_backup, make_home, put_back


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    """After a backup a month ended: its signals and keys went, and the report of that day says so."""
    made = make_home(tmp_path)
    make_backup(made)
    with made.run(MAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.cases, tables.cases.c.case_id == "Z-running", {"state": CLOSED})
        retire(run)
    return made


def restore_again(place: Municipality) -> Any:
    (file,) = place.path.parent.glob("media/*.samenloop")
    lose_database(place)
    return put_back(place, file, today=MAY)


def reports_of(place: Municipality) -> dict[str, dict[str, Any]]:
    found = sorted(place.home.reports.glob(f"vernietiging-{MAY}*.json"))
    return {path.stem.removeprefix(f"vernietiging-{MAY}"): json.loads(path.read_text()) for path in found}


def bytes_of(place: Municipality) -> list[bytes]:
    return [(place.home.reports / f"vernietiging-{MAY}.{kind}").read_bytes() for kind in ("json", "txt")]


def test_a_restore_leaves_the_report_of_its_day_and_writes_its_own(place: Municipality) -> None:
    """The first still tells what went that day; the other what was erased again, and of no key that it waits."""
    before = bytes_of(place)
    outcome = restore_again(place)
    assert before == bytes_of(place)
    own = reports_of(place)["-na-herstel"]
    assert (True, outcome.counts["erased_signals"]) == (own["is_after_restore"], own["erased_again"]["signals"])
    assert own["erased_again"]["signals"] > 0
    assert [] == own["keys_waiting_for_opener"]
    text = Path(outcome.paths["report"]).with_suffix(".txt").read_text()
    assert "na het terugzetten van een reservekopie" in text
    assert f"wisregister: {outcome.counts['erased_signals']} signalen" in text
    assert "De opener moet" not in text


def test_what_runs_later_that_day_writes_over_neither(place: Municipality) -> None:
    """`retire` in the store that was put back knows nothing of the first report, and adds to the second."""
    before = bytes_of(place)
    restore_again(place)
    own = reports_of(place)
    with place.run(MAY) as run:
        retire(run)
    assert (before, own) == (bytes_of(place), reports_of(place))
    path = place.home.reports / f"vernietiging-{MAY}-na-herstel.json"
    told = own["-na-herstel"] | {"erased_again": {"signals": 999}}
    path.write_text(json.dumps(told))
    restore_again(place)
    found = reports_of(place)
    assert told == found["-na-herstel"]
    assert own["-na-herstel"]["erased_again"] == found["-na-herstel-2"]["erased_again"]


def test_a_restore_that_was_killed_and_finished_has_one_report(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts what was erased before it was killed."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.commands.restore.copies.finish_restore", die)
        with pytest.raises(KeyboardInterrupt):
            restore_again(place)
    own = reports_of(place)
    (file,) = place.path.parent.glob("media/*.samenloop")
    put_back(place, file, today=MAY)
    assert own == reports_of(place)
    assert own["-na-herstel"]["erased_again"]["signals"] > 0


def test_running_twice_on_a_day_is_still_one_report(place: Municipality) -> None:
    """What a day deleted is added up in its one report, where no backup was put back."""
    with place.run(MAY) as run:
        retire(run)
    assert {""} == set(reports_of(place))


def test_the_opener_destroys_what_it_still_has(place: Municipality) -> None:
    """Who may not look at the opener's keys cannot say that they are gone; the report says so much."""
    place.home.opener_keys_dir.rename(place.path / "elsewhere")
    text = Path(restore_again(place).paths["report"]).with_suffix(".txt").read_text()
    assert "De opener moet deze sleutels nog vernietigen, als hij ze nog heeft: " in text
