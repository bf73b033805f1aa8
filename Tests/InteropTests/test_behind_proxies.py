"""The proxies of deploy/ as they are, on other ports, with TLS outside."""

import asyncio
import os
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
import uuid
from pathlib import Path

import aiohttp
import pytest
import requests
import socketio

from api import Api
from fleet import PASSWORD, free_port
from person import DEADLINE_S, TRANSPORTS, eventually, log_in
from pictures import png

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def nginx(folder, certificate, key, ports, upstream):
    site = render("nginx.conf", {
        "listen 80": f"listen 127.0.0.1:{ports[0]}",
        "listen 443 ssl": f"listen 127.0.0.1:{ports[1]} ssl",
        "/etc/ssl/certs/chat.example.pem": certificate,
        "/etc/ssl/private/chat.example.key": key,
        "server 127.0.0.1:3000": f"server 127.0.0.1:{upstream}",
    })
    folders = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off; {folders}\n{site}\n}}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(configuration)]


def haproxy(folder, certificate, key, ports, upstream):
    (folder / "both.pem").write_text(Path(certificate).read_text() + Path(key).read_text())
    configuration = folder / "haproxy.cfg"
    configuration.write_text(render("haproxy.cfg", {
        "bind :80": f"bind 127.0.0.1:{ports[0]}",
        "bind :443 ssl crt /etc/haproxy/chat.example.pem": f"bind 127.0.0.1:{ports[1]} ssl crt {folder}/both.pem",
        "server machine1 127.0.0.1:3000": f"server machine1 127.0.0.1:{upstream}",
    }))
    return ["haproxy", "-db", "-f", str(configuration)]


def render(name, changes):
    """The file with its places filled in; each has to be there, so that this test speaks of what is shipped."""
    text = (DEPLOY / name).read_text()
    for old, new in changes.items():
        assert old in text, f"{old} is not in {name}"
        text = text.replace(old, new)
    return text


class Proxy:
    def __init__(self, make, fleet):
        self.folder = Path(tempfile.mkdtemp(prefix="chat-proxy-", dir="/tmp"))
        # nginx's workers are another user, and keep large bodies in here.
        self.folder.chmod(0o755)
        certificate, key = str(self.folder / "cert.pem"), str(self.folder / "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        self.certificate = certificate
        self.ports = (free_port(), free_port())
        self.url = f"https://127.0.0.1:{self.ports[1]}/"
        self.process = subprocess.Popen(
            make(self.folder, certificate, key, self.ports, fleet.port),
            stdout=subprocess.DEVNULL, stderr=open(self.folder / "stderr", "wb"),
        )
        eventually(self._answers, f"the proxy serves: {(self.folder / 'stderr').read_text()}")

    def _answers(self):
        assert self.process.poll() is None, (self.folder / "stderr").read_text()
        try:
            context = ssl.create_default_context(cafile=self.certificate)
            with urllib.request.urlopen(self.url + "api/v1/setup", timeout=2, context=context) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE_S)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module", params=[nginx, haproxy], ids=["nginx", "haproxy"])
def proxy(request, fleet):
    proxy = Proxy(request.param, fleet)
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_stock_client_talks_through_the_proxy_over_every_transport(fleet, proxy, transport):
    http = requests.Session()
    http.trust_env = False  # a machine's own certificates would win over the proxy's
    http.verify = proxy.certificate
    login = {"name": fleet.add_user("alice"), "password": PASSWORD, "token": True}
    answer = http.post(f"{proxy.url}api/v1/sessions", json=login, headers={"Origin": proxy.url.rstrip("/")})
    assert answer.status_code == 201, answer.text
    assert "Secure" in answer.headers["Set-Cookie"]
    asyncio.run(talk(proxy, answer.json()["token"], TRANSPORTS[transport]))


async def talk(proxy, token, transports):
    # Not the client with threads: Python's TLS loses what arrives for one thread while another one writes.
    context = ssl.create_default_context(cafile=proxy.certificate)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        client = socketio.AsyncClient(http_session=http)
        heard = asyncio.Queue()
        client.on("message:created", lambda message: heard.put_nowait(message["body"]))
        await client.connect(proxy.url, auth={"token": token}, transports=transports)
        try:
            assert client.transport() == transports[-1]
            rooms = (await client.call("room:list", {}, timeout=DEADLINE_S))["data"]["rooms"]
            general = next(room["id"] for room in rooms if room.get("name") == "general")
            draft = {"room": general, "client_id": "one", "body": f"through the proxy over {transports}"}
            assert (await client.call("message:send", draft, timeout=DEADLINE_S))["ok"]
            async with asyncio.timeout(DEADLINE_S):
                while await heard.get() != draft["body"]:
                    pass
        finally:
            await client.disconnect()


def test_the_largest_image_goes_through_the_proxy(fleet, proxy):
    api = Api(fleet, log_in(fleet, fleet.add_user("alice")))
    room = api.get("POST", "rooms", {"name": fleet.new_room_name("large")}, status=201)["room"]["id"]
    image = png(30, 20) + os.urandom(5 * 1024 * 1024 - len(png(30, 20)))
    api.session.trust_env = False
    api.session.verify = proxy.certificate
    api.url = f"{proxy.url}api/v1/"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answer = api.session.post(f"{api.url}rooms/{room}/attachments", data=image, headers=key)
    assert answer.status_code == 201, answer.text
    assert api.ask("GET", f"attachments/{answer.json()['attachment']['id']}").content == image


def test_plain_http_is_sent_to_https(proxy):
    answer = requests.get(f"http://127.0.0.1:{proxy.ports[0]}/", allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://")
