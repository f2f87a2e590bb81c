"""Random AWS networks and questions about them, for proofs by comparison."""
