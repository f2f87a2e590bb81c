"""The shell over HTTP: real requests, real cuts, and the same outcome."""

import pytest

from ringwall.errors import CloudError, RingwallError
from ringwall.resources import registry, vpc
from ringwall.shell.aws import connect
from ringwall.shell.executing import Settings, execute
from ringwall.shell.journal import Journal
from ringwall.shell.lock import Lock, read_holder
from ringwall.shell.reading import read_account
from tests.fakes.faults import MODES, FaultyCloud
from tests.shell.plans import create_vpc, plan, step, vpc_node

LAB_MODES = ("throttle", "error500", "cut-before", "cut-after")


def vpcs_of_ours(cloud):
    tags = {"Filters": [{"Name": "tag-key", "Values": ["ringwall:key"]}]}
    return cloud.paginate("ec2", "describe_vpcs", tags, "Vpcs[].VpcId")


def test_the_account_and_the_endpoint_are_those_of_the_lab(lab, cloud):
    assert (cloud.account, cloud.region) == (lab.account_id, "us-east-1")
    assert cloud.endpoint.rstrip("/") == lab.endpoint


@pytest.mark.parametrize("mode", LAB_MODES)
def test_a_read_outlives_a_fault(lab, cloud, mode):
    lab.fail(1, mode)
    assert len(cloud.paginate("ec2", "describe_vpcs", {}, "Vpcs")) == 1
    assert len(lab.calls) == 2


def test_a_throttled_write_is_repeated_and_an_unclear_one_is_not(lab, cloud):
    lab.fail(1, "throttle", persist=2)
    cloud.call("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"})
    assert len(lab.calls) == 3
    lab.calls.clear()
    lab.fail(1, "cut-after")
    with pytest.raises(CloudError) as caught:
        cloud.call("ec2", "create_vpc", {"CidrBlock": "10.1.0.0/16"})
    assert caught.value.unclear
    assert len(lab.calls) == 1


def test_what_the_lab_lacks_is_said_readably(cloud):
    with pytest.raises(CloudError, match="the lab does not support ec2:DescribeIpamByoasn"):
        cloud.call("ec2", "describe_ipam_byoasn", {})


def test_all_pages_are_read(lab, cloud):
    for n in range(3):
        cloud.call("ssm", "put_parameter", {"Name": f"/a/{n}", "Value": "x", "Type": "String"})
    request = {"Path": "/a", "MaxResults": 1}
    names = cloud.paginate("ssm", "get_parameters_by_path", request, "Parameters[].Name")
    assert sorted(names) == ["/a/0", "/a/1", "/a/2"]
    assert sum(name == "GetParametersByPath" for _, name, _ in lab.calls) >= 3


@pytest.mark.usefixtures("lab")
def test_an_unreachable_endpoint_is_said_with_a_hint():
    with pytest.raises(CloudError, match="Unreachable") as caught:
        connect(region="us-east-1", endpoint="http://127.0.0.1:9").call("ec2", "describe_vpcs", {})
    assert "ringwall lab" in caught.value.hint


@pytest.mark.parametrize("mode", LAB_MODES)
@pytest.mark.parametrize("persist", [1, 3])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_fault_at_any_write_leaves_one_vpc(lab, cloud, tmp_path, mode, n, persist):
    calls = vpc.create(vpc_node())
    assert len(calls) == 1
    node = vpc_node()
    changed = vpc.update(node, node, frozenset({"EnableDnsSupport", "EnableDnsHostnames"}))
    creation = plan(step(1, *calls, *changed))
    lab.fail(n, mode, persist=persist, writes_only=True)
    try:
        execute(creation, cloud, Journal(tmp_path / "j"), settings=Settings(workers=1))
    except RingwallError:
        lab.faults.clear()
        execute(creation, cloud, Journal(tmp_path / "j"), settings=Settings(workers=1))
    assert len(vpcs_of_ours(cloud)) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_around_the_cloud_leaves_one_vpc(cloud, tmp_path, mode):
    creation = plan(step(1, create_vpc()))
    faulty = FaultyCloud(cloud, 1, mode, persist=9)
    try:
        execute(creation, faulty, Journal(tmp_path / "j"), settings=Settings(workers=1))
    except RingwallError:
        execute(creation, cloud, Journal(tmp_path / "j"), settings=Settings(workers=1))
    assert len(vpcs_of_ours(cloud)) == 1


def test_the_whole_registry_is_read_and_nothing_is_refused(cloud):
    reads = read_account(cloud, registry().values(), "lab")
    assert reads.refused == {}
    assert len(reads.listings["ec2:describe_vpcs"]) == 1


def test_the_lock_works_on_real_parameters(cloud):
    with Lock(cloud, "lab", "apply"):
        assert "apply since" in str(read_holder(cloud, "lab"))
    assert read_holder(cloud, "lab") is None
