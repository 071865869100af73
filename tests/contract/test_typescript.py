"""The TypeScript of the contract, and the contract's words beside those of the log."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest

from tb_layerview.contract import messages, typescript
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.names import KINDS
from tb_layerview.log.schema import STORED

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / typescript.DEFAULT_FILE


def test_the_front_ends_file_is_what_the_messages_say() -> None:
    source = Path(messages.__file__).read_text("utf-8")
    assert GENERATED.read_text("utf-8") == typescript.generate(source)


def test_every_message_has_an_interface_with_its_members() -> None:
    interfaces = dict(
        re.findall(r"export interface (\w+) {\n(.*?)}", GENERATED.read_text(), re.DOTALL)
    )
    bodies = {name: body for name, body in vars(messages).items() if typing.is_typeddict(body)}
    assert interfaces.keys() == bodies.keys() - {"TypedDict"}
    for name, members in interfaces.items():
        assert re.findall(r"^  (\w+):", members, re.MULTILINE) == list(
            typing.get_type_hints(bodies[name])
        )


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        (messages.Kind, KINDS),
        (messages.Stored, STORED),
        (messages.Statistic, STATISTICS),
    ],
)
def test_the_words_of_the_contract_are_those_of_the_log(
    alias: object, words: tuple[str, ...]
) -> None:
    assert typing.get_args(alias) == words


def test_types_are_translated() -> None:
    source = '''"""Module."""
from typing import Literal, TypedDict

Colour = Literal["red", "green"]
"""A ``colour``."""


class Body(TypedDict):
    """First line.

    More of it.
    """

    name: str
    count: int | None
    ratio: float
    on: bool
    one: Literal["only"]
    colours: list[Colour]
    rows: list[list[int | None]]
'''
    assert typescript.generate(source) == (
        "// Generated from tb_layerview/contract/messages.py; do not edit.\n"
        "\n"
        "/** A `colour`. */\n"
        "export type Colour = 'red' | 'green';\n"
        "\n"
        "/**\n"
        " * First line.\n"
        " *\n"
        " * More of it.\n"
        " */\n"
        "export interface Body {\n"
        "  name: string;\n"
        "  count: number | null;\n"
        "  ratio: number;\n"
        "  on: boolean;\n"
        "  one: 'only';\n"
        "  colours: Colour[];\n"
        "  rows: (number | null)[][];\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("class Body:\n    x: int", "expected a TypedDict"),
        ("class Body(TypedDict):\n    x = 1", "expected a member of Body"),
        ("class Body(TypedDict):\n    x: dict[str, int]", "no TypeScript for dict"),
        ("Number = Literal[1]", "expected a string, received 1"),
        ("def f() -> None: ...", "expected a TypedDict"),
    ],
)
def test_what_is_no_json_body_is_refused_with_its_line(statement: str, message: str) -> None:
    with pytest.raises(typescript.UnsupportedError, match=rf"line \d: {message}"):
        typescript.generate(f'"""Module."""\n{statement}\n')


def test_check_fails_where_the_file_differs_and_write_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "messages.ts"
    file.write_text("export type Kind = 'param';\n")
    assert typescript.main(["--check", str(file)]) == 1
    assert "is not what messages.py says" in capsys.readouterr().err
    assert typescript.main(["--write", str(file)]) == 0
    assert typescript.main(["--check", str(file)]) == 0
    assert typescript.main([]) == 0
    assert capsys.readouterr().out == file.read_text()
