"""What AWS's error codes mean for the next move: try again, look, take it as done, or give up.

AWS has no common vocabulary: every service spells "slow down" and "not found" in its own way.
"""

# Nothing was done; the same request may succeed a little later (botocore's retry rules, EC2 API
# reference "Query API request rate", S3 "SlowDown", Route 53 "PriorRequestNotComplete").
THROTTLING = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConcurrentModification",
        "EC2ThrottledException",
        "LimitExceededException.Throttling",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
        "TransactionInProgressException",
    }
)

# The request may or may not have been carried out.
UNCLEAR = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceErrorException",
        "InternalServiceException",
        "OperationAborted",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Unavailable",
    }
)

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Client.UnauthorizedOperation",
        "UnauthorizedOperation",
    }
)

UNSUPPORTED = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "OperationNotSupportedException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    }
)

EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnauthorizedSSOToken"}
)

BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

# Refused while something else goes away or settles: the same request succeeds when it is gone.
SETTLING = frozenset(
    {
        "ConflictException",
        "DeleteConflict",
        "DependencyViolation",
        "IncorrectState",
        "InvalidState",
        "OperationInProgress",
        "ResourceInUse",
        "ResourceInUseException",
        "ResourceNotReadyException",
        "ResourceUnavailableException",
        # AWS WAF: still in use, changed by somebody meanwhile, not there everywhere yet.
        "WAFAssociatedItemException",
        "WAFOptimisticLockException",
        "WAFUnavailableEntityException",
    }
)


PRESENT = frozenset(
    {
        "ConflictingDomainExists",
        "DuplicateListener",
        "DuplicateLoadBalancerName",
        "DuplicateRequest",
        "DuplicateTargetGroupName",
        "PriorityInUse",
        "ResourceExistsException",
        "WAFDuplicateItemException",
    }
)


def is_absent(code: str) -> bool:
    """Tell whether a code says that something does not exist."""
    return (
        code.endswith((".NotFound", "NotFound", "NotFoundException", "NotFoundError"))
        or code == "WAFNonexistentItemException"
        or code.startswith("NoSuch")
        or "NotFound." in code
    )


def is_present(code: str) -> bool:
    """Tell whether a code says that something exists already."""
    return (
        "AlreadyExists" in code
        or code.endswith((".Duplicate", "AlreadyAssociated", "AlreadyOwnedByYou"))
        or code in PRESENT
    )
