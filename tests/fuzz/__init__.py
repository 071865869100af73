"""Inputs that nobody wrote on purpose, or somebody on bad purpose."""
