"""The real servers that other tests lean on are what they are said to be."""

import smtplib
import ssl
import subprocess
from email import message_from_bytes
from email.message import EmailMessage

import psycopg
import pytest

from tests.servers.postfix import DOMAIN
from tests.servers.postfix import postfix as start


def _letter(*to):
    letter = EmailMessage()
    letter["From"] = "lettre@example.org"
    letter["To"] = ", ".join(to)
    letter["Subject"] = "Un sujet"
    letter.set_content("Bonjour")
    return letter


def test_postfix_delivers_into_a_maildir_and_refuses_whom_it_does_not_know(postfix):
    before = len(postfix.delivered(0, b"Un sujet"))
    with smtplib.SMTP(postfix.host, postfix.port, timeout=30) as client:
        refused = client.send_message(_letter(f"claire@{DOMAIN}", f"unknown-1@{DOMAIN}"))
        with pytest.raises(smtplib.SMTPRecipientsRefused) as elsewhere:
            client.send_message(_letter("claire@elsewhere.test"))
    assert {address: code for address, (code, _words) in refused.items()} == {f"unknown-1@{DOMAIN}": 550}
    assert elsewhere.value.recipients["claire@elsewhere.test"][0] == 554
    delivered = [message_from_bytes(one) for one in postfix.delivered(before + 1, b"Un sujet")]
    assert f"claire@{DOMAIN}" in {one["Delivered-To"] for one in delivered}


def test_postfix_offers_starttls_with_a_certificate(tmp_path, need, postfix):
    del postfix  # it says whether there is one here; this one has a certificate
    need("openssl")
    file = tmp_path / "chain.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    file.write_bytes((tmp_path / "key.pem").read_bytes() + (tmp_path / "cert.pem").read_bytes())
    with start(file) as server, smtplib.SMTP(server.host, server.port, timeout=30) as client:
        trusted = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        assert client.starttls(context=trusted)[0] == 220
        assert client.send_message(_letter(f"claire@{DOMAIN}")) == {}
        assert len(server.delivered(1)) == 1


def test_each_postgresql_database_is_new(postgresql):
    urls = [postgresql.fresh(), postgresql.fresh()]
    assert len(set(urls)) == 2
    for url in urls:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE a (id INTEGER)")
        postgresql.drop(url)
