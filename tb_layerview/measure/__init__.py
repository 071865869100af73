"""Measurements of host arrays: what a frame says about a tensor besides its elements."""
