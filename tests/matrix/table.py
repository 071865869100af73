"""The table of the matrix, in Markdown."""

from __future__ import annotations

from typing import Final

from tests.matrix.trying import Outcome

COLUMNS: Final = (
    "Python", "TensorBoard", "protobuf", "NumPy", "setuptools", "google-crc32c", "PyTorch",
    "recorded by", "data server", "routes", "tests", "result",
)  # fmt: skip
ABSENT: Final = "-"


def heading() -> str:
    """The two lines above the rows."""
    return f"{_line(COLUMNS)}\n{_line(['---'] * len(COLUMNS))}"


def row(outcome: Outcome) -> str:
    """The releases that were installed, and what was done with them."""
    found, results = outcome.versions, outcome.results
    routes = [results.get(step, ABSENT) for step in ("serve", "serve slowly")]
    return _line(
        [
            found.get("python", outcome.cell.python),
            found.get("tensorboard", outcome.cell.tensorboard),
            found.get("protobuf", outcome.cell.protobuf),
            found.get("numpy", outcome.cell.numpy),
            found.get("setuptools", outcome.cell.setuptools),
            found.get("google-crc32c", ABSENT),
            found.get("torch", outcome.cell.torch or ABSENT),
            results.get("record", ABSENT),
            found.get("tensorboard-data-server", "none"),
            " + ".join(routes),
            results.get("tests", ABSENT),
            _result(outcome),
        ]
    )


def _result(outcome: Outcome) -> str:
    if outcome.failure and outcome.cell.broken:
        refused = outcome.failure.startswith("install:")
        return f"{'refused' if refused else 'does not start'}: {outcome.cell.broken}"
    if outcome.failure:
        return f"FAILS at {outcome.failure.partition(':')[0]}"
    return "works" if outcome.as_expected else "WORKS, against what is said"


def _line(fields: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(fields)} |"
