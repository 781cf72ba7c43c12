"""SPF, DKIM and DMARC, asked of a name server of our own."""

import base64
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pvd_mailer.online.dns_records import MAX_SPF_LOOKUPS, DomainChecker
from tests.online.servers import Names

NAME = "lettre.example.org"


def key(bits):
    public = generate_private_key(65537, bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def said(records, **more):
    with Names(records).open() as names:
        return names.registrar(**more).check(NAME), names


def test_a_domain_that_has_everything():
    found, _names = said(
        {
            NAME: ["v=spf1 include:_spf.example.com mx ~all", "google-site-verification=x"],
            "_spf.example.com": ["v=spf1 a ip4:192.0.2.0/24 -all"],
            f"_dmarc.{NAME}": ["v=DMARC1; p=reject"],
            f"s1._domainkey.{NAME}": [f"k=rsa; t=s; p={key(2048)}"],
        }
    )
    assert found.exists
    assert found.spf.texts == ("v=spf1 include:_spf.example.com mx ~all",)
    assert found.spf_lookups == 3  # include, its a, mx
    assert (found.dmarc.texts, found.dmarc_at) == (("v=DMARC1; p=reject",), NAME)
    assert [(one.selector, one.bits, one.revoked) for one in found.dkim_keys] == [("s1", 2048, False)]
    assert found.has_dkim_keys


def test_a_policy_may_stand_at_a_domain_above():
    found, names = said({NAME: ["x"], "_dmarc.example.org": ["v=DMARC1; p=none"]})
    assert (found.dmarc.texts, found.dmarc_at) == (("v=DMARC1; p=none",), "example.org")
    assert "_dmarc.org" not in names.asked


def test_a_domain_that_does_not_exist_is_told_and_nothing_more_is_asked():
    found, names = said({"other.test": ["x"]})
    assert found.exists is False
    assert names.asked == [NAME]


def test_no_name_under_domainkey_means_no_key_at_all():
    found, _names = said({NAME: ["x"]})
    assert (found.dkim_keys, found.has_dkim_keys) == ((), False)


def test_a_key_under_a_name_that_nobody_can_guess_is_not_denied():
    found, _names = said({NAME: ["x"], f"q7f._domainkey.{NAME}": [f"v=DKIM1; p={key(1024)}"]})
    assert (found.dkim_keys, found.has_dkim_keys) == ((), True)
    known, _names = said({NAME: ["x"], f"q7f._domainkey.{NAME}": [f"v=DKIM1; p={key(1024)}"]}, selectors=("q7f",))
    assert [one.bits for one in known.dkim_keys] == [1024]


@pytest.mark.parametrize(
    ("written", "bits", "revoked"),
    [
        ("v=DKIM1; p=", None, True),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", None, False),
        ("p=%%", None, False),
    ],
)
def test_keys_that_are_revoked_of_another_kind_or_broken(written, bits, revoked):
    found, _names = said({NAME: ["x"], f"s1._domainkey.{NAME}": [written]})
    assert [(one.bits, one.revoked) for one in found.dkim_keys] == [(bits, revoked)]


def test_spf_that_includes_itself_or_has_no_end_is_counted_so_far():
    found, _names = said({NAME: [f"v=spf1 include:{NAME} -all"]})
    assert found.spf_lookups <= MAX_SPF_LOOKUPS
    chain = {
        f"{n}.example.com": [f"v=spf1 include:{n + 1}.example.com include:{n + 1}.example.com -all"] for n in range(60)
    }
    found, names = said({NAME: ["v=spf1 include:0.example.com -all"]} | chain)
    assert found.spf_lookups == MAX_SPF_LOOKUPS
    assert len(names.asked) < 3 * MAX_SPF_LOOKUPS


def test_two_records_and_what_only_looks_like_one_are_told_apart():
    found, _names = said({NAME: ["v=spf1 -all", "V=SPF1 mx -all", "v=spf10 -all", "v=spf1"]})
    assert len(found.spf.texts) == 3


def test_a_name_server_that_does_not_answer_is_told_as_such(monkeypatch):
    monkeypatch.setattr("pvd_mailer.online.dns_records.DNS_TIMEOUT", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        found = DomainChecker(("127.0.0.1",), deaf.getsockname()[1]).check(NAME)
    assert (found.exists, found.spf.is_answered, found.dmarc.is_answered) == (None, False, False)
