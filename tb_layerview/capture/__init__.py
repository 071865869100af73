"""Capture: what stands between a training loop and the log. Needs PyTorch; the rest does not."""
