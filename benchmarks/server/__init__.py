"""What the server costs: opening logs, answering arrays, and memory."""
