"""Links that are really asked: what comes back, and where nothing goes."""

import json
import socket
import ssl
import threading
import time

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.online import LinkFault, http_client
from pvd_mailer.online.checker import CACHE_SECONDS, ResponseCache
from pvd_mailer.online.fetch import MAX_PAGE_BYTES, MAX_REDIRECTS
from pvd_mailer.online.http_client import AddressPolicy, PrivateAddressError, UnknownHostError
from tests.online.servers import PAGE, Site, asker, trickling

HOST = "ville.test"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting_context(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def secured(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def site():
    with Site().open() as site:
        yield site


@pytest.fixture
def fetch(site):
    def look(path, **more):
        (answer,) = asker(HOST, **more).check([f"http://{HOST}:{site.port}{path}"]).values()
        return answer

    return look


def test_a_page_is_found_with_its_title(site, fetch):
    answer = fetch("/guide")
    assert (answer.status, answer.fault, answer.title) == (200, None, "Les halles & nous")
    assert answer.is_good
    assert [command for command, _host, path in site.seen if path == "/guide"][:2] == ["HEAD", "GET"]


def test_who_asks_says_who_it_is(site, fetch):
    fetch("/guide")
    (agent,) = site.agents
    assert agent.startswith("pvd-mailer/")
    assert "newsletter" in agent


@pytest.mark.parametrize("status", [404, 410, 403, 500])
def test_what_a_server_says_is_told(site, fetch, status):
    site.pages["/x"] = (status, {}, b"<title>Perdu</title>")
    assert fetch("/x").status == status


def test_a_server_that_knows_no_head_is_asked_again(site, fetch):
    def only_get(handler):
        return (405, {}, b"") if handler.command == "HEAD" else (200, {}, PAGE)

    site.pages["/x"] = only_get
    assert fetch("/x").status == 200


def test_a_server_that_drops_head_is_asked_again(site, fetch):
    def only_get(handler):
        return None if handler.command == "HEAD" else (200, {}, PAGE)

    site.pages["/x"] = only_get
    assert fetch("/x").status == 200


def test_a_documents_weight_is_told_and_it_is_not_fetched(site, fetch):
    site.pages["/guide.pdf"] = (200, {"content-type": "application/pdf", "content-length": "2300000"}, b"%PDF")
    answer = fetch("/guide.pdf")
    assert (answer.status, answer.size) == (200, 2_300_000)
    assert [command for command, _host, path in site.seen if path == "/guide.pdf"] == ["HEAD"]


def test_redirects_are_followed_to_the_end(site, fetch):
    site.pages["/old"] = (301, {"location": "/older"}, b"")
    site.pages["/older"] = (302, {"location": f"http://{HOST}:{site.port}/"}, b"")
    answer = fetch("/old")
    assert (answer.status, answer.final) == (200, f"http://{HOST}:{site.port}/")


@pytest.mark.parametrize(
    ("location", "fault"),
    [
        ("/x", LinkFault.LOOP),
        ("ftp://ville.test/x", LinkFault.SCHEME),
        ("file:///etc/passwd", LinkFault.SCHEME),
        ("javascript:alert(1)", LinkFault.SCHEME),
        ("http://elsewhere.test/", LinkFault.NO_HOST),
        ("http://[::1", LinkFault.SCHEME),
    ],
)
def test_a_redirect_that_leads_nowhere_is_a_fault(site, fetch, location, fault):
    site.pages["/x"] = (302, {"location": location}, b"")
    assert fetch("/x").fault is fault
    assert len(site.seen) <= MAX_REDIRECTS + 1


def test_a_host_that_does_not_exist_is_asked_for_once():
    pages = [f"http://nowhere.test/{number}" for number in range(9)]
    asked = []

    def resolve(host, _port):
        asked.append(host)
        raise UnknownHostError(host)

    one = asker()
    found = type(one)(AddressPolicy((), resolve), None, 0.0).check(pages)
    assert {answer.fault for answer in found.values()} == {LinkFault.NO_HOST}
    assert asked == ["nowhere.test"]


def test_nobody_listening_is_a_fault():
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    (answer,) = asker(HOST).check([f"http://{HOST}:{port}/"]).values()
    assert answer.fault is LinkFault.REFUSED


def test_anchors_are_looked_for(site):
    base = f"http://{HOST}:{site.port}/guide"
    wanted = {
        "#halles": True,
        "#prix%20d'or": True,
        "#gares": False,
        "#/route": None,
        "#:~:text=Un": None,
        "": None,
        "#top": None,
    }
    found = asker(HOST).check([base + fragment for fragment in wanted])
    assert {url.removeprefix(base): answer.anchor for url, answer in found.items()} == wanted
    assert len([one for one in site.seen if one[0] == "GET"]) == 1  # one page, asked for once


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("text/html; charset=ISO-8859-1", b""),
        ('text/html; charset="windows-1252"', b""),
        ("text/html", b'<meta charset="latin-1">'),
        ("text/html", b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">'),
    ],
)
@pytest.mark.parametrize("fragment", ["#été", "#%C3%A9t%C3%A9", "#%E9t%E9"])
def test_a_page_is_read_as_it_is_written(site, fetch, kind, head, fragment):
    page = head + '<title>Page non trouvée</title><h1 id="été">Un</h1>'.encode("latin-1")
    site.pages["/x"] = (200, {"content-type": kind}, page)
    answer = fetch("/x" + fragment)
    assert (answer.title, answer.anchor) == ("Page non trouvée", True)


@pytest.mark.parametrize(
    "kind", ["text/html; charset=punycode", "text/html; charset=hex", "text/html; charset=" + "x" * 999]
)
def test_an_encoding_that_no_page_has_is_no_matter(site, fetch, kind):
    site.pages["/x"] = (200, {"content-type": kind}, "<title>Été</title>".encode())
    assert fetch("/x").title == "Été"


@pytest.mark.parametrize(
    "written",
    [
        '<meta http-equiv="refresh" content="0; url=/">',
        "<META content='3;URL=/' http-equiv=Refresh>",
        '<meta http-equiv="refresh" content="0;url=\'/\'">',
    ],
)
def test_a_page_that_leads_on_by_itself_is_followed(site, fetch, written):
    site.pages["/x"] = (200, {}, f"<head>{written}</head>".encode())
    answer = fetch("/x")
    assert (answer.final, answer.title) == (f"http://{HOST}:{site.port}/", "Les halles & nous")


@pytest.mark.parametrize(
    "written",
    [
        '<noscript><meta http-equiv="refresh" content="0; url=/"></noscript>',
        '<!-- <meta http-equiv="refresh" content="0; url=/"> -->',
        '<meta http-equiv="refresh" content="300; url=/">',
        '<meta http-equiv="refresh" content="5">',
        '<meta http-equiv="refresh" content="0; url=/x">',
        '<meta http-equiv="refresh" content="0; url=javascript:alert(1)">',
        '<meta http-equiv="refresh" content="0; url=http://[::1">',
    ],
)
def test_a_page_that_stays_is_not_followed(site, fetch, written):
    site.pages["/x"] = (200, {}, f"{written}<title>Ici</title>".encode())
    assert fetch("/x").title == "Ici"


def test_pages_that_lead_on_to_each_other_have_an_end(site, fetch):
    for one, other in (("/x", "/y"), ("/y", "/x")):
        site.pages[one] = (200, {}, f'<meta http-equiv="refresh" content="0; url={other}">'.encode())
    assert fetch("/x").fault is LinkFault.LOOP
    assert len(site.seen) <= 2 * MAX_REDIRECTS


def test_a_page_does_not_lead_into_a_private_network(site, fetch):
    site.pages["/x"] = (200, {}, b'<meta http-equiv="refresh" content="0; url=http://10.0.0.1/">')
    assert fetch("/x").fault is LinkFault.PRIVATE


def test_a_page_without_end_is_not_read_to_it(site, fetch):
    site.pages["/x"] = (200, {"content-length": str(40 * MAX_PAGE_BYTES)}, PAGE + b"x" * (2 * MAX_PAGE_BYTES))
    answer = fetch("/x#gares")
    assert (answer.status, answer.anchor) == (200, None)  # what was not read may have it


def test_a_compressed_page_is_not_unpacked(site, fetch):
    site.pages["/x"] = (200, {"content-encoding": "gzip"}, b"\x1f\x8b" + b"x" * 100)
    answer = fetch("/x#a")
    assert (answer.status, answer.title, answer.anchor) == (200, "", None)


def test_a_page_that_trickles_is_given_up(site, fetch, monkeypatch):
    monkeypatch.setattr(http_client, "REQUEST_TIMEOUT", 0.5)
    site.pages["/x"] = trickling
    assert fetch("/x").fault is LinkFault.TIMEOUT


def test_what_there_is_no_time_for_is_not_asked(site, fetch):
    assert fetch("/guide", patience=-1.0).fault is LinkFault.NOT_ASKED
    assert site.seen == []


def test_https_is_looked_for_where_http_is_written(authority, trusting_context):
    with Site(secured(authority.issue_cert(HOST))).open() as secure, Site().open() as plain:
        plain.pages["/moved"] = (301, {"location": f"https://{HOST}:{secure.port}/guide"}, b"")
        one = asker(HOST, context=trusting_context)
        urls = [
            f"http://{HOST}:{plain.port}/moved",
            f"https://{HOST}:{secure.port}/guide",
            f"http://{HOST}:{plain.port}/guide",
        ]
        moved, safe, bare = one.check(urls).values()
    assert moved.final == f"https://{HOST}:{secure.port}/guide"
    assert (safe.status, safe.fault) == (200, None)
    assert (bare.status, bare.secure) == (200, False)


def test_a_certificate_for_another_name_or_from_nobody_known_is_a_fault(authority, trusting_context):
    with Site(secured(authority.issue_cert("autre.test"))).open() as other:
        (answer,) = asker(HOST, context=trusting_context).check([f"https://{HOST}:{other.port}/"]).values()
        assert answer.fault is LinkFault.CERTIFICATE
    with Site(secured(authority.issue_cert(HOST))).open() as unknown:
        (answer,) = asker(HOST).check([f"https://{HOST}:{unknown.port}/"]).values()
        assert answer.fault is LinkFault.CERTIFICATE


def test_the_name_in_the_certificate_is_the_links_although_the_address_is_pinned(authority, trusting_context):
    with Site(secured(authority.issue_cert(HOST))).open() as secure:
        (answer,) = asker(HOST, context=trusting_context).check([f"https://{HOST}:{secure.port}/guide"]).values()
    assert answer.status == 200
    assert secure.seen[0][1] == HOST


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - nobody is bound to it
    "224.0.0.1", "255.255.255.255",
    "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fec0::1", "feff::1", "::127.0.0.1", "::7f00:1", "::10.0.0.1", "::ffff:0:127.0.0.1",
    "::ffff:0:a00:1", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808", "100::1", "4000::1", "ff02::1", "2001:db8::1", "2002:a00:1::",
    "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "2002:7f00:1::", "2002:a00:1::", "ff02::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_ever_connected_to(address):
    guard = AddressPolicy((), lambda _host, _port: [address])
    with pytest.raises(PrivateAddressError):
        guard.public_addresses("ville.test", 80)


def test_a_machine_without_a_network_calls_no_link_dead(monkeypatch):
    def lost(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", lost)
    (answer,) = type(asker())(pause=0.0).check(["https://ville.example.org/"]).values()
    assert answer.fault is LinkFault.TIMEOUT


def test_public_addresses_are_let_through():
    found = ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"]
    assert AddressPolicy((), lambda _host, _port: found).public_addresses("ville.test", 80) == found


def test_a_name_with_one_private_address_is_not_trusted_with_the_others():
    with pytest.raises(PrivateAddressError):
        AddressPolicy((), lambda _host, _port: ["9.9.9.9", "127.0.0.1"]).public_addresses("ville.test", 80)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "[::1]"]
)
def test_the_program_itself_asks_nothing_of_the_loopback(site, host):
    one = asker()
    (answer,) = type(one)(pause=0.0).check([f"http://{host}:{site.port}/guide"]).values()
    assert answer.fault in (LinkFault.PRIVATE, LinkFault.NO_HOST)
    assert site.seen == []


def test_a_redirect_into_a_private_network_is_refused(site, fetch):
    site.pages["/x"] = (302, {"location": "http://inside.test/secret"}, b"")
    answer = fetch("/x", **{"inside.test": ["10.0.0.7"]})
    assert answer.fault is LinkFault.PRIVATE
    assert [path for _command, _host, path in site.seen] == ["/x"]


def test_the_address_that_was_looked_at_is_the_one_that_is_used(site):
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    guard = AddressPolicy(asker().policy.allowed, lambda _host, _port: next(answers))
    one = type(asker())(guard, None, 0.0)
    site.pages["/x"] = (404, {}, b"")
    (answer,) = one.check([f"http://{HOST}:{site.port}/x"]).values()
    # The first request went where the guard had looked; the second asked the name again, which now lies, and was refused.
    assert answer.fault is LinkFault.PRIVATE
    assert len(site.seen) == 1


def test_one_host_is_asked_one_thing_at_a_time(site):
    def slow(_handler):
        time.sleep(0.01)
        return 404, {}, b""

    site.pages |= {f"/{number}": slow for number in range(12)}
    asker(HOST).check([f"http://{HOST}:{site.port}/{number}" for number in range(12)])
    assert site.most == 1
    assert len({path for _command, _host, path in site.seen}) == 12


def test_good_answers_are_kept_for_a_day_and_bad_ones_are_not(site, tmp_path):
    good, bad = f"http://{HOST}:{site.port}/guide", f"http://{HOST}:{site.port}/lost"
    one = asker(HOST)
    first = one.check([good, bad], ResponseCache(tmp_path, 1000.0))
    asked = len(site.seen)
    assert one.check([good], ResponseCache(tmp_path, 1000.0 + CACHE_SECONDS - 1)) == {good: first[good]}
    assert len(site.seen) == asked
    assert one.check([bad], ResponseCache(tmp_path, 1001.0))[bad].status == 404
    assert len(site.seen) > asked
    asked = len(site.seen)
    one.check([good], ResponseCache(tmp_path, 1000.0 + CACHE_SECONDS + 1))
    assert len(site.seen) > asked


@pytest.mark.parametrize(
    "kept", [b"", b"{}", b"[]", b"null", b"\xff", b'{"url": 1}', b'{"url": "u", "at": 1, "what": 2}']
)
def test_what_is_kept_and_cannot_be_read_is_asked_again(site, tmp_path, kept):
    url = f"http://{HOST}:{site.port}/guide"
    shelf = ResponseCache(tmp_path)
    asker(HOST).check([url], shelf)
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text())["url"] == url
    file.write_bytes(kept)
    assert asker(HOST).check([url], shelf)[url].status == 200


def test_a_disk_that_cannot_be_written_loses_nothing(site, tmp_path):
    (tmp_path / "file").write_text("")
    url = f"http://{HOST}:{site.port}/guide"
    assert asker(HOST).check([url], ResponseCache(tmp_path / "file" / "online"))[url].status == 200


@pytest.fixture(scope="module")
def odd_server():
    """A server that answers whatever it is told to, and closes."""
    answers = [b""]
    door = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                peer, _address = door.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(1)
                try:
                    peer.recv(4096)
                    peer.sendall(answers[0])
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    yield answers, door.getsockname()[1]
    door.close()


LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\n", b"HTTP/9.9 999 \r\n", b"content-length: -1\r\n", b"\r\n", b"\x00\xff",
        b"location: http://\r\n", b"location: \xff\xfe\r\n", b"location: //\r\n", b"location: http://[\r\n", b"content-type: text/html\r\n",
        b"transfer-encoding: chunked\r\n", b"zz\r\n", b"<title>\xff</title>", b"content-encoding: br\r\n", b"location: http://a:99999/\r\n",
        b"content-length: 99999999999999999999999\r\n", b"location: http://\xc3\xa9\xe2\x80\x8b.test/\r\n",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(LINES, max_size=6).map(b"".join)))
def test_nothing_that_a_server_sends_makes_it_fail(odd_server, sent):
    answers, port = odd_server
    answers[0] = sent
    (answer,) = asker(HOST).check([f"http://{HOST}:{port}/x#a"]).values()
    assert (answer.status is None) != (answer.fault is None)
