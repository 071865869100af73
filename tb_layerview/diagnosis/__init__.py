"""What a log says went wrong in a training: findings, and where numbers stopped being finite."""
