from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.commands.at_the_opener.exclusion_lists import add_exclusion
from pipeline.commands.documents import read_agreement, read_directory
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.key_keeping.partner_parts import check_public_part
from pipeline.vocabulary.agreement import PARTNER_TYPES
from pipeline.vocabulary.directory import KINDS
from pipeline.vocabulary.faults import Refused
from tests.builders.ceremony import make_region

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
FAULTY = sorted((*SCHEMAS.glob("agreement/faulty/*.json"), *SCHEMAS.glob("directory/faulty/*.json")))
# A schema sees form: that a signature holds, or that no id stands twice, only the reader sees.
SEEN_BY_READER_ALONE = (
    "AGREEMENT_SIGNATURE",
    "DIRECTORY_SIGNATURE",
    "DIRECTORY_INVALID.keys.key_id",
    "PUBLIC_PART_INVALID.signature",
)


def schema(path: str) -> Draft202012Validator:
    return Draft202012Validator(load(SCHEMAS / path), format_checker=Draft202012Validator.FORMAT_CHECKER)


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def schema_for(path: Path) -> Draft202012Validator:
    if path.name.startswith("PUBLIC_PART"):
        return schema("directory/partner-public.schema.json")
    return schema(f"{path.parents[1].name}/{path.parents[1].name}.schema.json")


def read(path: Path) -> None:
    """Read a document as the program does."""
    if path.name.startswith("PUBLIC_PART"):
        check_public_part(load(path))
    elif path.parents[1].name == "directory":
        read_directory(path)
    else:
        read_agreement(path, read_directory(SCHEMAS / "directory" / "example.json"))


@pytest.mark.parametrize(
    ("schema_path", "example"),
    [
        ("agreement/agreement.schema.json", "agreement/example.json"),
        ("directory/directory.schema.json", "directory/example.json"),
        ("directory/partner-public.schema.json", "directory/partner-public.example.json"),
        ("directory/token-issue.schema.json", "directory/token-issue.example.json"),
    ],
)
def test_examples_keep_their_schema(schema_path: str, example: str) -> None:
    """Each published schema is itself valid and accepts its example."""
    validator = schema(schema_path)
    Draft202012Validator.check_schema(validator.schema)
    assert [] == [error.json_path for error in validator.iter_errors(load(SCHEMAS / example))]


def test_examples_are_signed() -> None:
    """The published agreement holds under the municipal key of the published directory."""
    directory = read_directory(SCHEMAS / "directory" / "example.json")
    agreement = read_agreement(SCHEMAS / "agreement" / "example.json", directory)
    assert "count" == agreement.lanes["crisis"]
    part = check_public_part(load(SCHEMAS / "directory" / "partner-public.example.json"))
    assert part.signing == directory.by_id(part.signing.key_id)


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_faulty_files_are_refused_by_name(path: Path) -> None:
    """A faulty file is refused with the code and the field that its name gives, and breaks its schema."""
    code, _, column = path.stem.partition(".")
    with pytest.raises(Refused) as refusal:
        read(path)
    assert (code, column) == (refusal.value.code, refusal.value.column or "")
    is_broken = any(schema_for(path).iter_errors(load(path)))
    assert is_broken == (path.stem not in SEEN_BY_READER_ALONE)


def test_what_the_program_writes_keeps_the_schemas(tmp_path: Path) -> None:
    """Agreement, directory, public parts and issues of a fresh region are as the schemas say."""
    region = make_region(tmp_path)
    written = {
        "agreement/agreement.schema.json": [region.home / "agreement.json"],
        "directory/directory.schema.json": [region.directory_file],
        "directory/partner-public.schema.json": sorted(region.parts.glob("*.json")),
        "directory/token-issue.schema.json": sorted((region.holder / "issued").glob("*.json")),
    }
    for schema_path, files in written.items():
        assert files
        for file in files:
            assert [] == [error.json_path for error in schema(schema_path).iter_errors(load(file))]


def test_schemas_list_what_the_program_knows() -> None:
    """Partner types and kinds of keys stand in the schemas as they stand in the vocabulary."""
    agreement = load(SCHEMAS / "agreement" / "agreement.schema.json")
    directory = load(SCHEMAS / "directory" / "directory.schema.json")
    partner = agreement["properties"]["partners"]["items"]["properties"]
    key = directory["properties"]["keys"]["items"]["properties"]
    assert list(PARTNER_TYPES) == partner["partner_type"]["enum"]
    assert list(KINDS) == key["kind"]["enum"]


def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path) -> None:
    """A half document beside the whole one is swept when its process is no more, and stays while one writes it."""
    dead, living = (tmp_path / f".directory.json.{pid}" for pid in (2**22 + 1, os.getppid()))
    for aside in (dead, living):
        aside.write_text("half")
    write_json(tmp_path / "directory.json", {})
    assert [False, True] == [dead.exists(), living.exists()]


def test_what_was_written_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revocation and an objection that were confirmed are there afterwards: their folder is synced as well."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_json(tmp_path / "keys" / "directory.json", {})
    add_exclusion(tmp_path / "lists", {"achternaam": "Jansen", "geboortedatum": "31-05-1950", "reden": "bezwaar"})
    assert [str(tmp_path / "keys"), str(tmp_path / "lists")] == [place for place in synced if Path(place).is_dir()]
