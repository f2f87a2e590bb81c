"""Exact answers about a network: which packets get from where to where, and why.

Input: a ResourceGraph, wanted or read back, and names of ends.
Exact: every class of packets and addresses that no rule, route or prefix tells apart.
Unknown: what is not modelled or not in the input, by name; it is never read as "unreachable".
"""
