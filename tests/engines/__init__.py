"""Where the page must work, too, and what a test run does not bring along: `make engines`."""
