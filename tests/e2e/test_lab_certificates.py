"""A blueprint that names a certificate, in a lab that was begun with it."""

import re

import boto3

from ringwall.lab.server import Lab
from tests.e2e.conftest import EXAMPLES

WEB = EXAMPLES / "web.yaml"


def test_a_lab_has_the_certificates_that_it_is_begun_with(ringwall, monkeypatch):
    [arn] = re.findall(r"arn:aws:acm:\S+", WEB.read_text())
    with Lab(certificates=(arn,)) as lab:
        for name, value in lab.environment.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            [known] = boto3.client("acm").list_certificates()["CertificateSummaryList"]
            assert (known["CertificateArn"], known["Status"]) == (arn, "ISSUED")
            lab.reset()
        ended = ringwall("apply", WEB, "--yes", "-q")
        assert ended.code == 0, ended.err
