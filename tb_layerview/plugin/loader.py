"""The entry point.

An error while TensorBoard imports this module would stop all of TensorBoard, so it imports nothing
that can fail. The plugin itself comes with `load`, whose errors TensorBoard logs and survives.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    from tb_layerview.plugin.plugin import LayerViewPlugin


class LayerViewLoader(base_plugin.TBLoader):
    """Loads the plugin when TensorBoard is ready for it."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Have TensorBoard keep one of our summaries a run: it only has to know the run."""
        kept = getattr(flags, "samples_per_plugin", None)
        if isinstance(kept, dict):
            kept.setdefault("layerview", 1)

    def load(self, context: base_plugin.TBContext) -> LayerViewPlugin:
        """The plugin."""
        from tb_layerview.plugin.plugin import LayerViewPlugin  # noqa: PLC0415  # see above

        return LayerViewPlugin(context)
