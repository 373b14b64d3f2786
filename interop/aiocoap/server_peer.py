"""An aiocoap server on loopback. Arguments: `udp`, `tcp` or `ws`, and the port.

Prints {"event": "listening"} when it is ready and one {"event": "request", ...} for each request that reaches a
resource; ends when standard input is closed or says {"do": "quit"}.
"""

import asyncio
import sys

from aiocoap import CHANGED, CONTENT, CREATED, DELETED, Context, Message, resource
from aiocoap.error import NotFound

from json_lines import describe, emit, read_lines

SEPARATE_DELAY_SECONDS = 0.6
TICK_SECONDS = 0.2
LARGE_BYTES = 10_000
TRANSPORTS = {"udp": None, "tcp": ["tcpserver"], "ws": ["ws"]}
# aiocoap binds its WebSocket server to so much more than the port it is given.
WS_PORT_OFFSET = 3000


def pattern(seed):
    """The same bytes as the cases expect."""
    return bytes((index * 7 + (index >> 8) * 13 + seed) & 0xFF for index in range(LARGE_BYTES))


class Hello(resource.Resource):
    async def render_get(self, request):
        kind = None if request.mtype is None else request.mtype.name  # messages over TCP have none
        emit({"event": "request", "type": kind, "accept": request.opt.accept})
        return Message(code=CONTENT, payload=b"hello", content_format=0)


class Echo(resource.Resource):
    """Gives back what came, content format included."""

    async def render_post(self, request):
        return Message(code=CHANGED, payload=request.payload, content_format=request.opt.content_format)

    async def render_fetch(self, request):
        return Message(code=CONTENT, payload=request.payload, content_format=request.opt.content_format)


class Separate(resource.Resource):
    """Takes longer than aiocoap waits before it sends the empty acknowledgement."""

    async def render_get(self, request):
        await asyncio.sleep(SEPARATE_DELAY_SECONDS)
        return Message(code=CONTENT, payload=b"later", content_format=0)


class Ticking(resource.ObservableResource):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.observers = 0

    async def tick(self):
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.count += 1
            self.updated_state()

    def update_observation_count(self, newcount):
        if newcount != self.observers:
            self.observers = newcount
            emit({"event": "observers", "count": newcount})

    async def render_get(self, request):
        return Message(code=CONTENT, payload=str(self.count).encode(), content_format=0)


class Large(resource.Resource):
    async def render_get(self, request):
        return Message(code=CONTENT, payload=pattern(0), content_format=42)


class LargeTicking(Ticking):
    async def render_get(self, request):
        return Message(code=CONTENT, payload=pattern(self.count & 0xFF), content_format=42)


class Store(resource.Resource):
    """Nothing at first; PUT creates or changes, POST appends, DELETE removes."""

    def __init__(self):
        super().__init__()
        self.content = None

    async def render_get(self, request):
        if self.content is None:
            raise NotFound("nothing stored")
        return Message(code=CONTENT, payload=self.content, content_format=0)

    async def render_put(self, request):
        created = self.content is None
        self.content = request.payload
        return Message(code=CREATED if created else CHANGED)

    async def render_post(self, request):
        self.content = (self.content or b"") + request.payload
        return Message(code=CHANGED, payload=self.content, content_format=0)

    async def render_delete(self, request):
        self.content = None
        return Message(code=DELETED)


async def main():
    ticking, large_ticking = Ticking(), LargeTicking()
    site = resource.Site()
    site.add_resource(["hello"], Hello())
    site.add_resource(["echo"], Echo())
    site.add_resource(["separate"], Separate())
    site.add_resource(["observe"], ticking)
    site.add_resource(["store"], Store())
    site.add_resource(["large"], Large())
    site.add_resource(["large-observe"], large_ticking)
    network, port = sys.argv[1], int(sys.argv[2])
    bind = ("127.0.0.1", port - WS_PORT_OFFSET if network == "ws" else port)
    context = await Context.create_server_context(site, bind=bind, transports=TRANSPORTS[network])
    tickers = [asyncio.create_task(resource.tick()) for resource in (ticking, large_ticking)]
    emit({"event": "listening", "port": port})
    async for command in read_lines():
        if command.get("do") == "quit":
            break
    for ticker in tickers:
        ticker.cancel()
    await context.shutdown()


asyncio.run(main())
