"""The flight recorder: watches the steps that are not due, and records those that go wrong."""
