"""Which network addresses are public: every special range of both registries, at its first and last address."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.platforms.pictures.addresses import is_public

SPECIAL = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carriers
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local, with the metadata of clouds
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.0.8/32",  # dummy
    "192.0.0.9/32",  # port control, global by the registry
    "192.0.0.170/31",  # finding NAT64
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # relays of 6to4
    "192.168.0.0/16",  # private
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved
    "255.255.255.255/32",  # broadcast
    "::/128",  # unspecified
    "::1/128",  # loopback
    "::/96",  # compatible with IPv4, long gone
    "::ffff:0:0:0/96",  # translated IPv4
    "64:ff9b::/96",  # NAT64
    "64:ff9b:1::/48",  # NAT64 of a network's own
    "100::/64",  # discard
    "100:0:0:1::/64",  # dummy
    "2001::/32",  # Teredo
    "2001:1::1/128",  # port control, global by the registry
    "2001:2::/48",  # benchmarks
    "2001:3::/32",  # multicast tunnels
    "2001:4:112::/48",  # AS112
    "2001:10::/28",  # ORCHID
    "2001:20::/28",  # ORCHID 2
    "2001:30::/28",  # identities of drones
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "3fff::/20",  # documentation
    "4000::/3",  # not handed out
    "5f00::/16",  # segment routing
    "fc00::/7",  # unique local, with the metadata of clouds
    "fe80::/10",  # link-local
    "fec0::/10",  # site-local, gone
    "ff00::/8",  # multicast
)
"""As IANA's registries of special addresses have them, with ranges that were special once or are of nobody."""

V4 = [text for text in SPECIAL if isinstance(ip_network(text), IPv4Network)]
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2003::1",
    "2606:4700::1111",
    "2a00:1450:4001:80b::2016",
    "3ffe:ffff::1",
)


@pytest.mark.parametrize("text", SPECIAL)
def test_a_special_range_is_not_public_from_its_first_to_its_last_address(text):
    network = ip_network(text)
    for address in (network[0], network[network.num_addresses // 2], network[-1]):
        assert not is_public(str(address))


@pytest.mark.parametrize("text", V4)
def test_an_address_of_ipv4_is_not_public_in_any_clothes_of_ipv6(text):
    number = int(ip_network(text)[-1])
    for clothes in ("::ffff:0:0", "::ffff:0:0:0", "::", "64:ff9b::"):
        assert not is_public(str(IPv6Address(int(ip_address(clothes)) + number)))
    assert not is_public(str(IPv6Address((0x2002 << 112) | number << 80)))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_handed_out_to_hosts_of_the_internet_is_public(text):
    assert is_public(text)


def test_a_public_address_that_is_written_as_one_of_ipv6_is_public():
    assert is_public("::ffff:93.184.216.34")
    assert not is_public("64:ff9b::5db8:d822")


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "010.0.0.1", "1.1.1.1/32", "1.1.1.1 ", "[2003::1]"]
)
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)


def test_a_zone_makes_no_address_public():
    assert not is_public("fe80::1%eth0")


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_no_address_of_a_special_range_is_public(address):
    if any(address in ip_network(text) for text in SPECIAL):
        assert not is_public(str(address))
    assert not (is_public(str(address)) and (address.is_private or address.is_multicast or address.is_loopback))
