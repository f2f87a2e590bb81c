"""Managed prefix lists, AWS's own among them, with their CIDRs and versions."""

from ipaddress import ip_network
from typing import Any

from ringwall.lab.actions import Call, Described, add_ec2, refuse, select, tag_set
from ringwall.lab.world import Moto


def _found(call: Call) -> Moto:
    one = call.backend.managed_prefix_lists.get(call.need("PrefixListId"))
    if one is None:
        refuse(
            "InvalidPrefixListID.NotFound",
            f"The prefix list ID '{call.get('PrefixListId')}' does not exist",
        )
    return one


def _newest(one: Moto) -> list[Any]:
    return list(one.entries.values())[-1] if one.entries else []


def _describe(one: Moto) -> Described:
    described: Described = {
        "PrefixListId": one.id,
        "AddressFamily": one.address_family,
        "State": one.state,
        "PrefixListArn": one.prefix_list_arn,
        "PrefixListName": one.prefix_list_name,
        "OwnerId": one.owner_id,
        "Tags": tag_set(one.ec2_backend, one.id),
    }
    if one.owner_id != "AWS":
        described |= {"MaxEntries": int(one.max_entries), "Version": one.version}
    return described


def _listed(call: Call) -> list[Any]:
    wanted = call.get("PrefixListIds", [])
    shelf = call.backend.managed_prefix_lists
    for one in wanted:
        if one not in shelf:
            refuse("InvalidPrefixListID.NotFound", f"The prefix list ID '{one}' does not exist")
    return [one for one in shelf.values() if not wanted or one.id in wanted]


def describe_managed_prefix_lists(call: Call) -> Described:
    """DescribeManagedPrefixLists."""
    paths = {
        "owner-id": "OwnerId",
        "prefix-list-id": "PrefixListId",
        "prefix-list-name": "PrefixListName",
    }
    listed = [_describe(one) for one in _listed(call)]
    return {"PrefixLists": select(listed, call.filters(), paths)}


def describe_prefix_lists(call: Call) -> Described:
    """DescribePrefixLists: AWS's own, with their CIDRs."""
    listed = [
        {
            "PrefixListId": one.id,
            "PrefixListName": one.prefix_list_name,
            "Cidrs": [entry["Cidr"] for entry in _newest(one)],
        }
        for one in _listed(call)
        if one.owner_id == "AWS"
    ]
    paths = {"prefix-list-id": "PrefixListId", "prefix-list-name": "PrefixListName"}
    return {"PrefixLists": select(listed, call.filters(), paths)}


def _canonical(entries: list[Described]) -> list[Described]:
    kept = []
    for one in entries:
        try:
            block = str(ip_network(one["Cidr"], strict=False))
        except ValueError:
            refuse("InvalidParameterValue", f"The CIDR '{one['Cidr']}' is not valid.")
        kept.append({**one, "Cidr": block})
    return kept


def modify_managed_prefix_list(call: Call) -> Described:
    """ModifyManagedPrefixList: entries change against the version that the caller has seen."""
    one = _found(call)
    if one.owner_id == "AWS":
        refuse("InvalidPrefixListId", "An AWS-managed prefix list cannot be modified.")
    add = _canonical(call.get("AddEntries", []))
    remove = {entry["Cidr"] for entry in _canonical(call.get("RemoveEntries", []))}
    if call.get("PrefixListName"):
        one.prefix_list_name = call.get("PrefixListName")
    if call.get("MaxEntries"):
        one.max_entries = call.get("MaxEntries")
    if add or remove:
        current = call.get("CurrentVersion")
        if current is not None and int(current) != one.version:
            refuse("PrefixListVersionMismatch", f"The current version is {one.version}.")
        new = {entry["Cidr"] for entry in add}
        kept = [entry for entry in _newest(one) if entry["Cidr"] not in remove | new]
        if len(kept) + len(add) > int(one.max_entries):
            refuse("PrefixListMaxEntriesExceeded", f"{one.id} holds {one.max_entries} entries.")
        one.version += 1
        one.entries[one.version] = kept + add
        one.state = "modify-complete"
    return {"PrefixList": _describe(one)}


def delete_managed_prefix_list(call: Call) -> Described:
    """DeleteManagedPrefixList: "you must first remove all references to it"."""
    backend, one = call.backend, _found(call)
    routes = any(
        route.destination_prefix_list is one
        for table in backend.route_tables.values()
        for route in table._routes.values()  # noqa: SLF001
    )
    rules = any(
        rule.prefix_list_id == one.id
        for groups in backend.groups.values()
        for group in groups.values()
        for rule in (*group.ingress_rules, *group.egress_rules)
    )
    references = any(
        one.id in table.references for table in backend.transit_gateways_route_tables.values()
    )
    if routes or rules or references:
        refuse("ResourceInUse", f"The prefix list {one.id} is referenced.")
    del backend.managed_prefix_lists[one.id]
    return {"PrefixList": {**_describe(one), "State": "delete-in-progress"}}


def install() -> None:
    """Answer the calls about prefix lists."""
    add_ec2(
        {
            "DescribeManagedPrefixLists": describe_managed_prefix_lists,
            "DescribePrefixLists": describe_prefix_lists,
            "ModifyManagedPrefixList": modify_managed_prefix_list,
            "DeleteManagedPrefixList": delete_managed_prefix_list,
        }
    )
