"""Certificates that a lab has from its beginning, under the ARNs that a blueprint names.

ACM makes the ARN of a certificate up: whoever wrote one in a blueprint has it of a true account.
"""

from typing import Final

from moto.backends import get_backend

from ringwall.lab.server_names import CertificateName
from ringwall.lab.world import Moto

_DOMAIN: Final = "lab.example.org"


def place(name: CertificateName) -> None:
    """Put an issued certificate of this name into its account and region."""
    backend: Moto = get_backend("acm")[name.account][name.region]
    made_up = backend.request_certificate(_DOMAIN, None, [], [])
    made = backend.get_certificate(made_up)
    backend.delete_certificate(made_up)
    made.arn, made.status = name.arn, "ISSUED"
    vars(backend)["_certificates"][name.arn] = made
