"""The mail server of the tests, as a process."""

import smtplib
import subprocess
import sys

import pytest

from tests.sendgrid import read_ledger
from tests.workspace import ROOT, environment

MESSAGE = b"To: claire@example.org\r\nMessage-ID: <r1@example.org>\r\n\r\n.Bonjour\r\n"


def test_as_a_process_it_prints_its_port_writes_its_ledger_and_fails_on_order(tmp_path):
    file = tmp_path / "ledger"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.smtpd", "--ledger", file, "--faults", "ok,rcpt-550,body-accepted-cut"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        port = int(process.stdout.readline())
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.sendmail("x@example.org", "claire@example.org", MESSAGE)
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("x@example.org", "claire@example.org", MESSAGE)
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.sendmail("x@example.org", "claire@example.org", MESSAGE)
        assert [(one["ref"], one["address"]) for one in read_ledger(file)] == [("r1", "claire@example.org")] * 2
        process.terminate()
        assert process.wait(timeout=30) == 0
