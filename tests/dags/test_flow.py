"""What the DAGs share: the day of a run, and how a failure looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.vocabulary.faults import Refused

pytestmark = pytest.mark.airflow

LATE_IN_THE_EVENING = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)  # the fourth in the Netherlands
SECRET = "Fatima Yilmaz"


@dataclass(frozen=True)
class Told:
    """An asset event."""

    extra: dict[str, Any] | None


@pytest.fixture
def in_context(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    import samenloop_flow

    def enter(
        run_type: str, chosen: str | None = None, told: list[Told] | None = None, logical: datetime | None = None
    ) -> dict[str, Any]:
        context = {
            "params": {"date": chosen},
            "triggering_asset_events": {"asset": told or []},
            "logical_date": logical,
            "dag_run": SimpleNamespace(run_type=run_type),
            "dag": SimpleNamespace(dag_id="match_signals"),
        }
        monkeypatch.setattr(samenloop_flow, "get_current_context", lambda: context)
        return context

    return enter


@pytest.mark.parametrize(
    ("run_type", "chosen", "told", "logical", "day"),
    [
        ("manual", "2026-10-14", [Told({"date": "2026-11-03"})], LATE_IN_THE_EVENING, date(2026, 10, 14)),
        (
            "asset_triggered",
            None,
            [Told({"date": "2026-11-02"}), Told({"date": "2026-11-03"})],
            None,
            date(2026, 11, 3),
        ),
        ("asset_triggered", None, [Told(None), Told({"date": None}), Told({"new": 2})], None, None),
        ("backfill", None, [], LATE_IN_THE_EVENING, date(2026, 11, 4)),
        ("manual", None, [], LATE_IN_THE_EVENING, date(2026, 11, 4)),
        ("scheduled", None, [], LATE_IN_THE_EVENING, None),
        ("scheduled", "2026-10-14", [], LATE_IN_THE_EVENING, date(2026, 10, 14)),
    ],
)
def test_the_day_of_a_run(
    in_context: Callable[..., dict[str, Any]],
    run_type: str,
    chosen: str | None,
    told: list[Told],
    logical: datetime | None,
    day: date | None,
) -> None:
    """A chosen date goes first, then the day of the run that woke this one, then a chosen logical date."""
    import samenloop_flow

    in_context(run_type, chosen, told, logical)
    assert day == samenloop_flow.run_day()


@pytest.mark.parametrize("chosen", ["0001-01-01", "2200-01-01", "9999-12-31"])
def test_a_chosen_day_lies_in_years_that_commands_take(chosen: str) -> None:
    """The form refuses a day on which retiring would never end."""
    from airflow.sdk.exceptions import ParamValidationError
    from samenloop_flow import COMMON

    day = COMMON["params"]["date"]
    assert "2199-12-31" == day.resolve("2199-12-31")
    with pytest.raises(ParamValidationError):
        day.resolve(chosen)


def failing_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Callable[[Any], Any]:
    import samenloop_flow

    @contextmanager
    def open_gemeente(_gemeente: str) -> Iterator[None]:
        yield None

    def command(_run: Any) -> Any:
        raise error

    monkeypatch.setattr(samenloop_flow, "open_gemeente", open_gemeente)
    return command


def test_a_refusal_is_its_code(
    in_context: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal fails at once, with the code as its only text; the square shows it, the log the next step."""
    import samenloop_flow
    from airflow.sdk.exceptions import AirflowFailException

    context = in_context("manual")
    command = failing_with(monkeypatch, Refused("TEAMS_INVALID"))
    with pytest.raises(AirflowFailException) as caught:
        samenloop_flow.step(command, "GM9901")
    assert "TEAMS_INVALID" == str(caught.value)
    assert caught.value.__suppress_context__
    assert "GM9901 TEAMS_INVALID" == context["label"]
    assert Refused("TEAMS_INVALID").next_step in caplog.text


def test_a_bug_tells_its_place_and_no_value(
    in_context: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours may be tried again; neither its message nor the message of its cause comes out."""
    import samenloop_flow
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    context = in_context("manual")
    command = failing_with(monkeypatch, ValueError(SECRET))
    with pytest.raises(AirflowException) as caught:
        samenloop_flow.step(command, "GM9901")
    assert not isinstance(caught.value, AirflowFailException)
    assert str(caught.value).startswith("ValueError")
    assert caught.value.__suppress_context__
    assert SECRET not in f"{caught.value}{context}{caplog.text}"


def test_one_home_that_cannot_be_opened_keeps_its_place(
    in_context: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others' work is found; the one in trouble gets a task that will say why, and wakes nobody."""
    import samenloop_flow

    @contextmanager
    def open_gemeente(gemeente: str) -> Iterator[str]:
        if gemeente == "GM9902":
            raise Refused("AGREEMENT_SIGNATURE")
        yield gemeente

    in_context("manual")
    monkeypatch.setattr(samenloop_flow, "municipalities", lambda: ["GM9901", "GM9902"])
    monkeypatch.setattr(samenloop_flow, "open_gemeente", open_gemeente)
    found = samenloop_flow.in_each(lambda _run: ["2026-10"], "month")
    assert [{"gemeente": "GM9901", "month": "2026-10"}, {"gemeente": "GM9902", "month": ""}] == found
    assert samenloop_flow.is_there(lambda _run: ["2026-10"])
    assert not samenloop_flow.is_there(lambda _run: [])
