"""An address of a database that this program cannot work with is refused before anything is made or asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands.main import make_app
from pipeline.store.connect import Store
from pipeline.store.database_url import read_url
from tests.builders.deliveries import make_municipality


@pytest.mark.parametrize(
    "address",
    [
        " ",
        "geheim",
        "file:geheim.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///geheim.db",
        "sqlite://geheim/x.db",
        "sqlite:////geheim/none/x.db",
        "sqlite:////tmp",
        "sqlite:////tmp/geheim.db?foo=bar",
        "postgresql:/u:geheim@h/db",
        "postgresql://u:geheim@h:xx/db",
        "postgresql://u:geheim@h/db?foo=bar",
        "mysql://u:geheim@h/db",
    ],
)
def test_a_mistyped_address_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """By its setting's name and the forms that there are; never by what it holds, and nothing is made."""
    place = make_municipality(tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAMENLOOP_DATABASE", address)
    result = CliRunner().invoke(make_app(["status"]), ["status", "--home", str(place.path)])
    assert 2 == result.exit_code
    assert "DATABASE_URL_INVALID" in result.output
    assert "SAMENLOOP_DATABASE" in result.output
    assert "geheim" not in result.output + "".join(capfd.readouterr())
    assert ["home"] == [path.name for path in tmp_path.iterdir()]
    assert not Path("/geheim").exists()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:p@h/db",
        "postgresql+psycopg://h:5433/db?sslmode=require&application_name=x",
        "postgres://h/db",
        "postgresql:///db?host=/run/postgresql",
    ],
)
def test_a_postgresql_is_asked_only_when_it_is_opened(address: str) -> None:
    """Its port, its options and a socket of this computer may stand in the address."""
    assert "db" == read_url(address).database


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    """By its address or by its path, with signs in it that mean something in an address."""
    folder = tmp_path / "a?b=c%20#d"
    folder.mkdir()
    Store.open(folder / "samenloop.db").close()
    Store.open(f"sqlite:///{tmp_path}/other.db").close()
    assert (folder / "samenloop.db").is_file()
    assert (tmp_path / "other.db").is_file()
