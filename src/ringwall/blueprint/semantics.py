"""What a well-formed blueprint must also satisfy: every check, in one call."""

from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.semantics_addresses import check_addresses
from ringwall.blueprint.semantics_estate import check_estate
from ringwall.blueprint.semantics_flows import check_expectations, check_flows
from ringwall.blueprint.semantics_load_balancers import check_load_balancers
from ringwall.blueprint.semantics_quotas import check_quotas, check_tags
from ringwall.blueprint.semantics_vpcs import check_vpcs
from ringwall.blueprint.semantics_watching import check_watching
from ringwall.blueprint.semantics_web_acls import check_web_acls


def check(judgement: Judgement) -> None:
    """Make every check of a blueprint."""
    check_estate(judgement)
    check_addresses(judgement)
    check_vpcs(judgement)
    check_load_balancers(judgement)
    check_web_acls(judgement)
    check_flows(judgement)
    check_expectations(judgement)
    check_quotas(judgement)
    check_tags(judgement)
    check_watching(judgement)
