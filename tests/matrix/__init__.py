"""Which releases of Python, TensorBoard, protobuf, NumPy and PyTorch the package works with."""
