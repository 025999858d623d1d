"""A partner's export that is refused: rows on a list, papers that do not hold, options that make no sense."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pipeline.commands.admit import admit
from pipeline.commands.at_the_partner import partner_export
from pipeline.commands.at_the_partner.partner_checking import check_export
from pipeline.identified.export_columns import COLUMNS
from pipeline.vocabulary.faults import FAULTS, Refused
from tests.builders.deliveries import MONTH, with_agreement, with_key
from tests.builders.partners import PARTNER, PartnerDesk, copy_of_desk, csv_of, make_desk, refused, row

NAME = f"{PARTNER}_{MONTH}_0001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PartnerDesk:
    return make_desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def desk(made: PartnerDesk, tmp_path: Path) -> PartnerDesk:
    return copy_of_desk(made, tmp_path)


@pytest.mark.parametrize("is_admitted_between", [False, True])
def test_a_list_of_a_failed_seal_does_not_stay_beside_the_mended_delivery(
    desk: PartnerDesk, is_admitted_between: bool
) -> None:
    """Fail, mend, seal, admit: neither inbox nor receipt holds refusals of rows that were mended."""
    inbox = desk.municipality.inbox
    refused(desk, csv_of([row(postcode="fout")]), out=inbox)
    assert [f"{NAME}.refusals.csv"] == [path.name for path in inbox.iterdir()]
    with desk.municipality.run() as run:
        if is_admitted_between:
            admit(run)
        desk.seal(csv_of([row()]), out=inbox)
        admit(run)
    assert [] == list(inbox.iterdir())
    answered = {path.name for path in (desk.municipality.home.receipts / NAME).iterdir()}
    assert f"{NAME}.refusals.csv" not in answered
    assert "receipt.json" in answered


def test_faulty_rows_are_listed_and_the_rest_goes_on(desk: PartnerDesk) -> None:
    """The list names row, column, code and what to do; the outcome says that something was refused."""
    outcome = desk.seal(csv_of([row(1, postcode="fout"), row(2), row(3, bedrag="")]))
    with (desk.out / f"{NAME}.refusals.csv").open(encoding="utf-8", newline="") as stream:
        listed = list(csv.DictReader(stream, delimiter=";"))
    assert [("1", "postcode", "POSTCODE_INVALID"), ("3", "bedrag", "VALUE_MISSING")] == [
        (line["row"], line["column"], line["code"]) for line in listed
    ]
    assert FAULTS["POSTCODE_INVALID"].next_step == listed[0]["next_step"]
    assert (1, 1, 2) == (desk.rows_of(NAME).height, outcome.exit_code, outcome.counts["refused_rows"])


def test_rows_that_stay_as_firms_are_listed_and_not_refused(desk: PartnerDesk) -> None:
    """By row number and code, in the list beside the delivery; the outcome is good."""
    outcome = desk.seal(csv_of([row(1), row(2, achternaam="Stichting Kanarie")]))
    listed = (desk.out / f"{NAME}.refusals.csv").read_text("utf-8").splitlines()
    assert [f"2;achternaam;LEGAL_PERSON;{FAULTS['LEGAL_PERSON'].next_step}"] == listed[1:]
    assert (0, 0, 1) == (outcome.exit_code, outcome.counts["refused_rows"], outcome.counts["legal_persons"])


def listed_in_part(desk: PartnerDesk, name: str = NAME) -> list[str]:
    """The rows that are listed as of a client of whom another row stays."""
    with (desk.out / f"{name}.refusals.csv").open(encoding="utf-8", newline="") as stream:
        lines = [line for line in csv.DictReader(stream, delimiter=";") if line["code"] == "CLIENT_IN_PART"]
    assert {FAULTS["CLIENT_IN_PART"].next_step} >= {line["next_step"] for line in lines}
    return [line["row"] for line in lines]


def test_a_client_of_whom_a_part_goes_along_is_told_before_a_correction_loses_it(desk: PartnerDesk) -> None:
    """The mended row alone, as a correction, would replace the whole signal; so all rows are asked for."""
    rows = [
        row(1),
        row(2),
        row(1, bedrag="12,5O"),
        row(1, bedrag="7"),
        row(3, bedrag="fout"),
        row(4, bezwaar="ja"),
    ]
    rows += [row(2, achternaam="Kanarie B.V."), row(4, bedrag="x")]
    outcome = desk.seal(csv_of(rows))
    assert (["1", "2", "4"], 2) == (listed_in_part(desk), outcome.counts["clients_in_part"])
    assert "Let op: klanten van wie maar een deel van de rijen meegaat: 2. Zie CLIENT_IN_PART." in outcome.lines
    assert partner_export.CORRECTION_ADVICE not in outcome.lines
    checked = check_export(desk.export(csv_of(rows)), month=MONTH)
    (line,) = (line for line in checked.lines if line.startswith("CLIENT_IN_PART"))
    assert "kolom klantnummer  rijen 1, 2, 4  " in line
    assert "alle rijen van deze klant" in line
    correction = desk.seal(csv_of([row(1), row(1, bedrag="12,50"), row(1, bedrag="7")]), kind="correction")
    assert (0, True) == (
        correction.counts["clients_in_part"],
        partner_export.CORRECTION_ADVICE in correction.lines,
    )


def test_a_line_that_cannot_be_read_may_be_of_a_client_too(desk: PartnerDesk) -> None:
    """Where it can hold no objection the client goes along, and nobody else is told of."""
    columns = [column for column in COLUMNS if column != "bezwaar"]
    outcome = desk.seal(csv_of([row(1), row(2), row(1, bedrag="7")], columns=columns).rstrip("\n") + ";te veel\n")
    assert (["1"], 2, 1) == (listed_in_part(desk), outcome.counts["signals"], outcome.counts["refused_rows"])


def test_without_one_good_row_there_is_a_list_and_no_delivery(desk: PartnerDesk) -> None:
    """And no sequence number is used."""
    assert ("NO_SIGNALS_LEFT", None) == refused(desk, csv_of([row(postcode="fout")]))
    assert [f"{NAME}.refusals.csv"] == [path.name for path in desk.out.iterdir()]
    desk.seal(csv_of([row()]))
    assert (desk.out / NAME / "manifest.json").exists()


def test_an_export_without_rows_is_refused(desk: PartnerDesk) -> None:
    """It is more likely the wrong file than good news."""
    assert ("EXPORT_EMPTY", None) == refused(desk, csv_of([]))


PAPERS = [
    ("no agreement", lambda desk: desk.agreement_file.unlink(), "AGREEMENT_MISSING"),
    ("no directory", lambda desk: (desk.municipality.path / "directory.json").unlink(), "DIRECTORY_MISSING"),
    ("no keys", lambda desk: desk.keys_file.unlink(), "FILE_NOT_FOUND"),
    ("damaged keys", lambda desk: desk.keys_file.write_text("{"), "KEY_INVALID"),
    (
        "another fingerprint",
        lambda desk: desk.write_keys(municipal_fingerprints={"GM9901": "0000 " * 8}),
        "FINGERPRINT_MISMATCH",
    ),
    ("no fingerprint", lambda desk: desk.write_keys(municipal_fingerprints={}), "KEY_WRONG"),
    ("no token key", lambda desk: desk.write_keys(token_keys=[]), "TOKEN_KEY_MISSING"),
    ("another partner's keys", lambda desk: desk.write_keys(partner_id="water-a"), "KEY_WRONG"),
    ("unknown partner", lambda desk: desk.write_keys(partner_id="gas-a"), "PARTNER_UNKNOWN"),
    (
        "changed agreement",
        lambda desk: _change(desk.agreement_file, "municipality", "Elders"),
        "AGREEMENT_SIGNATURE",
    ),
    (
        "changed directory",
        lambda desk: _change(desk.municipality.path / "directory.json", "version", 2),
        "DIRECTORY_SIGNATURE",
    ),
    ("expired", lambda desk: with_agreement(desk.municipality, valid_until="2026-09-30"), "AGREEMENT_EXPIRED"),
    ("revoked", lambda desk: with_agreement(desk.municipality, revoked_on="2026-09-30"), "AGREEMENT_EXPIRED"),
    (
        "revoked key",
        lambda desk: with_key(desk.municipality, f"signing-{PARTNER}-1", revoked_on="2026-09-01"),
        "KEY_EXPIRED",
    ),
    (
        "ended key",
        lambda desk: with_key(desk.municipality, "admission-1", valid_until="2026-02-01"),
        "KEY_EXPIRED",
    ),
    (
        "no opening key",
        lambda desk: with_key(desk.municipality, f"opening-{MONTH}-1", month="2026-01"),
        "KEY_MISSING",
    ),
]


def _change(path: Path, field: str, value: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))


@pytest.mark.parametrize(
    ("change", "code"), [(change, code) for _, change, code in PAPERS], ids=[row[0] for row in PAPERS]
)
def test_papers_that_do_not_hold_stop_everything(desk: PartnerDesk, change: object, code: str) -> None:
    """A clear code, and nothing written: no delivery, no list, no number taken."""
    assert callable(change)
    change(desk)
    assert code == refused(desk, csv_of([row(postcode="fout")]))[0]
    assert not desk.out.exists()
    assert not (desk.path / "keys.sequences.json").exists()


def test_a_month_without_token_key_says_whom_to_ask(desk: PartnerDesk) -> None:
    """The next step names key holder, municipality and month."""
    with pytest.raises(Refused) as refusal:
        desk.seal(csv_of([row()]), month="2026-09")
    assert "TOKEN_KEY_MISSING" == refusal.value.code
    assert "sleutelhouder" in refusal.value.next_step
    assert "2026-09" in refusal.value.next_step


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"month": "oktober"}, ("VALUE_INVALID", "month")),
        ({"kind": "anders"}, ("USAGE", "kind")),
        ({"areas_file": Path("nergens.csv")}, ("FILE_NOT_FOUND", None)),
        ({"mapping_file": Path("nergens.toml")}, ("FILE_NOT_FOUND", None)),
    ],
)
def test_options_that_make_no_sense_are_refused(
    desk: PartnerDesk, options: dict[str, object], expected: object
) -> None:
    """With the option as column, or the file in the next step."""
    assert expected == refused(desk, csv_of([row()]), **options)
