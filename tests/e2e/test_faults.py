"""Faults that outlast the client's own retries, at every call: the next run converges."""

import os
import signal
import subprocess
import sys
import time
from itertools import cycle

import pytest

MODES = ("throttle", "error500", "cut-before", "cut-after")
OUTLASTS = 12  # consecutive requests; more than the product tries
SAMPLE = 7  # one call of so many is broken in the suite; all of them in the campaign


def writes(lab):
    return [call for call in lab.calls if not call[2]]


def state(ringwall, path):
    """Return what is deployed, its ids aside, and that nothing differs from the blueprint."""
    drift = ringwall("drift", path, "--json")
    assert (drift.code, drift.json["changes"]) == (0, []), drift.out
    resources = ringwall("output", path).json["resources"]
    return {name: sorted(keys) for name, keys in resources.items()}


def nothing_double(ec2):
    for listing, items in (
        (ec2.describe_vpcs, "Vpcs"),
        (ec2.describe_subnets, "Subnets"),
        (ec2.describe_route_tables, "RouteTables"),
        (ec2.describe_network_acls, "NetworkAcls"),
        (ec2.describe_security_groups, "SecurityGroups"),
        (ec2.describe_internet_gateways, "InternetGateways"),
        (ec2.describe_addresses, "Addresses"),
    ):
        keys = [
            tag["Value"]
            for item in listing()[items]
            for tag in item.get("Tags", [])
            if tag["Key"] == "ringwall:key"
        ]
        assert len(keys) == len(set(keys)), items


def broken_at(n, mode, lab, ringwall, ec2, *command):
    """Run a command whose n-th write fails, then again; return what is deployed after it."""
    lab.fail(n, mode, persist=OUTLASTS, writes_only=True)
    first = ringwall(*command)
    assert first.code in {0, 4}, first.err
    assert "Traceback" not in first.err
    lab.faults.clear()
    second = ringwall(*command)
    assert second.code == 0, f"write {n}, {mode}: {second.err}\nbefore: {first.err}"
    nothing_double(ec2)


def count(lab, ringwall, *command):
    lab.calls.clear()
    assert ringwall(*command).code == 0
    return len(writes(lab))


@pytest.fixture
def whole(lab, ringwall, minimal):
    """What a run without a fault deploys, and how many writes an apply and a destroy make."""
    applying = count(lab, ringwall, "apply", minimal, "--yes", "--parallel", "1")
    deployed = state(ringwall, minimal)
    destroying = count(lab, ringwall, "destroy", minimal, "--yes", "--delete-logs")
    return deployed, applying, destroying


def apply_broken(points, lab, ringwall, ec2, minimal, deployed):
    for n, mode in points:
        lab.reset()
        broken_at(n, mode, lab, ringwall, ec2, "apply", minimal, "--yes", "--parallel", "1")
        assert state(ringwall, minimal) == deployed, (n, mode)


def destroy_broken(points, lab, ringwall, ec2, minimal):
    for n, mode in points:
        lab.reset()
        assert ringwall("apply", minimal, "--yes").code == 0
        broken_at(n, mode, lab, ringwall, ec2, "destroy", minimal, "--yes", "--delete-logs")
        assert ringwall("output", minimal).json["resources"] == {}, (n, mode)


def test_a_fault_at_a_sample_of_the_calls_of_apply_converges(lab, ringwall, ec2, minimal, whole):
    deployed, applying, _ = whole
    points = list(zip(range(1, applying + 1, SAMPLE), cycle(MODES), strict=False))
    apply_broken(points, lab, ringwall, ec2, minimal, deployed)


def test_a_fault_at_a_sample_of_the_calls_of_destroy_converges(lab, ringwall, ec2, minimal, whole):
    points = list(zip(range(1, whole[2] + 1, SAMPLE * 2), cycle(MODES), strict=False))
    destroy_broken(points, lab, ringwall, ec2, minimal)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", MODES)
def test_a_fault_at_every_call_of_apply_converges(mode, lab, ringwall, ec2, minimal, whole):
    deployed, applying, _ = whole
    points = [(n, mode) for n in range(1, applying + 1)]
    apply_broken(points, lab, ringwall, ec2, minimal, deployed)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", MODES)
def test_a_fault_at_every_call_of_destroy_converges(mode, lab, ringwall, ec2, minimal, whole):
    destroy_broken([(n, mode) for n in range(1, whole[2] + 1)], lab, ringwall, ec2, minimal)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", MODES)
def test_a_fault_at_every_call_of_an_update_converges(mode, lab, ringwall, ec2, minimal, tmp_path):
    changed = tmp_path / "changed.yaml"
    text = minimal.read_text()
    assert "5432" in text or "3306" in text
    changed.write_text(text.replace("5432", "5433").replace("3306", "3307"))
    assert ringwall("apply", minimal, "--yes").code == 0
    updating = count(lab, ringwall, "apply", changed, "--yes", "--parallel", "1")
    deployed = state(ringwall, changed)
    for n in range(1, updating + 1):
        lab.reset()
        assert ringwall("apply", minimal, "--yes").code == 0
        broken_at(n, mode, lab, ringwall, ec2, "apply", changed, "--yes", "--parallel", "1")
        assert state(ringwall, changed) == deployed, (n, mode)


def killed_after(number, lab, path):
    """Run apply in a process of its own and kill it when the lab has seen so many writes."""
    lab.calls.clear()
    process = subprocess.Popen(
        [sys.executable, "-m", "ringwall.cli.main", "apply", str(path), "--yes"],
        env=os.environ.copy(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(writes(lab)) < number and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)


def kills(points, lab, ringwall, ec2, minimal, deployed):
    for number in points:
        lab.reset()
        killed_after(number, lab, minimal)
        ended = ringwall("apply", minimal, "--yes")
        assert ended.code == 0, (number, ended.err)
        nothing_double(ec2)
        assert state(ringwall, minimal) == deployed, number


def test_a_killed_apply_is_taken_up_by_the_next(lab, ringwall, ec2, minimal, whole):
    deployed, applying, _ = whole
    kills([applying // 2], lab, ringwall, ec2, minimal, deployed)


@pytest.mark.campaign
def test_applies_killed_at_20_points_are_taken_up_by_the_next(lab, ringwall, ec2, minimal, whole):
    deployed, applying, _ = whole
    points = [2 + (applying - 2) * n // 20 for n in range(20)]
    kills(points, lab, ringwall, ec2, minimal, deployed)
