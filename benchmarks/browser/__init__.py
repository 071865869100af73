"""The page beside a plotting library, in one and the same Chromium."""
