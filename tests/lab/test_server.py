"""A lab as a server: where it listens, what it records, how it breaks, what it does not know."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from ringwall.errors import OutsideError
from ringwall.lab.server import FAKE_CREDENTIALS, Lab, serve
from ringwall.lab.timekeeping import LabTime
from ringwall.lab.world import Clock
from ringwall.shell.clock import SystemClock


def test_importing_the_lab_does_not_import_moto() -> None:
    code = "import sys, ringwall.lab.server; sys.exit('moto' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_extra_is_said_in_one_line() -> None:
    code = (
        "import sys\n"
        "sys.modules['moto'] = None\n"
        "from ringwall.lab.server import Lab\n"
        "try:\n    Lab().start()\n"
        "except Exception as error:\n    print(type(error).__name__, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "MissingExtra pip install 'ringwall[lab]'"


def test_a_lab_listens_on_loopback_only() -> None:
    with pytest.raises(OutsideError, match=r"not on '0\.0\.0\.0'"):
        serve(0, host="0.0.0.0")


@pytest.mark.usefixtures("lab")
def test_one_lab_runs_at_a_time() -> None:
    with pytest.raises(OutsideError, match="already runs"):
        Lab().start()


def test_calls_are_recorded(lab: Lab, client: Callable[..., Any]) -> None:
    client("ec2").describe_vpcs()
    client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    client("s3").create_bucket(Bucket="bucket")
    client("s3").list_objects_v2(Bucket="bucket")
    client("route53").list_hosted_zones()
    client("ssm").get_parameters_by_path(Path="/")
    client("sts").get_caller_identity()
    assert lab.calls == [
        ("ec2", "DescribeVpcs", True),
        ("ec2", "CreateVpc", False),
        ("s3", "CreateBucket", False),
        ("s3", "ListObjectsV2", True),
        ("route53", "ListHostedZones", True),
        ("ssm", "GetParametersByPath", True),
        ("sts", "GetCallerIdentity", True),
    ]


def vpcs(ec2: Any) -> int:
    return len(ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["false"]}])["Vpcs"])


@pytest.mark.parametrize(
    ("mode", "code"), [("throttle", "RequestLimitExceeded"), ("error500", "InternalError")]
)
def test_a_request_fails_with_an_error(
    lab: Lab, ec2: Any, refused: Any, mode: Any, code: str
) -> None:
    lab.fail(2, mode)
    ec2.describe_vpcs()
    with refused(code):
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert not lab.faults.armed
    assert vpcs(ec2) == 0


@pytest.mark.parametrize(("mode", "left"), [("cut-before", 0), ("cut-after", 1)])
def test_a_connection_is_cut_before_or_after_the_effect(
    lab: Lab, ec2: Any, mode: Any, left: int
) -> None:
    lab.fail(1, mode, writes_only=True)
    ec2.describe_vpcs()
    with pytest.raises(ConnectionClosedError):
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert vpcs(ec2) == left


@pytest.mark.parametrize(("persist", "made"), [(2, True), (3, False)])
def test_a_fault_outlasts_the_retries_if_told(lab: Lab, persist: int, made: bool) -> None:
    ec2: Any = boto3.client(
        "ec2",
        endpoint_url=lab.endpoint,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
        **FAKE_CREDENTIALS,
    )
    lab.fail(1, "error500", persist=persist)
    try:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
        done = True
    except ClientError:
        done = False
    assert done is made
    assert len([one for one in lab.calls if one[1] == "CreateVpc"]) == 3


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "name"),
    [
        ("ec2", "describe_ipams", {}, "ec2:DescribeIpams"),
        ("route53", "list_cidr_collections", {}, "route53:ListCidrCollections"),
        ("iam", "list_delegation_requests", {}, "iam:ListDelegationRequests"),
        ("route53resolver", "list_outpost_resolvers", {}, "route53resolver:ListOutpostResolvers"),
        ("lambda", "list_code_signing_configs", {}, "lambda:ListCodeSigningConfigs"),
        ("networkmonitor", "list_monitors", {}, "networkmonitor:ListMonitors"),
    ],
)
def test_what_is_not_supported_is_said_plainly(
    client: Callable[..., Any], service: str, operation: str, parameters: Any, name: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client(service), operation)(**parameters)
    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplemented"
    assert error["Message"] == f"the lab does not support {name}"


def test_ids_repeat_after_a_reset(lab: Lab, ec2: Any) -> None:
    first = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    lab.reset()
    assert ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] == first


def test_ids_of_an_emptied_lab_are_never_those_of_before(
    lab: Lab, client: Callable[..., Any], ec2: Any
) -> None:
    def default() -> set[str]:
        found = {one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]}
        client("route53resolver").list_resolver_rules()  # looks EC2 up when it begins anew
        return found

    first = default()
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    lab.reset()
    assert default() == first


def test_virtual_time_passes_with_requests_and_by_hand(lab: Lab, ec2: Any) -> None:
    ec2.create_transit_gateway()

    def state() -> str:
        return str(ec2.describe_transit_gateways()["TransitGateways"][0]["State"])

    assert [state(), state(), state()] == ["pending", "pending", "available"]
    ec2.create_transit_gateway()
    lab.advance(10)
    assert {one["State"] for one in ec2.describe_transit_gateways()["TransitGateways"]} == {
        "available"
    }


def test_what_is_due_while_time_passes_happens_at_its_own_time() -> None:
    clock, seen = Clock(), []

    def again() -> None:
        seen.append(clock.now())
        clock.after(60, again)

    clock.after(60, again)
    clock.advance(200)
    assert (seen, clock.now()) == ([60, 120, 180], 200)


def test_another_process_asks_for_the_time_and_moves_it_forward(lab: Lab, ec2: Any) -> None:
    time = LabTime(lab.endpoint, SystemClock())
    before = time.state()
    assert before == {"now": lab.now.timestamp(), "virtual": True, "calls": 0}
    ec2.create_transit_gateway()
    after = time.state(before["now"] + 100)["now"]
    assert (after, lab.now.timestamp()) == (before["now"] + 100,) * 2
    assert ec2.describe_transit_gateways()["TransitGateways"][0]["State"] == "available"
    assert time.state(before["now"])["now"] > after, "a request took a second, and none is undone"
    asked = [name for _, name, _ in lab.calls]
    assert asked == ["CreateTransitGateway", "DescribeTransitGateways"]
    with pytest.raises(OutsideError, match="no lab answers at"):
        LabTime("http://127.0.0.1:9", SystemClock()).state()


def test_a_real_clock_is_not_moved_by_requests() -> None:
    clock, seen = Clock("real"), []
    clock.after(1000, lambda: seen.append("later"))
    clock.after(0, lambda: seen.append("now"))
    clock.tick()
    assert seen == ["now"]
