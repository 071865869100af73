"""Trainers that own the loop: `make trainers`, in an environment of its own."""
