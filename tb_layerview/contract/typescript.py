"""The TypeScript of ``messages.py``: ``python -m tb_layerview.contract.typescript``.

Works on the source, so that docstrings come along, and knows only what a JSON body can be made of:
classes of annotated members, names for unions of strings, numbers, strings, null and lists.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HEADER: Final = "// Generated from tb_layerview/contract/messages.py; do not edit."
DEFAULT_FILE: Final = Path("frontend", "src", "contract", "messages.ts")
LINE_WIDTH: Final = 100
INDENT: Final = "  "
PRIMITIVES: Final = {"int": "number", "float": "number", "str": "string", "bool": "boolean"}


class UnsupportedError(ValueError):
    """A construct of ``messages.py`` that has no TypeScript here."""

    def __init__(self, node: ast.AST, reason: str) -> None:
        super().__init__(f"messages.py, line {getattr(node, 'lineno', 0)}: {reason}")


def generate(source: str) -> str:
    """The TypeScript declarations of the Python module ``source``.

    Raises:
        UnsupportedError: ``source`` holds something that is no JSON body.
    """
    return "\n\n".join([HEADER, *_declarations(ast.parse(source).body[1:])]) + "\n"


def _declarations(body: list[ast.stmt]) -> Iterator[str]:
    """Of the statements after the module's docstring; a string after an alias is its docstring."""
    following: list[ast.stmt | None] = [*body[1:], None]
    for statement, after in zip(body, following, strict=True):
        match statement:
            case ast.ClassDef(bases=[ast.Name(id="TypedDict")], keywords=[]):
                yield _interface(statement)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                doc = _string(after.value) if isinstance(after, ast.Expr) else None
                yield _jsdoc(doc) + _typed(f"export type {name} =", value)
            case ast.ImportFrom() | ast.Expr():
                pass
            case _:
                raise UnsupportedError(statement, "expected a TypedDict or a name for a type")


def _interface(node: ast.ClassDef) -> str:
    lines = []
    for member in node.body:
        match member:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
                lines.append(_typed(f"{INDENT}{name}:", annotation) + "\n")
            case ast.Expr():
                pass
            case _:
                raise UnsupportedError(member, f"expected a member of {node.name} with its type")
    return _jsdoc(ast.get_docstring(node)) + f"export interface {node.name} {{\n{''.join(lines)}}}"


def _typed(before: str, annotation: ast.expr) -> str:
    """``before`` and the type; with a line for each of its members where one does not hold all."""
    members = _union(annotation)
    line = f"{before} {' | '.join(members)};"
    if len(line) <= LINE_WIDTH:
        return line
    indent = before[: len(before) - len(before.lstrip())] + INDENT
    return before + "".join(f"\n{indent}| {member}" for member in members) + ";"


def _union(annotation: ast.expr) -> list[str]:
    """The TypeScript types of which ``annotation`` allows one."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union(left) + _union(right)
        case ast.Constant(value=None):
            return ["null"]
        case ast.Name(id=name):
            return [PRIMITIVES.get(name, name)]
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            types = _union(item)
            return [f"{types[0]}[]" if len(types) == 1 else f"({' | '.join(types)})[]"]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=elements)):
            return [repr(_string(element)) for element in elements]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=element):
            return [repr(_string(element))]
    raise UnsupportedError(annotation, f"no TypeScript for {ast.unparse(annotation)}")


def _string(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise UnsupportedError(node, f"expected a string, received {ast.unparse(node)}")


def _jsdoc(docstring: str | None) -> str:
    if docstring is None:
        return ""
    lines = inspect.cleandoc(docstring).replace("``", "`").splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def main(arguments: list[str] | None = None) -> int:
    """Print, write or check the file; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tb_layerview.contract.typescript")
    mode = parser.add_mutually_exclusive_group()
    for name, purpose in (("--check", "fail where FILE differs"), ("--write", "write FILE")):
        mode.add_argument(
            name, metavar="FILE", type=Path, nargs="?", const=DEFAULT_FILE, help=purpose
        )
    options = parser.parse_args(arguments)
    source = Path(__file__).with_name("messages.py").read_text("utf-8")
    generated = generate(source)
    if options.write is not None:
        options.write.write_text(generated, "utf-8")
    elif options.check is None:
        sys.stdout.write(generated)
    elif options.check.read_text("utf-8") != generated:
        sys.stderr.write(
            f"{options.check} is not what messages.py says: "
            "run `python -m tb_layerview.contract.typescript --write`\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
