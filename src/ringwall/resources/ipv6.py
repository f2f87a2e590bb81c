"""An IPv6 block of AWS's choosing → the blocks of the subnets inside it.

`ipv6/<prefix length>/<index>`, an attribute of `AWS::EC2::VPCCidrBlock`, is the index-th block of
that length inside the VPC's, counted from 0: `ipv6/64/2` of 2001:db8:1::/56 is 2001:db8:1:2::/64.
"""

from ipaddress import IPv6Network

_FORM = "ipv6/<prefix length>/<index>"


def block_attribute(prefix_length: int, index: int) -> str:
    """Return the attribute that names a block before the VPC has its own."""
    return f"ipv6/{prefix_length}/{index}"


def derive_block(attribute: str, block: str) -> str:
    """Return the block that an attribute names inside `block`.

    Raises ValueError where the attribute has another form, or names a block outside.
    """
    try:
        word, length_text, index_text = attribute.split("/")
        length, index = int(length_text), int(index_text)
    except ValueError:
        msg = f"{attribute!r} does not have the form {_FORM}"
        raise ValueError(msg) from None
    outer = IPv6Network(block)
    if word != "ipv6" or not outer.prefixlen <= length <= outer.max_prefixlen:
        msg = f"{attribute!r} names no block inside {block}"
        raise ValueError(msg)
    if not 0 <= index < 2 ** (length - outer.prefixlen):
        msg = f"{attribute!r} lies outside {block}"
        raise ValueError(msg)
    start = int(outer.network_address) + (index << (outer.max_prefixlen - length))
    return str(IPv6Network((start, length)))
