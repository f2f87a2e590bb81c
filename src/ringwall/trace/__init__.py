"""One packet at a time through the graph, as AWS's guides describe it: verdicts, hops, proofs.

Input: a ResourceGraph, wanted or read back, and names of sources and destinations.
Exact: the rules of docs/concepts/reachability that a blueprint can express.
Unknown: everything else, by name; it is never read as "unreachable".
"""
