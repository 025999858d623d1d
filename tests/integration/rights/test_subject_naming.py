"""How a resident's signals are named: a slip in typing is told, and never answered with "nothing is held"."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands import subject
from pipeline.commands.main import make_app
from pipeline.vault.keyring import NamedSecret, PartnerKeys, Secret
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import GEMEENTE, MONTH, Municipality, key_bytes, signal_id
from tests.builders.openings import TUESDAY
from tests.builders.subjects import MINE, NOVEMBER


def test_the_partner_reads_that_a_number_is_written_as_in_its_list(tmp_path: Path) -> None:
    """A capital more gives another id that looks as good; space around a number does not."""
    secret = NamedSecret("secret-1", Secret(key_bytes("secret/huur-a")))
    keys = PartnerKeys("huur-a", {GEMEENTE: "0"}, (secret,), (secret,), secret)
    keys.write(tmp_path / "keys.json")
    arguments = ["partner", "signal-id", "--keys", str(tmp_path / "keys.json"), "--month", MONTH]
    told = [CliRunner().invoke(make_app(arguments), arguments, input=f"{text}\n") for text in ("W9", " W9 ", "w9")]
    assert all("precies zo geschreven zijn als in uw export" in result.output for result in told)
    last = [result.stdout.strip().splitlines()[-1] for result in told]
    assert (True, False) == (last[0] == last[1], last[0] == last[2])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"huur-x/{MONTH}/{signal_id('a')}", "SIGNAL_PARTNER_UNKNOWN"),
        (f"huur-a/{MONTH}/00", "SIGNAL_NAME_INVALID"),
        (f"huur-a/{MONTH}/{signal_id('a').upper()}", "SIGNAL_NAME_INVALID"),
        (f"huur-a/{MONTH}/{signal_id('a')}0", "SIGNAL_NAME_INVALID"),
        (f"huur-a/10-2026/{signal_id('a')}", "VALUE_INVALID"),
        (f"huur-a/2026-13/{signal_id('a')}", "VALUE_INVALID"),
    ],
)
def test_what_is_no_name_of_a_signal_gives_no_letter(place: Municipality, text: str, code: str) -> None:
    """A slip in typing is refused with a next step, and never answered with "nothing is held"."""
    with place.run(TUESDAY) as run, pytest.raises(Refused, match=code) as refusal:
        subject.named(run, [text], None)
    assert refusal.value.next_step
    with place.run(TUESDAY) as run:
        assert MINE == subject.named(run, [f" huur-a/{MONTH}/{signal_id('a')}\n"], None)


def test_a_number_that_nobody_knows_is_told_beside_the_letter(place: Municipality) -> None:
    """A mistyped client number gives a letter that is wrong in good faith; one known month is enough."""
    strange, other_month = ("water-a", MONTH, signal_id("nobody")), ("huur-a", NOVEMBER, signal_id("a-later"))
    with place.run(TUESDAY) as run:
        wrong = subject.access(run, {strange})
        both = subject.access(run, MINE | {strange})
        right = subject.access(run, MINE | {other_month})
        assert ["Let op, water-a: dit nummer kennen wij niet. "] == [
            line.partition("Controleer")[0] for line in wrong.lines if "kennen wij niet" in line
        ]
        assert "Controleer het klantnummer bij de organisatie voordat u de brief geeft." in wrong.lines[-1]
        assert [1, 1, 0] == [one.counts["unknown"] for one in (wrong, both, right)]
        assert "kennen wij niet" in subject.erase(run, MINE | {strange}).lines[-1]
        assert 0 == subject.access(run, MINE).counts["unknown"]  # the register of erasures knows it
