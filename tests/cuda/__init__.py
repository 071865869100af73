"""What only a GPU can show: `make cuda` runs it."""
