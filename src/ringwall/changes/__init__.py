"""Desired minus observed gives an ordered plan.

Input: two graphs with the same keys. Output: what differs, and the steps that bring the one to the
other, closing before they open. Exact: two equal graphs give an empty plan. Unknown: a graph with
something missing from its input is not planned against.
"""
