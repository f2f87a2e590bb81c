"""Certificates: a network and a claim about it → accepted, refused, or not to be checked.

Read `checking` first: it is what an auditor relies on. It follows nothing and searches nothing; it
asks `rules` once for each place that a certificate names. `network` and what it imports read the
graph, `sets`, `sites` and `traffic` are the arithmetic, `certificate` is the form of the file.
`closing` writes certificates, and nothing that checks them imports it.

Rule: no code is shared with `ringwall.reach` and `ringwall.trace`; the graph, the grammar of names
and ports, and the readers that make graphs of files are shared by all.
Rule: what a packet may do is taken to be done. Where it is not known what becomes of one, no claim
about it is accepted.
"""
