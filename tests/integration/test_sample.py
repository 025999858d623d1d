"""`samenloop sample`: a folder from which partners and municipalities can begin at once."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.commands import sample
from pipeline.commands.documents import read_agreement, read_directory
from pipeline.commands.sample import make_sample, register
from pipeline.commands.wiring import Home, open_run
from pipeline.practice.partners import PARTNERS
from pipeline.practice.region import Plan
from pipeline.vault.keyring import PartnerKeys
from pipeline.vocabulary.faults import Refused
from tests.builders.practice import read_back

MONTHS = ("2026-09", "2026-10")
PLAN = Plan(households=60, seed=3, months=MONTHS)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice") / "region"
    make_sample(folder, PLAN)
    return folder


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice") / "three"
    make_sample(folder, Plan(households=90, seed=3, months=MONTHS, municipalities=3), ("person", "household"))
    return folder


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["sample", *arguments])


def plain_files(folder: Path) -> dict[str, str]:
    """Digests of all files that hold no key material; a signed document without its signature."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.name == "agreement.json":
            document = json.loads(path.read_text(encoding="utf-8"))
            files[name] = json.dumps({**document, "signature": None}, sort_keys=True)
        elif path.suffix in {".csv", ".md"} or path.name == "teams.json":
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def test_folder_holds_what_is_promised(region: Path) -> None:
    """Every file and folder that partners, municipalities and outside tests rely on is there."""
    assert {
        "README.md",
        "agreement.json",
        "areas.csv",
        "directory.json",
        "key-holder",
        "municipality",
        "partners",
        "truth.csv",
    } == {path.name for path in region.iterdir()}
    for partner in PARTNERS:
        files = {path.name for path in (region / "partners" / partner.partner_id).iterdir()}
        assert {"export-2026-09.csv", "export-2026-10.csv", "keys.json"} <= files


def test_home_opens(region: Path) -> None:
    """The home can be run at once: documents verify, teams are read, six partners take part."""
    with open_run(region / "municipality", now=None) as opened:
        assert "GM9901" == opened.gemeentecode
        assert ("person",) == opened.agreement.rule.match_on
        assert "count" == opened.agreement.lanes["crisis"]
        assert 6 == len(opened.agreement.partners)
        assert all(opened.agreement.is_valid_for(month) for month in MONTHS)
        assert all(opened.directory.opening_key(month) is not None for month in MONTHS)
    home = Home(region / "municipality")
    for place in (home.inbox_deliveries, home.inbox_follow_up, home.quarantine, home.worklists, home.reports):
        assert place.is_dir()


def test_every_area_has_a_team(region: Path, three: Path) -> None:
    """Whatever wijk or postcode a signal has, some team serves it."""
    for home in (region / "municipality", *three.glob("municipality-*")):
        with open_run(home) as opened:
            code = int(opened.gemeentecode[2:])
            areas = pl.read_csv(home.parent / "areas.csv", separator=";").filter(pl.col("Gemeente2025") == code)
            for wijk, postcode in areas.select("Wijk2025", "PC6").unique().iter_rows():
                by_wijk = opened.teams.team_for(f"WK{wijk:06d}", None)
                assert by_wijk is not None
                assert by_wijk == opened.teams.team_for(None, postcode[:4])


def test_partner_keys_open_every_month(region: Path, three: Path) -> None:
    """Each partner has, for each municipality and month, one and the same token key, and knows the fingerprint."""
    for folder, codes in ((region, ("GM9901",)), (three, ("GM9901", "GM9902", "GM9903"))):
        keys = [PartnerKeys.read(folder / "partners" / partner.partner_id / "keys.json") for partner in PARTNERS]
        assert {frozenset(codes)} == {frozenset(key.municipal_fingerprints) for key in keys}
        made = {
            (code, month): {key.token_key(code, month).secret.value for key in keys}
            for code in codes
            for month in MONTHS
        }
        assert all(len(values) == 1 for values in made.values())
        assert len(made) == len({value for values in made.values() for value in values})


def test_secrets_are_for_their_owner_alone(region: Path) -> None:
    """No key file can be read by another user."""
    files = [*region.glob("*/keys/*"), *region.glob("*/opener-keys/*"), *region.glob("partners/*/keys.json")]
    files += [region / "key-holder" / "token-root-1.json"]
    assert len(files) > 10
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in files}


def test_municipalities_share_partners_and_a_service(three: Path) -> None:
    """Three homes, the first one's documents at the root, one regional service for all three."""
    homes = [three / f"municipality-GM990{place}" for place in (1, 2, 3)]
    assert all(home.is_dir() for home in homes)
    for name in ("agreement.json", "directory.json"):
        assert (homes[0] / name).read_bytes() == (three / name).read_bytes()
    agreements = [
        read_agreement(home / "agreement.json", read_directory(home / "directory.json")) for home in homes
    ]
    assert 3 == len({agreement.agreement_id for agreement in agreements})
    assert {("person", "household")} == {agreement.rule.match_on for agreement in agreements}
    services = [
        json.loads((home / "teams.json").read_text(encoding="utf-8"))["regional_service"] for home in homes
    ]
    assert services[0]["counsellors"]
    assert services[0] == services[1] == services[2]
    assert {9901, 9902, 9903} == set(pl.read_csv(three / "areas.csv", separator=";")["Gemeente2025"])


def test_same_seed_gives_the_same_bytes(region: Path, tmp_path: Path) -> None:
    """Everything but key material is the same a second time, in another folder."""
    make_sample(tmp_path / "again", PLAN)
    assert plain_files(region) == plain_files(tmp_path / "again")
    make_sample(tmp_path / "other", Plan(households=60, seed=4, months=MONTHS))
    assert plain_files(region) != plain_files(tmp_path / "other")


def test_truth_has_the_promised_columns_and_every_client(region: Path) -> None:
    """truth.csv says who is behind each client number of every file."""
    with (region / "truth.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert ["partner_id", "klantnummer", "person_id", "household_id"] == list(rows[0])
    seen = {
        (place.name, row["klantnummer"])
        for place in (region / "partners").iterdir()
        for file in place.glob("export-*.csv")
        for row in read_back(place.name, file.read_bytes())
    }
    assert seen == {(row["partner_id"], row["klantnummer"]) for row in rows}


def test_readme_says_what_to_do_in_both_languages(region: Path, three: Path) -> None:
    """It names a command for every partner and a day for every home."""
    text = (region / "README.md").read_text(encoding="utf-8")
    assert "samenloop day --home municipality --date 2026-11-02" in text
    assert "Niemand in deze map bestaat" in text
    assert all(partner.partner_id in text for partner in PARTNERS)
    text = (three / "README.md").read_text(encoding="utf-8")
    assert all(f"--home municipality-GM990{place} " in text for place in (1, 2, 3))


def test_command_says_what_it_made(tmp_path: Path) -> None:
    """With --json one object: counts, and paths that exist."""
    folder = tmp_path / "region"
    result = run(str(folder), "--households", "50", "--seed", "1", "--month", "2026-10", "--json")
    assert 0 == result.exit_code
    said = json.loads(result.stdout)
    assert ("sample", 50, []) == (said["command"], said["counts"]["households"], said["refused"])
    assert all(Path(path).exists() for path in said["paths"].values())


@pytest.mark.parametrize(
    ("options", "column"),
    [
        (("--households", "49"), "households"),
        (("--households", "1000001"), "households"),
        (("--month", "2026-13"), "month"),
        (("--municipalities", "0"), "municipalities"),
        (("--municipalities", "21", "--households", "5000"), "municipalities"),
        (("--municipalities", "9", "--households", "60"), "municipalities"),
        (("--match-on", "household"), "match-on"),
        (("--match-on", "person,street"), "match-on"),
        (("--signals-per-1000", "0"), "signals-per-1000"),
    ],
)
def test_impossible_wish_is_refused(tmp_path: Path, options: tuple[str, ...], column: str) -> None:
    """Exit 2, the option by name, and nothing written."""
    result = run(str(tmp_path / "region"), "--month", "2026-10", "--json", *options)
    assert 2 == result.exit_code
    assert [{"code": "VALUE_INVALID", "column": column, "row": None}] == json.loads(result.stdout)["refused"]
    assert not (tmp_path / "region").exists()


def test_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Exit 2 with the next step, and what was there stays as it was."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = run(str(tmp_path), "--month", "2026-10")
    assert 2 == result.exit_code
    assert "FOLDER_NOT_EMPTY" in result.stderr
    assert "Kies een lege of nieuwe map." in result.stderr
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("exists", [True, False])
def test_work_that_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    """So the same command may simply run again."""
    folder = tmp_path / "region"
    if exists:
        folder.mkdir()

    def full(*_: object) -> None:
        raise Refused("DISK_FULL")

    monkeypatch.setattr(sample, "make_agreement", full)
    with pytest.raises(Refused, match="DISK_FULL"):
        make_sample(folder, PLAN)
    assert exists == folder.exists()
    assert [] == list((folder if exists else tmp_path).iterdir())
    monkeypatch.undo()
    make_sample(folder, PLAN)
