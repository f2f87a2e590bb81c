"""The role of the responder: actions that there are, about resources that they know, on conditions
that these have, by AWS's own tables (cfn-lint has those of the Service Authorization Reference)."""

import json
import re
from itertools import product
from pathlib import Path

import cfnlint
import pytest

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.compile.responder_policy import LONGEST
from ringwall.blueprint.loading import load
from ringwall.errors import BlueprintError
from ringwall.playbooks import registry
from ringwall.shell.ledger.dynamodb import PERMISSIONS
from tests.blueprint.compile.blueprints import ALL, compiled

TABLES = json.loads(
    (Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text()
)
NOTICES = (
    "{webhook: 'ssm:/ringwall/webhook', security_hub: true, findings: 's3://findings/ringwall'}"
)
OURS = {"StringEquals": {"aws:ResourceTag/ringwall:deployment": "watched"}}
# Asked of the network or of the account as a whole, whatever the table says of single resources.
READS = re.compile(r"[a-z0-9-]+:(Describe|Get|List|Search)[A-Za-z]+")
# Keys of a request that any action may have; tables list those of resources.
GLOBAL = re.compile(
    r"aws:TagKeys|aws:(Request|Resource)Tag/.*|ec2:CreateAction|kms:(ViaService|EncryptionContext:.*)"
    r"|s3:prefix"
)


def text(**response):
    lines = "".join(f"  {name}: {value}\n" for name, value in response.items())
    return ALL["responding"].replace("response:\n", f"response:\n{lines}", 1)


def listed(value):
    return [value] if isinstance(value, str) else list(value)


def policy(blueprint):
    (found,) = compiled(blueprint)["AWS::IAM::Role", "responder"].properties["Policies"]
    return found["PolicyDocument"]["Statement"]


def allowed(statements):
    return {a for s in statements if s["Effect"] == "Allow" for a in listed(s["Action"])}


def about(statements, action):
    """The resources and conditions on which an action is allowed."""
    found = [s for s in statements if s["Effect"] == "Allow" and action in listed(s["Action"])]
    service = action.split(":")[0]
    return [
        ([r for r in listed(s["Resource"]) if r == "*" or r.split(":")[2] == service],
         s.get("Condition"))
        for s in found
    ]  # fmt: skip


def table(action):
    service, name = action.split(":")
    return TABLES[service]["Actions"][name.lower()], TABLES[service]["Resources"]


def formats(action):
    """Patterns of the ARNs that an action is about, by type of resource."""
    row, resources = table(action)
    return {
        name: [re.sub(r"\$\{[^}]*\}", "[^:]*", each) for each in resources[name]["ARNFormats"]]
        for name in row.get("Resources", ())
        if name in resources
    }


EVERYTHING = policy(text(notices=NOTICES))
ACTIONS = sorted(allowed(EVERYTHING))


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_one_of_awss_and_about_what_it_knows(action):
    row, _ = table(action)
    known = formats(action)
    for resources, _ in about(EVERYTHING, action):
        assert resources
        if resources == ["*"]:
            assert not row.get("Resources") or READS.fullmatch(action)
        elif known:
            matching = [r for r, p in product(resources, known.values()) if _fits(r, p)]
            assert matching, (resources, known)


def _fits(resource, patterns):
    # What is a pattern in a policy is a text here.
    return any(re.fullmatch(pattern, resource) for pattern in patterns)


def test_every_resource_of_a_statement_is_one_that_an_action_in_it_knows():
    for statement in EVERYTHING:
        actions = listed(statement["Action"])
        for resource in listed(statement["Resource"]):
            service = resource.split(":")[2] if resource != "*" else ""
            mine = [a for a in actions if a.split(":")[0] == service]
            assert resource == "*" or mine, resource
            tables = [formats(action) for action in mine]
            known = [p for each in tables for p in each.values()]
            assert resource == "*" or not all(tables) or any(_fits(resource, p) for p in known)


def test_a_condition_is_one_that_a_resource_of_it_has():
    for statement in EVERYTHING:
        for keys in statement.get("Condition", {}).values():
            for key in keys:
                rows = [table(action) for action in listed(statement["Action"])]
                having = {
                    re.sub(r"/\$\{[^}]*\}", "/.*", has)
                    for row, resources in rows
                    for name in row.get("Resources", ())
                    for has in resources.get(name, {}).get("ConditionKeys", ())
                }
                assert GLOBAL.fullmatch(key) or any(re.fullmatch(h, key) for h in having), key
                if key.startswith("aws:ResourceTag/"):
                    assert "aws:ResourceTag/.*" in having


def test_nothing_is_changed_everywhere_and_no_action_is_a_pattern():
    for statement in EVERYTHING:
        assert not any("*" in action for action in listed(statement["Action"]))
        if statement["Resource"] == "*":
            assert all(READS.fullmatch(action) for action in listed(statement["Action"]))


def test_what_bears_tags_is_changed_by_the_deployments_tag():
    for action, kind in {
        "ec2:CreateNetworkAclEntry": "ec2:us-east-1:123456789012:network-acl/*",
        "ec2:DeleteNetworkAclEntry": "ec2:us-east-1:123456789012:network-acl/*",
        "ec2:AuthorizeSecurityGroupIngress": "ec2:us-east-1:123456789012:security-group/*",
        "ec2:RevokeSecurityGroupIngress": "ec2:us-east-1:123456789012:security-group/*",
        "route53resolver:UpdateFirewallDomains": (
            "route53resolver:us-east-1:123456789012:firewall-domain-list/*"
        ),
        "wafv2:UpdateIPSet": "wafv2:us-east-1:123456789012:regional/ipset/*",
    }.items():
        on = [r for r in about(EVERYTHING, action)[0][0] if r.endswith(kind.split(":", 3)[-1])]
        assert (on, about(EVERYTHING, action)[0][1]) == ([f"arn:aws:{kind}"], OURS), action


def test_the_responder_cannot_give_itself_more():
    [denied] = [s for s in EVERYTHING if s["Effect"] == "Deny"]
    assert denied["Action"] == ["iam:DeleteRolePolicy", "iam:PutRolePolicy"]
    assert denied["Resource"] == "arn:aws:iam::123456789012:role/ringwall/*"
    changing = {a for a in ACTIONS if a.startswith("iam:") and not READS.fullmatch(a)}
    assert changing == {*denied["Action"], "iam:UpdateAccessKey"}


def test_the_journal_is_asked_what_a_ledger_in_a_table_asks():
    [(on, _), *_] = about(EVERYTHING, "dynamodb:PutItem")
    assert "arn:aws:dynamodb:us-east-1:123456789012:table/ringwall-watched-journal" in on
    journal = {a for a in ACTIONS if a.startswith("dynamodb:") and a in PERMISSIONS}
    assert journal == set(PERMISSIONS)


@pytest.mark.parametrize("id_", sorted(registry()))
def test_a_playbook_that_is_not_enabled_is_not_in_the_role(id_):
    others = sorted(set(registry()) - {id_})
    own = set(registry()[id_].asks)
    asked = {a for other in others for a in registry()[other].asks}
    less = allowed(policy(text(playbooks=f"[{', '.join(others)}]")))
    none = allowed(policy(text(playbooks="[]")))
    only = allowed(policy(text(playbooks=f"[{id_}]")))
    assert only == none | own
    assert less == none | asked


def test_all_playbooks_fit_into_a_role_with_the_longest_names():
    """An inline policy of a role has 10,240 characters at most, white space aside."""
    longest = text(
        notices="{webhook: 'secretsmanager:ringwall/a2345678901234567890123456789012/webhook',"
        " security_hub: true, findings: 's3://findings-of-a2345678901234567890123456789012/prod'}"
    ).replace("name: watched", "name: a2345678901234567890123456789012")
    for region in ("ap-southeast-1", "us-gov-west-1"):
        found = policy(longest.replace("us-east-1", region))
        document = {"Version": "2012-10-17", "Statement": found}
        assert len(json.dumps(document, separators=(",", ":"))) <= LONGEST


def test_a_name_that_no_playbook_bears_is_a_problem_with_the_nearest():
    with pytest.raises(BlueprintError) as caught:
        compiled(text(playbooks="[block-source, isolate-instnce]"))
    [problem] = caught.value.problems
    line = text(playbooks="[block-source, isolate-instnce]").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("isolate-instnce")
    assert problem.code == "BP127"
    assert problem.message == "there is no playbook 'isolate-instnce'"
    assert problem.hint.startswith("did you mean 'isolate-instance'?")


def test_a_role_that_iam_would_not_take_is_a_problem():
    grants = {name: each.grants * 1 for name, each in registry().items()}
    more = {
        f"more-{n}": tuple(
            type(g)(g.actions, tuple(f"{on}{n}" for on in g.on), g.when) for g in each
        )
        for n, each in enumerate(grants.values())
    }
    with pytest.raises(BlueprintError) as caught:
        compile_blueprint(load(ALL["responding"], "b.yaml"), {**grants, **more})
    [problem] = caught.value.problems
    assert (problem.code, problem.hint) == ("BP128", "enable fewer `playbooks`")


def test_channels_that_are_not_declared_are_not_in_the_role():
    quiet = allowed(policy(ALL["responding"]))
    assert allowed(EVERYTHING) - quiet == {
        "s3:ListBucket",
        "s3:PutObject",
        "securityhub:BatchImportFindings",
        "securityhub:BatchUpdateFindings",
        "ssm:GetParameter",
    }
    secret = policy(text(notices="{webhook: 'secretsmanager:ringwall/webhook'}"))
    [(on, _)] = about(secret, "secretsmanager:GetSecretValue")
    assert on == ["arn:aws:secretsmanager:us-east-1:123456789012:secret:ringwall/webhook-??????"]
    contexts = [when for _, when in about(secret, "kms:Decrypt")]
    assert {
        "StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:SecretARN": on[0]},
    } in contexts


def test_flow_logs_are_read_where_they_are():
    assert "logs:FilterLogEvents" in allowed(policy(ALL["responding"]))
    alarms = "    transit: {metric: transit-no-route, above: 5}"
    lines = [
        alarms if "bytes-out" in line else line
        for line in ALL["responding"].splitlines()
        if "metric: rejected" not in line and "metric: probes" not in line
    ]
    in_bucket = "\n".join(lines).replace("{destination: cloudwatch", "{destination: s3")
    graph = compiled(in_bucket)
    (found,) = graph["AWS::IAM::Role", "responder"].properties["Policies"]
    statements = found["PolicyDocument"]["Statement"]
    bucket = graph["AWS::S3::Bucket", "flow-logs"].properties["BucketName"]
    assert f"arn:aws:s3:::{bucket}/*" in about(statements, "s3:GetObject")[0][0]
    assert f"arn:aws:s3:::{bucket}" in about(statements, "s3:ListBucket")[0][0]
    assert "logs:FilterLogEvents" not in allowed(statements)
    told = graph["AWS::Lambda::Function", "responder"].properties["Environment"]["Variables"]
    assert told["RINGWALL_LOGS"] == f"s3://{bucket}/"
    assert "RINGWALL_FLOW_LOGS" not in told


def test_the_function_is_told_where_notices_go():
    graph = compiled(text(notices=NOTICES))
    told = graph["AWS::Lambda::Function", "responder"].properties["Environment"]["Variables"]
    assert told["RINGWALL_WEBHOOK"] == "ssm:/ringwall/webhook"
    assert told["RINGWALL_SECURITY_HUB"] == "yes"
    assert told["RINGWALL_FINDINGS"] == "s3://findings/ringwall"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("null", "all"),
        ("[]", "none"),
        ("[block-source, block-domain]", "block-source block-domain"),
    ],
)
def test_the_function_is_told_what_its_role_may_do(said, told):
    function = compiled(text(playbooks=said))["AWS::Lambda::Function", "responder"]
    assert function.properties["Environment"]["Variables"]["RINGWALL_PLAYBOOKS"] == told


@pytest.mark.parametrize(
    "wrong",
    [
        "{webhook: 'https://hooks.example/T0/secret'}",
        "{webhook: 'ssm:'}",
        "{webhook: 'secretsmanager:*'}",
        "{findings: 'findings/ringwall'}",
        "{findings: 's3://findings/*'}",
        "{findings: 's3://findings/{account}'}",
    ],
)
def test_a_channel_is_named_and_no_secret_or_pattern(wrong):
    with pytest.raises(BlueprintError) as caught:
        compiled(text(notices=wrong))
    assert "T0" not in str(caught.value.problems)
