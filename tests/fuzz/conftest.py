from __future__ import annotations

import sys

# Atheris has wheels for Linux only; elsewhere `test_fuzz` remains.
collect_ignore = [] if sys.platform == "linux" else ["test_guided.py"]
