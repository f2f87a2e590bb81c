"""Behaviours of the layers above the network: load balancers, web ACLs, tables."""

from ringwall.lab.behaviour import rows

_DYNAMO = rows(
    "DDB",
    "test_dynamodb",
    (
        "A transaction is carried out once a ClientRequestToken",
        "DynamoDB API, TransactWriteItems",
        "test_a_transaction_is_carried_out_once_a_token",
    ),
    (
        "A token of what was refused can be used again",
        "DynamoDB API, TransactWriteItems",
        "test_a_token_of_what_was_refused_can_be_used_again",
    ),
    (
        "A transaction is all or nothing, however large its tables are, and says why it was not",
        "DynamoDB API, TransactionCanceledException",
        "test_a_transaction_is_all_or_nothing_and_says_which_condition_failed",
    ),
    (
        "A transaction takes 100 items and 4 MB at most, and an item once",
        "DynamoDB API, TransactWriteItems",
        "test_a_transaction_has_a_largest_size",
    ),
)
_BALANCER = rows(
    "ELB",
    "test_load_balancer",
    (
        "A load balancer is provisioned, and stands in its subnets by interfaces of Amazon's",
        "ELB API, CreateLoadBalancer; EC2 guide, requester-managed interfaces",
        "test_a_load_balancer_stands_in_its_subnets",
    ),
    (
        "It needs two zones, and an internet gateway for public addresses",
        "ELB API, CreateLoadBalancer",
        "test_it_needs_two_zones_and_a_gateway",
    ),
    (
        "The same name and settings make no second one; other settings are refused",
        "ELB API, CreateLoadBalancer",
        "test_one_name_is_one_load_balancer",
    ),
    (
        "Its interfaces leave some time after it is deleted; deletion protection refuses",
        "Application Load Balancers guide, delete a load balancer",
        "test_its_interfaces_leave_later",
    ),
    (
        "Attributes of load balancers and target groups are all told, with AWS's defaults",
        "Application Load Balancers guide, attributes",
        "test_every_attribute_is_told",
    ),
    (
        "Access logs want a bucket whose policy lets them be written",
        "Application Load Balancers guide, access logs",
        "test_access_logs_want_a_bucket_that_takes_them",
    ),
    (
        "One listener a port; a certificate must be there; HTTP has no TLS policy",
        "ELB API, CreateListener",
        "test_listeners_are_one_a_port",
    ),
)
_WAF = rows(
    "WAF",
    "test_web_acl",
    (
        "A name is one web ACL's, and one IP set's",
        "AWS WAF API, WAFDuplicateItemException",
        "test_a_name_is_taken_once",
    ),
    (
        "What is in use is not deleted: an IP set that a rule names, an associated web ACL",
        "AWS WAF API, WAFAssociatedItemException",
        "test_what_is_in_use_stays",
    ),
    (
        "A load balancer has one web ACL, which it takes with it",
        "AWS WAF API, AssociateWebACL",
        "test_a_load_balancer_has_one_web_acl",
    ),
    (
        "What rules name must be there; no rules replace rules, too",
        "AWS WAF API, UpdateWebACL",
        "test_rules_are_replaced_as_a_whole",
    ),
    (
        "Logs go to groups that are named for it, and end with the web ACL",
        "AWS WAF guide, CloudWatch Logs",
        "test_logs_go_to_groups_named_for_it",
    ),
)
ABOVE = (*_BALANCER, *_WAF, *_DYNAMO)
