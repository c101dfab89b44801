"""Terraform's functions on blocks of addresses.

https://developer.hashicorp.com/terraform/language/functions/cidrsubnet
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import List, Union

from ctkms.budgets import TooLarge
from ctkms.iac.terraform.evaluation.conversion import integer, plain
from ctkms.iac.terraform.evaluation.open_names import open_call
from ctkms.iac.terraform.evaluation.values import Value, fail

Network = Union[IPv4Network, IPv6Network]
_IPV4 = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})/(\d{1,3})", re.ASCII)
_IPV6 = re.compile(r"[0-9a-fA-F:]{2,39}/\d{1,3}", re.ASCII)
_MOST_BITS = 32  # that `cidrsubnets` adds at once


def cidr_host(prefix: Value, host: Value) -> Value:
    """`cidrhost(prefix, host)`; a negative number counts from the end."""
    network, number = _network(prefix), integer(host)
    if not -network.num_addresses <= number < network.num_addresses:
        return fail("the block has no such address")
    return _address(network, int(network.network_address) + number % network.num_addresses)


def cidr_netmask(prefix: Value) -> Value:
    """`cidrnetmask(prefix)`"""
    network = _network(prefix)
    return str(network.netmask) if isinstance(network, IPv4Network) else fail("IPv6 has no netmask")


def cidr_subnet(prefix: Value, bits: Value, number: Value) -> Value:
    """`cidrsubnet(prefix, bits, number)`"""
    network, new, at = _network(prefix), integer(bits), integer(number)
    if new < 0 or at < 0:
        return open_call("cidrsubnet", [prefix, bits, number])
    if network.prefixlen + new > network.max_prefixlen or at >= 2**new:
        return fail("the block has no such subnet")
    return _block(network, int(network.network_address) + at * _size(network, new), new)


def cidr_subnets(prefix: Value, *bits: Value) -> Value:
    """`cidrsubnets(prefix, bits...)`: one after the other, each where it may begin."""
    network = _network(prefix)
    start, end = int(network.network_address), int(network.broadcast_address)
    if bits and start == 0:
        return fail("Terraform begins to look before the block, where there is nothing")
    found: List[Value] = []
    for new in map(integer, bits):
        if not 1 <= new <= min(_MOST_BITS, network.max_prefixlen - network.prefixlen):
            return fail("a subnet has too few bits or too many")
        size = _size(network, new)
        start = -(-start // size) * size
        if start > end:
            return fail("the block has no room for so many subnets")
        found.append(_block(network, start, new))
        start += size
    return found


def _network(prefix: Value) -> Network:
    written = plain(prefix)
    ipv4 = _IPV4.fullmatch(written)
    try:
        if ipv4 is not None:  # zeros in front of a number mean nothing
            address = ".".join(str(int(part)) for part in ipv4.groups()[:4])
            return IPv4Network((address, int(ipv4[5])), strict=False)
        if _IPV6.fullmatch(written):
            address, _, length = written.partition("/")
            return _no_mapped(IPv6Network((address, int(length)), strict=False))
    except ValueError:
        pass
    return fail("this is no block of addresses")


def _size(network: Network, bits: int) -> int:
    return int(2 ** (network.max_prefixlen - network.prefixlen - bits))


def _no_mapped(network: IPv6Network) -> IPv6Network:
    """A block; raises `TooLarge` where Terraform takes it for one of IPv4."""
    if network.network_address.ipv4_mapped is not None:
        raise TooLarge
    return network


def _address(network: Network, address: int) -> str:
    if isinstance(network, IPv4Network):
        return str(IPv4Address(address))
    if IPv6Address(address).ipv4_mapped is not None:
        raise TooLarge
    return str(IPv6Address(address))


def _block(network: Network, address: int, bits: int) -> str:
    return f"{_address(network, address)}/{network.prefixlen + bits}"
