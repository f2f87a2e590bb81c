"""The traffic of the lab, read by nothing of what wrote it."""
