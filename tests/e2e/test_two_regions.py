"""One blueprint in two regions of one account: what AWS has once for all regions belongs to one."""

import pytest

ONE = """
name: twice
region: us-east-1
zones: [us-east-1a]
transit_gateway:
  segments:
    shared: {routes_to: [shared]}
flow_logs: {destination: DESTINATION}
vpcs:
  hub: &vpc
    segment: shared
    tiers:
      isolated: {kind: isolated}
    groups:
      app: {tier: isolated}
    endpoints: {interface: [ssm], tier: isolated, shared: true}
  spoke:
    segment: shared
    tiers:
      isolated: {kind: isolated}
    groups:
      app: {tier: isolated}
"""


@pytest.mark.parametrize("destination", ["cloudwatch", "s3"])
def test_two_regions_stand_side_by_side_and_one_goes_without_the_other(
    destination, lab, ringwall, tmp_path
):
    paths = {}
    for region in ("us-east-1", "eu-west-1"):
        text = ONE.replace("DESTINATION", destination).replace("us-east-1", region)
        paths[region] = tmp_path / f"{region}.yaml"
        paths[region].write_text(text)
    for path in paths.values():
        ended = ringwall("apply", path, "--yes")
        assert ended.code == 0, ended.err
    for path in paths.values():
        assert ringwall("drift", path).code == 0
    first = ringwall("output", paths["us-east-1"]).json["resources"]
    assert "AWS::Route53::HostedZone" in first
    ended = ringwall("destroy", paths["eu-west-1"], "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    assert ringwall("output", paths["us-east-1"]).json["resources"] == first
    assert ringwall("drift", paths["us-east-1"]).code == 0
    ended = ringwall("destroy", paths["us-east-1"], "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    assert ringwall("output", paths["us-east-1"]).json["resources"] == {}
