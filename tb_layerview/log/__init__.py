"""The log: what a recorded run looks like on disk. ``docs/format.md`` is its specification."""
