"""Every Python example of the README and of docs/ runs as it stands there."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import tb_layerview
from tests.documentation import world

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENTS: Final = (
    "README.md",
    *(
        f"docs/{path.name}"
        for path in (ROOT / "docs").glob("*.md")
        if path.name != "http_api.md"  # asks a TensorBoard: tests/plugin/test_http_api_doc.py
    ),
)
BLOCK: Final = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)

PROCESSES: Final = "init_process_group(...)"
"""The example of several processes: `tests/modes/test_distributed.py` runs what it says."""

REFUSED: Final = "# NotFoundError"
"""Stands behind a line that raises it, the last one of its example."""


class Example(NamedTuple):
    document: str
    code: str


EXAMPLES: Final = [
    Example(document, code)
    for document in sorted(DOCUMENTS)
    for code in BLOCK.findall((ROOT / document).read_text("utf-8"))
]


def test_there_are_examples_in_the_readme_and_of_recording_and_diagnosis() -> None:
    assert {"README.md", "docs/recording.md", "docs/diagnosis.md"} <= {
        example.document for example in EXAMPLES
    }


@pytest.mark.filterwarnings("ignore:.*CUDA is not available")
@pytest.mark.filterwarnings("ignore:.*script_method")  # what torch.compile imports
@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if PROCESSES not in example.code],
    ids=lambda example: f"{example.document}: {example.code.splitlines()[0]}",
)
def test_an_example_runs_as_it_stands(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, module in world.trainers().items():
        monkeypatch.setitem(sys.modules, name, module)
    names = world.names(example.document)
    if re.search(r"\bopen\(|\blog\.", example.code):
        world.record(names, max_elements=1000 if REFUSED in example.code else None)
        names["log"] = tb_layerview.open(world.RUN)
    else:
        world.prepare_recording(names, begun="view =" not in example.code)
    try:
        if REFUSED in example.code:
            with pytest.raises(tb_layerview.NotFoundError):
                exec(example.code, names)
        else:
            exec(example.code, names)
    finally:
        world.close(names)
    if "view.step" in example.code and not any(name in example.code for name in world.trainers()):
        assert world.recorded_steps() == [0]


def test_the_example_of_several_processes_is_python() -> None:
    (example,) = (example for example in EXAMPLES if PROCESSES in example.code)
    ast.parse(example.code)
