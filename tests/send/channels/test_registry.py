"""A channel by its name."""

import subprocess
import sys

import pytest

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.send.channels import open_channel
from pvd_mailer.settings import Settings


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("SENDGRID_API_KEY", raising=False)


def test_each_name_opens_its_channel(monkeypatch, tmp_path):
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("PVD_SMTP_URL", "smtp://u:p@mail.example.org")
    for name in ("outbox", "smtp", "sendgrid"):
        assert open_channel(name, Settings(), tmp_path).name == name


def test_what_is_not_set_up_is_wrong_usage_and_names_the_variable(tmp_path):
    for name, variable in (("smtp", "PVD_SMTP_URL"), ("sendgrid", "SENDGRID_API_KEY")):
        with pytest.raises(WrongUsageError) as caught:
            open_channel(name, Settings(), tmp_path)
        assert variable in str(caught.value)
        assert caught.value.hint


def test_another_host_and_the_sandbox_come_from_the_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("PVD_SENDGRID_URL", "https://api.eu.sendgrid.com")
    monkeypatch.setenv("PVD_SENDGRID_SANDBOX", "true")
    channel = open_channel("sendgrid", Settings(), tmp_path)
    assert channel.identity == "sendgrid api.eu.sendgrid.com sandbox"
    assert not channel.is_live


def test_the_sdk_is_not_loaded_for_another_channel():
    code = (
        "import sys; from pathlib import Path; from pvd_mailer.send.channels import open_channel; "
        "from pvd_mailer.settings import Settings; open_channel('outbox', Settings(), Path('x')); "
        "print('sendgrid' in sys.modules, 'smtplib' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["False", "False"]
