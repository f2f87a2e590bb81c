"""A folder of what AWS's describe and list calls answered, as JSON <-> ResourceGraph.

Input: files by relative path, in whatever names and numbers; a snapshot is such a folder, too.
Exact: every item of every call that a resource type reads.
Unknown: calls of which there is no answer, by name, for the types that they feed; never an empty
list.
"""

from ringwall.formats.describe.moment import read_at
from ringwall.formats.describe.reading import read_folder
from ringwall.formats.describe.writing import write_folder

__all__ = ["read_at", "read_folder", "write_folder"]
