"""A DTLS 1.2 client and server on tinydtls, told what to do by lines on standard input.

  serve KEY=VALUE ...            listens on a port of its own choice
  connect port=N KEY=VALUE ...   makes an association
  say TEXT                       sends a datagram
  close                          ends the association with close_notify

It answers with `listening PORT`, `connected`, `heard TEXT`, `closed` and `failed WHY`. tinydtls is built with one
suite, TLS_PSK_WITH_AES_128_CCM_8, and does not say what it agreed on.
"""

import select
import socket
import sys

from DTLSSocket import dtls

CONNECTED = 0x1DE
CLOSE_NOTIFY = 0
HERE = "::ffff:127.0.0.1"


def tell(line):
    print(line, flush=True)


class Peer:
    """One socket and the context of tinydtls around it."""

    def __init__(self, wish):
        self.wish = wish
        self.identity = wish["identity"].encode()
        self.remote = None
        self.connection = None
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.bind((HERE, 0))
        self.dtls = dtls.DTLS(
            read=self.read,
            write=self.write,
            event=self.event,
            pskId=self.identity,
            pskStore={self.identity: bytes.fromhex(wish["psk"])},
        )

    def read(self, source, data):
        self.remote = source
        tell("heard " + data.decode().strip())
        return len(data)

    def write(self, destination, data):
        return self.socket.sendto(data, destination)

    def event(self, level, code):
        if code == CONNECTED:
            tell("connected")
        elif level != 0:
            tell("closed" if code == CLOSE_NOTIFY else f"failed alert {code}")

    def connect(self):
        self.remote = (HERE, int(self.wish["port"]))
        self.connection = self.dtls.connect(*self.remote)

    def session(self):
        return dtls.Session(*self.remote)

    def receive(self):
        data, source = self.socket.recvfrom(2048)
        self.remote = source[:2]
        self.dtls.handleMessageAddr(source[0], source[1], data)


def obey(peer, line):
    """Does what a line says and returns the peer that is there now."""
    command, _, rest = line.strip().partition(" ")
    if command in ("serve", "connect"):
        peer = Peer(dict(word.split("=", 1) for word in rest.split()))
        if command == "serve":
            tell(f"listening {peer.socket.getsockname()[1]}")
        else:
            peer.connect()
    elif command == "say":
        peer.dtls.write(peer.session(), rest.encode())
    elif command == "close":
        peer.dtls.close(peer.session())
    else:
        tell("failed no such command")
    return peer


def main():
    dtls.setLogLevel(dtls.DTLS_LOG_EMERG)
    peer = None
    while True:
        sources = [sys.stdin] if peer is None else [sys.stdin, peer.socket]
        ready, _, _ = select.select(sources, [], [], 0.2)
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if line == "":
                return
            peer = obey(peer, line)
        elif ready:
            peer.receive()
        if peer is not None:
            peer.dtls.checkRetransmit()


main()
