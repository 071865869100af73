"""The JSON that the plugin and the page say to each other."""
