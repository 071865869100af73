"""What is tried long and often: `make soak`. `test_soak` is the short version."""
