"""A store of logs on disk: Parquet by hour, a manifest of what was read, sources to read from.

Rules:
- What the manifest lists is the store. Files are written under a name of their own, brought to the
  disk, listed, and only then put in place; who opens the store next ends what a crash broke off.
- One process writes at a time.
- pyarrow and isal are imported when a store is written; without them MissingExtra says so.
"""
