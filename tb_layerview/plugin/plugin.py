"""The plugin: what TensorBoard asks of it."""

from __future__ import annotations

from collections.abc import Mapping

from tensorboard.plugins import base_plugin

from tb_layerview.log.records import PLUGIN_NAME
from tb_layerview.plugin import static
from tb_layerview.plugin.directories import LogDirectories
from tb_layerview.plugin.http import WsgiApplication
from tb_layerview.plugin.routes import Routes
from tb_layerview.plugin.runs import Runs


class LayerViewPlugin(base_plugin.TBPlugin):
    """Serves the layers of recorded runs, and the page that shows them."""

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        spec = getattr(context.flags, "logdir_spec", None)
        self._runs = Runs(context.data_provider, LogDirectories.of_flags(context.logdir, spec))

    def is_active(self) -> bool:
        """Whether any run has layer data."""
        return bool(self._runs.names())

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """The tab. It looks for new steps by itself: TensorBoard's reload button has no part."""
        return base_plugin.FrontendMetadata(
            es_module_path=f"/{static.ENTRY}", tab_name="LAYERVIEW", disable_reload=True
        )

    def get_plugin_apps(self) -> Mapping[str, WsgiApplication]:
        """All routes, below ``data/plugin/layerview``."""
        return {**static.applications(), **Routes(self._runs).applications()}
