"""A partner seals its export: what comes out, what stays, and what survives a crash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.commands.admit import admit
from pipeline.commands.at_the_partner import delivery_writing, partner_sealing
from pipeline.identified import seal_signals
from pipeline.vault.signing import public_of_signing, verify
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.frames import DELIVERY_SCHEMA, RETRACTION_SCHEMA, TOKEN_COLUMNS
from pipeline.vocabulary.manifest import Manifest
from tests.builders.deliveries import MONTH, key_bytes
from tests.builders.partners import PARTNER, ROW, PartnerDesk, copy_of_desk, csv_of, make_desk, refused, row

NAME = f"{PARTNER}_{MONTH}_0001"
AREAS = (
    "PC6;Huisnummer;Buurt2025;Wijk2025;Gemeente2025\n9901AB;12;99010100;990101;9901\n1012AB;1;3630102;36301;363\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PartnerDesk:
    return make_desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def desk(made: PartnerDesk, tmp_path: Path) -> PartnerDesk:
    return copy_of_desk(made, tmp_path)


def test_a_delivery_is_whole_signed_and_of_the_promised_form(desk: PartnerDesk) -> None:
    """Three files; the manifest's bytes are signed; the rows keep to the contract, in the order of their ids."""
    outcome = desk.seal(csv_of([row(number) for number in range(40)]))
    folder = desk.out / NAME
    assert ["manifest.json", "manifest.sig", "signals.sealed"] == sorted(path.name for path in folder.iterdir())
    raw = (folder / "manifest.json").read_bytes()
    signature = (folder / "manifest.sig").read_bytes()
    assert verify(public_of_signing(key_bytes(f"signing/{PARTNER}")), signature, raw)
    manifest = Manifest.from_dict(json.loads(raw))
    assert (NAME, "signals", 40, True) == (
        manifest.delivery_id,
        manifest.kind,
        manifest.row_count,
        manifest.has_social_collection,
    )
    rows = desk.rows_of(NAME)
    assert dict(DELIVERY_SCHEMA) == dict(rows.schema)
    assert rows["signal_id"].is_sorted()
    assert {"delivery": str(folder)} == outcome.paths
    assert (40, 0) == (outcome.counts["signals"], outcome.exit_code)


def test_the_municipality_admits_what_a_partner_seals(desk: PartnerDesk) -> None:
    """Signals, then a correction, then a retraction, without a remark about their form."""
    inbox = desk.municipality.inbox
    desk.seal(csv_of([row(number) for number in range(5)]), out=inbox)
    desk.seal(csv_of([row(1, maanden_achterstand="7")]), out=inbox, kind="correction")
    desk.seal("klantnummer\nKL-000002\n", out=inbox, kind="retraction")
    with desk.municipality.run() as run:
        admit(run)
    receipts = [desk.municipality.receipt(f"{PARTNER}_{MONTH}_000{number}") for number in (1, 2, 3)]
    assert [5, 1, 1] == [receipt["rows_admitted"] for receipt in receipts]


def test_the_opener_reads_what_the_partner_wrote(desk: PartnerDesk) -> None:
    """The contact holds the exact figures; the clear fields are coarse and part of what was signed."""
    rows = [row(bedrag="999,50", maanden_achterstand="14"), row(bedrag="1,00", maanden_achterstand="2")]
    desk.seal(csv_of(rows))
    (opened,) = desk.contacts_of(NAME)
    assert opened.contact == {
        "klantnummer": "KL-000001",
        "initials": "J.P.",
        "particles": "van der",
        "surname": "Canarie",
        "birth_on": "1980-05-31",
        "postcode": "9901AB",
        "house_number": "12",
        "house_letter": "A",
        "house_addition": None,
        "email": ROW["email"],
        "phone": ROW["telefoon"],
        "arrears_eur": 1001,
        "arrears_months": 14,
        "since_on": "2026-07-01",
        "signalled_on": "2026-10-15",
        "is_crisis": False,
        "crisis_kind": None,
        "crisis_on": None,
        "has_warm_handover": True,
        "contract_count": 2,
    }
    (clear,) = desk.rows_of(NAME).select(opened.clear.keys()).to_dicts()
    assert clear == dict(opened.clear)
    assert (12, "1000-2499", "9901", None) == (
        clear["arrears_months"],
        clear["arrears_band"],
        clear["postcode4"],
        clear["wijkcode"],
    )


def test_two_ways_of_writing_one_person_give_the_same_tokens(desk: PartnerDesk) -> None:
    """All that the rules of the normaliser make equal is equal in the delivery."""
    other = row(
        2,
        voorletters="j p",
        voorvoegsels="",
        achternaam="CANARIE, v.d.",
        geboortedatum="1980-05-31",
        postcode="9901ab",
        huisnummer="12",
        huisletter="a",
        email="Kanarie.Vogel+huur@Voorbeeld.example",
        telefoon="+31 (0)6 29481735",
    )
    desk.seal(csv_of([row(1), other]))
    one, two = desk.rows_of(NAME).select(TOKEN_COLUMNS).rows()
    assert one == two
    assert sum(token is not None for token in one) == len([name for name in TOKEN_COLUMNS if "alt" not in name])


def test_nothing_readable_leaves_the_partner(desk: PartnerDesk) -> None:
    """No value of eight characters or more stands in any file that was written, refusals included."""
    bad = row(2, postcode="Geheimpostcode", bedrag="Geheimbedrag", achternaam="Geheimnaam")
    desk.seal(csv_of([row(1), bad, row(3, bezwaar="ja", achternaam="Bezwaarmaker")]))
    written = b"".join(path.read_bytes() for path in desk.out.rglob("*") if path.is_file())
    values = {value for one in (row(1), bad, row(3)) for value in one.values() if len(value) >= 8}
    assert [] == [value for value in values | {"Bezwaarmaker", "Canarie"} if value.encode() in written]


def test_rows_of_other_municipalities_stay(desk: PartnerDesk) -> None:
    """Skipped and counted; an address without wijk goes along with a warning."""
    areas = desk.export(AREAS, "areas.csv")
    rows = [row(1), row(2, postcode="1012AB", huisnummer="1"), row(3, huisnummer="99")]
    outcome = desk.seal(csv_of(rows), areas_file=areas)
    found = desk.rows_of(NAME).select("wijkcode", "postcode4").sort("wijkcode", nulls_last=True).rows()
    assert [("WK990101", None), (None, "9901")] == found
    assert (1, 1, 0) == (
        outcome.counts["outside_municipality"],
        outcome.counts["without_wijk"],
        outcome.exit_code,
    )


def test_only_objections_and_legal_persons_make_an_empty_delivery(desk: PartnerDesk) -> None:
    """Nothing to report is something to report: it replaces what was delivered before."""
    outcome = desk.seal(csv_of([row(1, bezwaar="ja"), row(2, achternaam="Jansen B.V.")]))
    assert (0, 0) == (desk.rows_of(NAME).height, outcome.exit_code)


def test_a_correction_says_how_to_take_back_who_objected_since(desk: PartnerDesk) -> None:
    """A correction leaves what it does not name, so that the earlier report would stand for good, unsaid."""
    outcome = desk.seal(csv_of([row(1), row(2, bezwaar="ja")]), kind="correction")
    assert ["--kind retraction" in line for line in outcome.lines].count(True) == 1
    with pytest.raises(Refused) as refusal:
        desk.seal(csv_of([row(2, bezwaar="ja")]), kind="correction")
    assert ("NO_SIGNALS_LEFT", True) == (refusal.value.code, "--kind retraction" in refusal.value.hint)


def test_a_partner_can_say_that_nobody_is_in_arrears(desk: PartnerDesk) -> None:
    """A delivery of no rows tells the municipality more than silence; a list with rows cannot say so."""
    outcome = desk.seal(csv_of([]), is_empty=True)
    assert (0, 0) == (desk.rows_of(f"{PARTNER}_{MONTH}_0001").height, outcome.exit_code)
    with pytest.raises(Refused, match="EXPORT_NOT_EMPTY"):
        desk.seal(csv_of([row(1)]), is_empty=True)


@pytest.mark.parametrize(("kind", "is_attested"), [("signals", True), ("retraction", False)])
def test_only_who_reports_somebody_declares_social_collection(
    desk: PartnerDesk, kind: str, is_attested: bool
) -> None:
    """Whoever takes a client back declares nothing about him."""
    assert is_attested == (partner_sealing.ATTESTATION in desk.seal(csv_of([row(1)]), kind=kind).lines)


def test_corrections_and_retractions_name_the_same_clients(desk: PartnerDesk) -> None:
    """A client has one id in every delivery of a month, and a retraction holds ids alone."""
    desk.seal(csv_of([row(1), row(2)]))
    desk.seal(csv_of([row(1, bedrag="5")]), kind="correction")
    desk.seal("klantnummer;reden\n KL-000002 ;betaald\nKL-000002;betaald\n", kind="retraction")
    first, second, third = (
        set(desk.rows_of(f"{PARTNER}_{MONTH}_000{number}")["signal_id"]) for number in (1, 2, 3)
    )
    assert second | third == first
    assert dict(RETRACTION_SCHEMA) == dict(desk.rows_of(f"{PARTNER}_{MONTH}_0003").schema)
    manifest = json.loads((desk.out / f"{PARTNER}_{MONTH}_0003" / "manifest.json").read_bytes())
    assert ("retraction", 1, None, None) == (
        manifest["kind"],
        manifest["row_count"],
        manifest["opening_key_id"],
        manifest["token_key_id"],
    )


def test_the_sequence_counts_per_month_and_may_be_chosen(desk: PartnerDesk) -> None:
    """Kept beside the key file; a number of the output folder is never used again, a chosen one may be lower."""
    names = [
        Path(desk.seal(csv_of([row()]), **options).paths["delivery"]).name
        for options in ({}, {}, {"sequence": 7}, {}, {"sequence": 5}, {}, {"out": desk.path / "other"})
    ]
    assert [1, 2, 7, 8, 5, 9, 10] == [int(name[-4:]) for name in names]
    (desk.path / "keys.sequences.json").unlink()
    assert desk.seal(csv_of([row()])).paths["delivery"].endswith("_0010")
    assert ("FOLDER_NOT_EMPTY", None) == refused(desk, csv_of([row()]), sequence=5)
    assert ("USAGE", "sequence") == refused(desk, csv_of([row()]), sequence=10000)
    assert ("USAGE", "sequence") == refused(desk, csv_of([row()]), sequence=0)


@pytest.mark.parametrize("stops_at", ["signals.sealed", "manifest.sig", "manifest.json"])
def test_a_crash_leaves_no_delivery_and_the_next_number_follows(
    desk: PartnerDesk, monkeypatch: pytest.MonkeyPatch, stops_at: str
) -> None:
    """Whichever file was being written: without a manifest the folder is not there yet."""
    write = delivery_writing._write

    def stop(path: Path, content: bytes) -> None:
        if path.name == stops_at:
            path.with_name(path.name + ".part").write_bytes(content[:10])
            raise OSError(28, "no room")
        write(path, content)

    monkeypatch.setattr(delivery_writing, "_write", stop)
    with pytest.raises(OSError, match="no room"):
        desk.seal(csv_of([row()]))
    assert not (desk.out / NAME / "manifest.json").exists()
    monkeypatch.undo()
    assert desk.seal(csv_of([row()])).paths["delivery"].endswith("_0002")
    desk.seal(csv_of([row()]), sequence=1)
    assert 1 == desk.rows_of(NAME).height


def test_several_processes_seal_what_one_seals(desk: PartnerDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows, contacts included; ciphertext alone differs."""
    monkeypatch.setattr(seal_signals, "FEWEST_FOR_PROCESSES", 20)
    monkeypatch.setattr(seal_signals, "ROWS_AT_ONCE", 16)
    content = csv_of([row(number) for number in range(50)])
    monkeypatch.setattr(partner_sealing, "processor_count", lambda: 2)
    desk.seal(content)
    monkeypatch.setattr(partner_sealing, "processor_count", lambda: 1)
    desk.seal(content)
    one, two = (desk.rows_of(f"{PARTNER}_{MONTH}_000{number}").drop("sealed_contact") for number in (1, 2))
    assert one.equals(two)
    assert [contact.contact for contact in desk.contacts_of(NAME)] == [
        contact.contact for contact in desk.contacts_of(f"{PARTNER}_{MONTH}_0002")
    ]


def test_a_newer_signing_key_that_the_municipality_does_not_know_yet_waits(desk: PartnerDesk) -> None:
    """Until then the former key signs, so a rotation refuses nothing."""
    document = json.loads(desk.keys_file.read_text())
    newer = {"key_id": f"signing-{PARTNER}-2", "secret_b64": document["secret"]["secret_b64"]}
    desk.write_keys(signing=[*document["signing"], newer])
    desk.seal(csv_of([row()]))
    manifest = json.loads((desk.out / NAME / "manifest.json").read_bytes())
    assert f"signing-{PARTNER}-1" == manifest["signing_key_id"]
