"""What botocore raises becomes a CloudError that says what may have happened and the way out."""

import subprocess
import sys

import pytest
from botocore import exceptions as boto

from ringwall.errors import CloudError, InputError
from ringwall.shell.aws import connect, is_read, merge
from ringwall.shell.complaints import action_name, clean, to_cloud_error
from ringwall.shell.pace import AWS, LAB, Pace, is_loopback, pace_of

URL = "http://127.0.0.1:1"


def client_error(code, status=400, message="no"):
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"},
    }
    return boto.ClientError(response, "CreateVpc")


def judged(failure):
    return to_cloud_error(failure, "ec2", "create_vpc")


@pytest.mark.parametrize(
    ("failure", "retryable", "unclear"),
    [
        (client_error("RequestLimitExceeded", 503), True, False),
        (client_error("Throttling"), True, False),
        (client_error("Whatever", 429), True, False),
        (client_error("SlowDown", 503), True, False),
        (client_error("InternalError", 500), True, True),
        (client_error("Unavailable", 503), True, True),
        (client_error("502", 502), True, True),
        (client_error("RequestTimeout", 400), True, True),
        (client_error("NotImplemented", 501), False, False),
        (client_error("InvalidVpcID.NotFound"), False, False),
        (boto.EndpointConnectionError(endpoint_url=URL), True, False),
        (boto.ConnectTimeoutError(endpoint_url=URL), True, False),
        (boto.ReadTimeoutError(endpoint_url=URL), True, True),
        (boto.ConnectionClosedError(endpoint_url=URL), True, True),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), True, True),
        (boto.ParamValidationError(report="x"), False, False),
        (boto.NoCredentialsError(), False, False),
    ],
)
def test_only_an_answer_that_may_hide_an_effect_is_unclear(failure, retryable, unclear):
    error = judged(failure)
    assert (error.retryable, error.unclear) == (retryable, unclear)


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        (client_error("UnauthorizedOperation", 403), "may not ec2:CreateVpc"),
        (client_error("ExpiredToken"), "log in again"),
        (client_error("AuthFailure", 401), "not valid for this account"),
        (client_error("VpcLimitExceeded"), "raise the quota"),
        (boto.NoCredentialsError(), "AWS_PROFILE"),
        (boto.EndpointConnectionError(endpoint_url=URL), "ringwall lab"),
        (boto.NoRegionError(), "AWS_REGION"),
        (boto.ProfileNotFound(profile="x"), "list-profiles"),
    ],
)
def test_common_failures_say_the_way_out(failure, hint):
    assert hint in judged(failure).hint


def test_the_request_id_and_the_action_are_kept():
    error = judged(client_error("VpcLimitExceeded", message="too many"))
    assert error.request_id == "r-1"
    assert error.message == "ec2:CreateVpc: VpcLimitExceeded: too many"


@pytest.mark.parametrize(
    ("message", "cleaned"),
    [
        ("not allowed. Encoded authorization failure message: AbCd", "not allowed."),
        ("wrong. The Canonical String was 'x-amz-security-token:SECRET'", "wrong."),
        ("http://user:password@proxy:1/ failed", "http://proxy:1/ failed"),
        ("key AKIAIOSFODNN7EXAMPLE is unknown", "key (access key) is unknown"),
        ("a\n  b", "a b"),
        ("token " + "A" * 300, "token (encoded)"),
    ],
)
def test_no_message_holds_a_secret(message, cleaned):
    assert clean(message) == cleaned


def test_what_is_not_of_the_outside_is_raised_as_it_is():
    for failure in (KeyError("x"), InputError("x")):
        with pytest.raises(type(failure)):
            judged(failure)


def test_operations_are_named_as_iam_names_them():
    assert action_name("ec2", "describe_vpc_endpoints") == "ec2:DescribeVpcEndpoints"


def test_reads_are_told_from_writes():
    assert is_read("describe_vpcs")
    assert is_read("search_transit_gateway_routes")
    assert not is_read("create_vpc")


def test_merged_pages_join_lists_and_keep_the_last_of_the_rest():
    pages = [
        {"Routes": [1], "More": True, "NextToken": "a", "ResponseMetadata": {}},
        {"Routes": [2], "More": False},
    ]
    assert merge(iter(pages)) == {"Routes": [1, 2], "More": False, "NextToken": "a"}


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("https://ec2.us-east-1.amazonaws.com", False),
        ("http://127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_a_lab_is_told_from_aws_by_its_address(endpoint, local):
    assert is_loopback(endpoint) is local
    assert pace_of(endpoint) is (LAB if local else AWS)


def test_delays_grow_to_a_bound_and_never_vanish():
    pace = Pace(first=1, longest=20, jitter=lambda: 0.0)
    assert [pace.backoff(n) for n in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert pace.backoff(10**6) == 10
    assert pace.poll(0) == 2
    assert pace.poll(10**6) == 10


def test_importing_the_shell_does_not_import_boto3():
    program = (
        "import sys, ringwall.shell.executing, ringwall.shell.lock, ringwall.shell.aws;"
        "sys.exit(any(m.split('.')[0] in ('boto3', 'botocore') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_missing_region_is_said_before_anything_is_asked(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(CloudError, match="no AWS region"):
        connect()


def test_an_unknown_profile_is_said_with_its_name(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(CloudError, match="nobody"):
        connect("nobody", "us-east-1")
