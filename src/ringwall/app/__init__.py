"""The use cases: read, compute, write. Each face calls one of these and shows what it returns."""
