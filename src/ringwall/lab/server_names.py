"""How a lab is addressed: its account, and credentials that open nothing else."""

from collections.abc import Mapping

# moto answers for this account unless an assumed role names another.
ACCOUNT_ID = "123456789012"
LOOPBACK = "127.0.0.1"
# Made up, and good for nothing but a lab.
FAKE_CREDENTIALS: Mapping[str, str] = {
    "aws_access_key_id": "AKIALABLABLABLABLABL",
    "aws_secret_access_key": "lab-secret-that-opens-nothing",
}
