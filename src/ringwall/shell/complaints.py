"""Foreign exceptions → CloudError: what failed, whether it may have been done, and the way out."""

import re

from ringwall.errors import CloudError, RingwallError
from ringwall.shell import codes

# IAM's prefix where it differs from botocore's name of the service.
IAM_PREFIXES = {"route53resolver": "route53resolver", "elbv2": "elasticloadbalancing"}
LONGEST_MESSAGE = 600  # characters; AWS appends encoded blobs of kilobytes

# UnauthorizedOperation appends an encoded message, SignatureDoesNotMatch the signed request with
# its session token.
_BLOB = re.compile(r"\s*(?:Encoded authorization failure message|The Canonical String)")

# The request was never sent.
_NOT_SENT = frozenset(
    {
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ProxyConnectionError",
        "SSLError",
        "InvalidProxiesConfigError",
    }
)
_NO_CREDENTIALS = frozenset({"NoCredentialsError", "PartialCredentialsError", "NoAuthTokenError"})
_EXPIRED_LOGIN = frozenset(
    {
        "CredentialRetrievalError",
        "LoginRefreshRequired",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "PendingAuthorizationExpiredError",
    }
)
_NO_PLACE = frozenset({"NoRegionError", "InvalidRegionError"})

LOG_IN = "log in again (`aws sso login`, or fetch new credentials), then repeat the command"
NO_CREDENTIALS = (
    "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`"
)
UNREACHABLE = (
    "check the network, the proxy, the region's name, and AWS_ENDPOINT_URL "
    "(for a lab: is `ringwall lab` running?)"
)


def action_name(service: str, operation: str) -> str:
    """Return an operation as IAM writes it: `ec2:CreateVpc`."""
    return f"{IAM_PREFIXES.get(service, service)}:{api_name(operation)}"


def api_name(operation: str) -> str:
    """Return an operation as AWS writes it: `CreateVpc`."""
    return "".join(word[:1].upper() + word[1:] for word in operation.split("_"))


def clean(message: str) -> str:
    """Return a message without encoded blobs, credentials or URLs' user names."""
    text = re.split(r"\s*(?:Encoded authorization failure message|The Canonical String)", message)[
        0
    ]
    text = re.sub(r"//[^/@\s]+@", "//", text)
    text = re.sub(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b", "(access key)", text)
    text = re.sub(r"[A-Za-z0-9/+=_-]{200,}", "(encoded)", text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


def to_cloud_error(failure: Exception, service: str, operation: str) -> CloudError:
    """Translate what botocore raised; what is no fault of the outside is raised again."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    if isinstance(failure, CloudError):
        return failure
    if isinstance(failure, RingwallError):
        raise failure
    where = action_name(service, operation)
    if isinstance(failure, ClientError):
        return _answered(failure, where)
    return _unanswered(failure, where)


def _unanswered(failure: Exception, where: str) -> CloudError:
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    kind = type(failure).__name__
    text = clean(str(failure)) or kind
    if kind in _NO_CREDENTIALS:
        return CloudError(where, "NoCredentials", "no AWS credentials found", hint=NO_CREDENTIALS)
    if kind in _EXPIRED_LOGIN:
        return CloudError(where, "ExpiredLogin", text, hint=LOG_IN)
    if kind in _NO_PLACE:
        return CloudError(where, "NoRegion", text, hint="set AWS_REGION or the profile's region")
    if kind == "ProfileNotFound":
        hint = "`aws configure list-profiles` shows the profiles of this machine"
        return CloudError(where, "ProfileNotFound", text, hint=hint)
    if kind in _NOT_SENT:
        return CloudError(where, "Unreachable", text, retryable=True, hint=UNREACHABLE)
    if kind == "ParamValidationError":
        return CloudError(where, "ParamValidation", text)
    if _is_broken_answer(failure):
        return CloudError(where, kind, text, retryable=True, unclear=True, hint=UNREACHABLE)
    if isinstance(failure, BotoCoreError):
        return CloudError(where, kind, text)
    raise failure


def _is_broken_answer(failure: Exception) -> bool:
    """Tell whether the request may have been carried out although no whole answer came back."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    return isinstance(failure, (HTTPClientError, IncompleteReadError, ResponseParserError))


def _answered(failure: Exception, where: str) -> CloudError:
    response = getattr(failure, "response", {})
    error = response.get("Error", {})
    metadata = response.get("ResponseMetadata", {})
    code = str(error.get("Code") or "Unknown").removeprefix("Client.").removeprefix("Server.")
    message = clean(str(error.get("Message") or error.get("message") or code))
    status = int(metadata.get("HTTPStatusCode") or 0)
    throttled = code in codes.THROTTLING or status == 429
    unclear = not throttled and (code in codes.UNCLEAR or (status >= 500 and status != 501))
    return CloudError(
        where,
        code,
        message,
        request_id=str(metadata.get("RequestId") or ""),
        retryable=throttled or unclear,
        unclear=unclear,
        reasons=[str(each.get("Code")) for each in response.get("CancellationReasons") or ()],
        hint=_hint(code, where, message, throttled=throttled),
    )


def _hint(code: str, where: str, message: str, *, throttled: bool) -> str:
    if code in codes.DENIED:
        boundary = " (an organisation's policy denies it)" if "service control" in message else ""
        return (
            f"this principal may not {where}{boundary}; "
            "`ringwall permissions FILE --for apply` prints what is needed"
        )
    if code in codes.EXPIRED:
        return LOG_IN
    if code in codes.BAD_CREDENTIALS:
        return "the credentials are not valid for this account or region; " + NO_CREDENTIALS
    if code == "OptInRequired":
        return "this account has not enabled the service or the region"
    if throttled:
        return "AWS limits the rate of requests; run the command again in a minute"
    if code.endswith(("LimitExceeded", "LimitExceededException", "QuotaExceeded")):
        return "raise the quota at Service Quotas, or ask for less"
    return ""
