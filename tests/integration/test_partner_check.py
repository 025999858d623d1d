"""The command line of a partner: `check` judges as `seal` does and writes nothing; no value is ever shown."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.commands import partner
from pipeline.commands.at_the_partner import partner_checking, partner_export
from pipeline.commands.at_the_partner.partner_checking import check_export
from pipeline.commands.main import make_app
from pipeline.identified.read_mapping import EXAMPLE
from pipeline.vocabulary.faults import FAULTS
from tests.builders.deliveries import MONTH
from tests.builders.partners import PartnerDesk, csv_of, make_desk, row

CANARY = "Geheimkanarie"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> PartnerDesk:
    return make_desk(tmp_path_factory.mktemp("desk"))


def run(*words: object) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    partner.register(app)
    return CliRunner().invoke(app, ["partner", *(str(word) for word in words)])


def files_of(desk: PartnerDesk) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in desk.path.parent.rglob("*") if path.is_file()}


FAULTY = [row(1, postcode=CANARY), row(2), row(3, bedrag=CANARY), row(4, bezwaar="ja"), row(5, postcode=CANARY)]


def test_check_says_what_seal_would_say_and_writes_nothing(desk: PartnerDesk) -> None:
    """The same counts and the same refused rows, with papers or without."""
    export = desk.export(csv_of(FAULTY))
    papers = {"agreement_file": desk.agreement_file, "keys_file": desk.keys_file}
    before = files_of(desk)
    checked = [check_export(export), check_export(export, month=MONTH, **papers)]
    assert before == files_of(desk)
    sealed = desk.seal(export)
    assert [sealed.counts] * 2 == [outcome.counts for outcome in checked]
    assert [sealed.refused] * 2 == [outcome.refused for outcome in checked]


def test_check_prints_a_table_of_what_to_mend(desk: PartnerDesk) -> None:
    """One line per kind of fault: code, column, rows, next step in Dutch."""
    result = run("check", desk.export(csv_of(FAULTY)), "--month", MONTH)
    line = "POSTCODE_INVALID  kolom postcode  rijen 1, 5  Schrijf de postcode als 1234 AB."
    assert line in result.stdout
    assert 1 == result.stdout.count("POSTCODE_INVALID")
    assert "Rij 1 is de eerste rij onder de kop." in result.stdout
    assert "1 signaal kan mee, 3 rijen moeten eerst beter." in result.stdout
    assert CANARY not in result.output


def test_a_copy_of_a_refused_row_is_not_said_to_count(desk: PartnerDesk) -> None:
    """Of two that are the same the first is judged alone, and may be refused as well."""
    outcome = check_export(desk.export(csv_of([row(1, bedrag="x"), row(1, bedrag="x"), row(2)])), month=MONTH)
    assert [("AMOUNT_INVALID", 1), ("ROW_REPEATED", 2)] == [(fault.code, fault.row) for fault in outcome.refused]
    (line,) = (line for line in outcome.lines if line.startswith("ROW_REPEATED"))
    assert line.endswith("Alleen de eerste is beoordeeld. Staat die ook bij de weigeringen? Verbeter haar dan.")


@pytest.mark.parametrize(
    ("numbers", "count"),
    [
        (["123.0", "124.0"], 2),
        (["123.0", "123"], 1),
        (["123,0"], 1),
        (["123.0", "123.1"], 0),
        (["KL-1.0", "12"], 0),
    ],
)
def test_client_numbers_that_became_decimals_are_told_and_kept(
    desk: PartnerDesk, numbers: list[str], count: int
) -> None:
    """They go along as they are, for 123.0 may be a contract beside 123.1; also in a retraction."""
    export = desk.export(csv_of([row(place, klantnummer=number) for place, number in enumerate(numbers)]))
    for kind in ("signals", "retraction"):
        outcome = check_export(export, month=MONTH, kind=kind)
        told = [line for line in outcome.lines if "eindigen op .0" in line]
        assert ([partner_export.DECIMAL_NUMBERS.format(count)] if count else []) == told
        assert (len(numbers), []) == (outcome.counts["signals"], outcome.refused)


def test_a_check_without_a_month_says_which_one_it_took(
    desk: PartnerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A date that lies ahead for that month is refused, as `seal` does with it; with a month nothing is said."""
    monkeypatch.setattr(partner_checking, "today_in_amsterdam", lambda: date(2026, 9, 14))
    export = desk.export(csv_of([row(signaaldatum="15-10-2026")]))
    assumed, stated = check_export(export), check_export(export, month=MONTH)
    assert "gecontroleerd als de lijst van 2026-09." in assumed.lines[0]
    assert ["DATE_IN_FUTURE"] == [fault.code for fault in assumed.refused]
    assert ([], []) == (stated.refused, [line for line in stated.lines if "--month" in line])


def test_the_rows_that_were_counted_add_up(desk: PartnerDesk) -> None:
    """Rows of one client are one signal; the others are said too."""
    rows = [*FAULTY, row(2, bedrag="12,50"), row(2, bedrag="13,50"), row(6)]
    outcome = check_export(desk.export(csv_of(rows)), month=MONTH)
    counts = outcome.counts
    apart = ("signals", "folded_rows", "refused_rows", "objections", "legal_persons", "outside_municipality")
    assert (8, 2, 2) == (counts["rows"], counts["signals"], counts["folded_rows"])
    assert counts["rows"] == sum(counts[name] for name in apart)
    assert "Rijen samengevoegd met een andere rij van hetzelfde klantnummer: 2." in outcome.lines
    assert "2 signalen kunnen mee, 3 rijen moeten eerst beter." in outcome.lines


def test_check_says_what_to_do_in_that_column(desk: PartnerDesk) -> None:
    """A rounded client number, a name of digits and an unclear objection are mended in other ways."""
    rows = [row(klantnummer="1,2E+11"), row(2, achternaam="123"), row(3, bezwaar="?")]
    rows += [row(klantnummer=""), row(5, geboortedatum="44321")]
    told = run("check", desk.export(csv_of(rows)), "--month", MONTH).stdout
    assert "rij 1  Uw rekenblad heeft dit nummer afgerond" in told
    assert "rij 2  Zet hier de achternaam" in told
    assert "rij 3  Schrijf ja of nee. Tot dan blijven alle rijen van deze klant bij u." in told
    assert "rij 4  Vul het klantnummer in. Is dit een totaalregel? Haal haar weg." in told
    assert "Staat er een getal zoals 44321? Zet de kolom in uw rekenblad op datum." in told


def test_check_names_the_rows_that_stay_as_firms_and_refuses_nothing(desk: PartnerDesk) -> None:
    """So that a resident under administration who was taken for a firm is found by row number."""
    rows = [row(1), row(2, achternaam=f"Stichting {CANARY}"), row(3, achternaam=f"{CANARY} B.V.", voorvoegsels="")]
    result = run("check", desk.export(csv_of(rows)), "--month", MONTH)
    assert "LEGAL_PERSON  kolom achternaam  rijen 2, 3  Deze naam leest als een bedrijf" in result.stdout
    assert (0, False) == (result.exit_code, CANARY in result.output)


@pytest.mark.parametrize(
    ("content", "code"),
    [(csv_of([row()]), 0), (csv_of(FAULTY), 1), (csv_of(FAULTY, columns=["klantnummer", "postcode"]), 2)],
)
@pytest.mark.parametrize("word", ["check", "seal"])
def test_exit_codes_and_json_are_those_of_every_command(
    desk: PartnerDesk, tmp_path: Path, word: str, content: str, code: int
) -> None:
    """0 done, 1 something refused, 2 all refused; one object on stdout; no value anywhere."""
    options = ["--agreement", desk.agreement_file, "--keys", desk.keys_file, "--month", MONTH, "--json"]
    options += ["--out", tmp_path] if word == "seal" else []
    result = run(word, desk.export(content), *options)
    told: dict[str, Any] = json.loads(result.stdout)
    assert (code, f"partner {word}") == (result.exit_code, told["command"])
    assert {"command", "counts", "refused", "paths"} == set(told)
    assert (code == 0) == (told["refused"] == [])
    assert all({"code", "column", "row"} == set(fault) for fault in told["refused"])
    assert CANARY not in result.output


def test_a_bug_shows_no_value(desk: PartnerDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries quote values in their messages; exit 70 tells the place and the kind of error only."""

    def fails(*_: object) -> None:
        raise ValueError(f"conversion of {CANARY} failed")

    monkeypatch.setattr(partner_export, "judge_rows", fails)
    result = run("check", desk.export(csv_of([row()])))
    assert 70 == result.exit_code
    assert "ValueError" in result.output
    assert CANARY not in result.output


def test_check_needs_nothing_but_an_export(desk: PartnerDesk) -> None:
    """The month is then this one; an agreement without keys gives the municipality."""
    export = desk.export(csv_of([row(signaaldatum="", ontstaansdatum="")]))
    assert 0 == run("check", export).exit_code
    assert 0 == run("check", export, "--agreement", desk.agreement_file, "--month", MONTH).exit_code


@pytest.mark.parametrize("option", ["--areas", "--keys", "--mapping"])
def test_check_reads_every_paper_that_is_given(desk: PartnerDesk, tmp_path: Path, option: str) -> None:
    """One that is not there is not passed over, also without an agreement."""
    result = run("check", desk.export(csv_of([row()])), "--month", MONTH, option, tmp_path / "none")
    assert 2 == result.exit_code
    assert "none" in result.output


@pytest.mark.parametrize("option", ["--areas", "--mapping", None])
def test_a_path_that_leads_nowhere_is_told_as_that(desk: PartnerDesk, tmp_path: Path, option: str | None) -> None:
    """Not as a file that must be mended."""
    words = (
        [tmp_path / "none.csv"]
        if option is None
        else [desk.export(csv_of([row()])), option, tmp_path / "none.csv"]
    )
    result = run("check", *words, "--month", MONTH, "--json")
    assert ["FILE_NOT_FOUND"] == [fault["code"] for fault in json.loads(result.stdout)["refused"]]


@pytest.mark.parametrize("with_keys", [True, False])
def test_another_file_in_the_place_of_the_agreement_is_told_as_that(desk: PartnerDesk, with_keys: bool) -> None:
    """Keys that are pointed at as agreement are not keys of another municipality."""
    words = ["--agreement", desk.keys_file, *(["--keys", desk.keys_file] if with_keys else [])]
    result = run("check", desk.export(csv_of([row()])), *words, "--month", MONTH)
    assert "NOT_AN_AGREEMENT" in result.output
    assert "Dit bestand is geen overeenkomst" in result.output


@pytest.mark.parametrize("word", ["check", "seal"])
def test_help_shows_a_mapping_as_it_is_typed(word: str) -> None:
    """The refusal of a mapping points there."""
    told = CliRunner().invoke(make_app(), ["partner", word, "--help"]).output.splitlines()
    assert [] == [line for line in EXAMPLE.splitlines() if line and f"  {line}" not in told]
    assert "partner check --help" in FAULTS["MAPPING_INVALID"].next_step


def test_without_an_agreement_the_wijken_are_counted_and_the_rest_is_said(
    desk: PartnerDesk, tmp_path: Path
) -> None:
    """The table is read; which rows lie outside the municipality nobody can know."""
    table = tmp_path / "areas.csv"
    table.write_text("PC6;Huisnummer;Buurt2025;Wijk2025;Gemeente2025\n9901AB;12;99010100;990101;9901\n")
    rows = [row(1), row(2, postcode="1012AB", huisnummer="1")]
    outcome = check_export(desk.export(csv_of(rows)), month=MONTH, areas_file=table)
    assert (2, 1, 0) == tuple(outcome.counts[name] for name in ("signals", "without_wijk", "outside_municipality"))
    assert any("Zonder --agreement" in line for line in outcome.lines)


def test_a_seal_with_nothing_left_tells_what_it_found(desk: PartnerDesk, tmp_path: Path) -> None:
    """Counts, each row and the list's path stand in the object, and the exit code says that nothing was made."""
    options = ["--agreement", desk.agreement_file, "--keys", desk.keys_file, "--month", MONTH, "--json"]
    result = run("seal", desk.export(csv_of([row(postcode=CANARY)])), *options, "--out", tmp_path)
    told = json.loads(result.stdout)
    assert (2, 1) == (result.exit_code, told["counts"]["refused_rows"])
    assert [("NO_SIGNALS_LEFT", None), ("POSTCODE_INVALID", 1)] == [
        (fault["code"], fault["row"]) for fault in told["refused"]
    ]
    assert Path(told["paths"]["refusals"]).is_file()


def test_a_list_with_far_fewer_clients_than_the_one_it_replaces_is_told(desk: PartnerDesk, tmp_path: Path) -> None:
    """The delivery is made all the same; a correction, an older number and half as many clients say nothing."""
    options = ["--agreement", desk.agreement_file, "--keys", desk.keys_file, "--out", tmp_path]

    def told(count: int, *more: str, month: str = MONTH) -> str:
        export = desk.export(csv_of([row(number) for number in range(count)]))
        result = run("seal", export, *options, "--month", month, *more)
        assert 0 == result.exit_code, result.stderr
        return result.stderr if "LIST_MUCH_SHORTER" in result.stderr else ""

    assert "" == told(5)
    assert "" == told(1, "--kind", "correction")
    assert "Deze lijst heeft 2 klanten; de vorige van 2026-10 had er 5." in told(2)
    assert "--kind correction" in told(0, "--nothing-to-report")
    assert "" == told(5)
    assert "" == told(1, "--sequence", "1", "--out", str(tmp_path / "late"))
    assert "" == told(3)


def test_a_wrong_path_to_the_keys_is_no_lost_key(desk: PartnerDesk) -> None:
    """The name of the file is said, and to look at the path; nobody is sent after a key."""
    result = run(
        "check", desk.export(csv_of([row()])), "--month", MONTH, "--keys", desk.path / "elders" / "keys.json"
    )
    assert 2 == result.exit_code
    assert f"{FAULTS['FILE_NOT_FOUND'].next_step} (keys.json)" in result.stderr


@pytest.mark.parametrize(("mode", "expected"), [(0o644, True), (0o600, False)])
def test_a_key_file_that_others_can_read_is_told(
    desk: PartnerDesk, tmp_path: Path, mode: int, expected: bool
) -> None:
    """The delivery is made all the same."""
    desk.keys_file.chmod(mode)
    options = ["--agreement", desk.agreement_file, "--keys", desk.keys_file, "--month", MONTH, "--out", tmp_path]
    result = run("seal", desk.export(csv_of([row()])), *options)
    assert (0, expected) == (result.exit_code, "KEY_MODE" in result.stderr)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "foo"], "signals, correction, retraction"),
        (["--sequence", "0"], "1 tot en met 9999"),
        (["--month", "2026-13"], "JJJJ-MM"),
    ],
)
def test_a_refusal_of_an_option_says_what_it_may_be(
    desk: PartnerDesk, tmp_path: Path, words: list[str], said: str
) -> None:
    """With the exit code of usage."""
    options = ["--agreement", desk.agreement_file, "--keys", desk.keys_file, "--month", MONTH, "--out", tmp_path]
    result = run("seal", desk.export(csv_of([row()])), *options, *words)
    assert (2, True) == (result.exit_code, said in result.output)


@pytest.mark.parametrize("word", ["check", "seal", "feedback"])
def test_help_holds_an_example(word: str) -> None:
    """As for every command."""
    assert "Example: samenloop partner" in run(word, "--help").stdout
