"""block-domain: put a domain and all below it into the DNS Firewall list that is blocked."""

from typing import Final

from ringwall.playbooks import domains, standing
from ringwall.playbooks.parties import canonical
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.records import Incident

RESIDUAL: Final = (
    "who asks another resolver, or knows the address already, is not stopped",
    "an apply knows it by the ledger alone: without that, it takes the domain off the list",
)


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Block the domains of an incident."""
    named = [p.name for p in incident.parties if p.role == "domain"]
    if not named:
        return Refusal("the incident names no domain")
    wrong = [name for name in named if not domains.canonical(name)]
    if wrong:
        return Refusal(f"{wrong[0]!r} is no domain")
    names = [domains.canonical(name) for name in named]
    return denial(playbook, incident, names, situation)


def _asking(incident: Incident, situation: Situation) -> set[str]:
    """Return the VPCs of those who have a part in an incident."""
    found = (situation.names.of_address(canonical(p)) for p in incident.parties if canonical(p))
    return {owner.vpc for owner in found if owner.vpc}


def denial(
    playbook: Playbook, incident: Incident, names: list[str], situation: Situation
) -> Proposal | Refusal:
    """Propose to block domains, judged by the rules that every VPC asks.

    A VPC that asks no DNS Firewall is told; it is a doubt only if it is theirs who asked.
    """
    values = situation.engine.network.values
    for name in names:
        why = domains.why_never(values, name)
        if why:
            return Refusal(f"never blocked: {why}")
    found = domains.list_for(values)
    if found is None:
        why = "no rule of a DNS Firewall blocks a list of ours"
        return Refusal(why, hint="a blueprint's `dns_firewall:` makes one")
    listed = found.properties.get("Domains") or ()
    added = [e for name in dict.fromkeys(names) for e in domains.entries(name) if e not in listed]
    if not added:
        why = f"{', '.join(names)} is in list {found.key} already: there is no need"
        return Refusal(why, needless=True)
    seen = {name: domains.seen(values, name, {found.key: added}) for name in names}
    theirs = _asking(incident, situation)
    told: dict[bool, list[str]] = {True: [], False: []}
    for name, each in seen.items():
        for vpc, why in each.others.items():
            is_doubt = why != domains.UNGUARDED or vpc in theirs
            told[is_doubt].append(f"{name} is not blocked in VPC {vpc}: {why}")
    vpcs = sorted({vpc for each in seen.values() for vpc in each.blocked})
    own = found.physical_id or found.key
    return Proposal(
        playbook.id,
        f"block {', '.join(names)} and all below in DNS",
        (domains.blocked(found, added),),
        (
            f"the first rule that names it is a BLOCK in VPCs {', '.join(vpcs) or 'none'}",
            "not proven over packets: DNS Firewall answers names, by AWS's word",
        ),
        playbook.residual,
        playbook.seconds(situation),
        about=tuple(f"{domains.PREFIX}{name}" for name in names),
        doubts=tuple(told[True]),
        reach=max(1, len(vpcs)),
        facts={"domains": {"list": own, "added": added}, "left": told[False]},
    )


PLAYBOOKS = (
    Playbook(
        id="block-domain",
        title="put a domain and all below it into the DNS Firewall list that is blocked",
        answers=(
            "RW530",
            "*!DNS",
            "*DomainRequest*",
        ),
        grants=domains.GRANTS,
        hours=168,
        residual=RESIDUAL,
        work=work,
        lacks=standing.lacks,
        state=standing.state,
    ),
)
