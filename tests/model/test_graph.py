"""Graphs that share what did not change."""

from dataclasses import replace

from ringwall.model.graph import Node, ResourceGraph


def test_a_changed_graph_shares_what_does_not_change() -> None:
    one, two, three = (Node("T", key, "", "") for key in "abc")
    other, base = replace(two, region="r"), ResourceGraph.of([one, two])
    a, b, c, z = (("T", key) for key in "abcz")
    changed = base.changed({b: other, c: three, a: None, z: None})
    assert list(changed) == list(changed.settled()) == [other, three]
    assert (len(changed), a in changed, changed.get(a), changed[c]) == (2, False, None, three)
    assert list(base) == [one, two]
    assert list(changed.with_nodes([one]).without([c])) == [other, one]
