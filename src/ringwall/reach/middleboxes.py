"""Interfaces that take packets of others: appliances, NAT instances (decision 21)."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.edges import Ground, group_step
from ringwall.reach.elements import Interface
from ringwall.reach.filters import Remote, Spot
from ringwall.reach.network import APPLIANCE_TAG
from ringwall.reach.ways import AskNat, Position, Step, Translator, Way

BEHIND = "middlebox"  # no reference to a group matches behind one (F3)


Next = Iterator[Way | Position]


def pass_interface(ground: Ground, position: Position, found: Interface) -> Next:
    """Go through an interface; yields a Position before the ACL of its subnet is asked outwards.

    R14: it must be attached to a running instance and its source/destination check must be off
    (EC2 guide). F21: each instance checks by default that it is the source or destination.
    """
    step = Step("network-interface", found.key, "takes it", node=found.node)
    if found.kind not in {"interface", "efa"}:
        unknown = Unknown(f"network interface {found.key}", f"its type is {found.kind!r}")
        yield position.end(step.unsure(unknown))
        return
    if not found.is_running:
        step = step.dropped("it is not attached to a running instance", codes.BAD_STATE)
    elif not found.takes_others:
        text = "it takes packets for its own addresses alone"
        step = step.dropped(text, codes.SOURCE_DEST_CHECK)
    elif found.doubt is not None:
        step = step.unsure(found.doubt)
    position = position.add(step)
    if position.redirected and not found.public:
        text = f"{found.key} has no public address"  # R16
        bare = Step("network-interface", found.key, "", node=found.node)
        position = position.add(bare.dropped(text, codes.INGRESS_NOT_PUBLIC))
    position = replace(position, redirected=False)
    tracked = position.is_reply and found.key in position.tracked
    remote = Remote(
        position.source, position.sender_groups, position.via.crossed, position.sender_vpc
    )
    inward = group_step(ground, position, found.groups, remote, egress=False, tracked=tracked)
    position = position.add(inward)
    yield from _does(ground, position, found, tracked=tracked)


def _does(ground: Ground, position: Position, found: Interface, *, tracked: bool) -> Next:
    step = Step("appliance", found.key, found.does, node=found.node)
    goal = position.goal
    via = replace(position.via, middleboxes=(*position.via.middleboxes, found.key))
    if found.does == "forwards":
        position = replace(position.add(step), via=via, sender_groups=frozenset())
    elif found.does == "translates":
        spots = [Spot(b.version, b.start) for b in found.blocks if b.version == 4]
        why = "two translations on one path are not modelled" if position.via.nat else ""
        if not spots or goal.spot.version != 4:
            why = "it has no IPv4 address to translate to"
        if why:
            yield position.end(step.unsure(Unknown(f"appliance {found.key}", why)))
            return
        step = replace(
            step,
            text="",
            level=ground.filters.translated(),
            code=codes.NAT_PROTOCOL,
            ask=AskNat(found.node),
        )
        box = Translator(
            "appliance",
            found.key,
            spots[0],
            found.subnet,
            found.subnet.table,
            found.public,
            found.groups,
            found.node,
        )
        position = replace(
            position.add(step),
            source=spots[0],
            # F3: its own private address is one of its groups' members.
            sender_groups=frozenset(found.groups),
            sender_vpc=found.subnet.vpc,
            sender_public=found.public,
            via=replace(via, nat=box),
        )
    else:
        said = f"the tag {APPLIANCE_TAG} says {found.does!r}" if found.does else "no tag says"
        unknown = Unknown(f"appliance {found.key}", f"{said}: what it does is not known")
        yield position.end(step.unsure(unknown))
        return
    far = goal.subnet.vpc if goal.subnet else ""
    remote = Remote(goal.spot, frozenset(goal.groups or ()), BEHIND, far)
    outward = group_step(ground, position, found.groups, remote, egress=True, tracked=tracked)
    yield replace(position.add(outward), subnet=found.subnet, left=found.key)
