"""How a lab is addressed; its account, certificates, and credentials that open nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from ringwall.errors import InputError

# moto answers for this account unless an assumed role names another.
ACCOUNT_ID = "123456789012"
LOOPBACK = "127.0.0.1"
# Made up, and good for nothing but a lab.
FAKE_CREDENTIALS: Mapping[str, str] = {
    "aws_access_key_id": "AKIALABLABLABLABLABL",
    "aws_secret_access_key": "lab-secret-that-opens-nothing",
}
_CERTIFICATE: Final = re.compile(r"arn:aws:acm:([a-z0-9-]+):(\d{12}):certificate/[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class CertificateName:
    """The ARN of a certificate of ACM, and where it lies."""

    arn: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> Self:
        """Read an ARN; raises InputError for what is none of a certificate."""
        found = _CERTIFICATE.fullmatch(arn)
        if found is None:
            msg = f"{arn!r} is no ARN of a certificate"
            raise InputError(msg, hint="write arn:aws:acm:REGION:ACCOUNT:certificate/ID")
        return cls(arn, found[1], found[2])
