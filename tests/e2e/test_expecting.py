"""A blueprint's expectations, judged on what was built from it, live and in a snapshot."""


def test_a_blueprint_is_what_is_expected_of_aws_and_of_a_snapshot(lab, ringwall, minimal):
    assert ringwall("apply", minimal, "--yes", "-q").code == 0
    for network in ("aws", "snap"):
        if network == "snap":
            assert ringwall("snapshot", "-o", "snap", "-q").code == 0
        ended = ringwall("check", network, "--expect", minimal, "--json")
        assert ended.code == 0, ended.err
        results = ended.json["expectations"]
        assert [each["ok"] for each in results] == [True] * 5
        assert results[0]["source"]["file"] == str(minimal)


def test_a_rule_that_somebody_added_breaks_the_blueprints_expectation(lab, ringwall, minimal, ec2):
    assert ringwall("apply", minimal, "--yes", "-q").code == 0
    group = ringwall("output", minimal, "--id", "SecurityGroup", "main/web").out.strip()
    acl = ringwall("output", minimal, "--id", "NetworkAcl", "main/public").out.strip()
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=10, Protocol="6", RuleAction="allow", Egress=False,
        CidrBlock="0.0.0.0/0", PortRange={"From": 22, "To": 22},
    )  # fmt: skip
    assert ringwall("snapshot", "-o", "snap", "-q").code == 0
    ended = ringwall("check", "snap", "--expect", minimal)
    assert ended.code == 1
    assert "✗ nobody administers web from the internet" in ended.out
    changed = ringwall(
        "what-if", "snap", "--entry", "main/public", "in", "10", "deny", "22", "0.0.0.0/0"
    )
    assert "- internet -> main/web  tcp/22" in changed.out
