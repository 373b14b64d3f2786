"""An aiocoap client, driven by JSON lines.

{"id": 1, "do": "request", "method": "GET", "uri": "coap://127.0.0.1:5683/hello"} is answered by a line with the same id;
{"do": "observe"} is answered by the first response, later ones are {"event": "notification"}; {"do": "cancel"} ends it.
"""

import asyncio

from aiocoap import Context, Message
from aiocoap.error import ObservationCancelled
from aiocoap.numbers.codes import Code
from aiocoap.numbers.optionnumbers import OptionNumber
from aiocoap.numbers.types import Type
from aiocoap.optiontypes import OpaqueOption

from json_lines import describe, emit, read_lines

TIMEOUT_SECONDS = 10


def build(command, **options):
    message = Message(
        code=getattr(Code, command.get("method", "GET")),
        uri=command["uri"],
        payload=bytes.fromhex(command.get("payload", "")),
        **options,
    )
    if not command.get("confirmable", True):
        message.mtype = Type.NON
    if "contentFormat" in command:
        message.opt.content_format = command["contentFormat"]
    if "accept" in command:
        message.opt.accept = command["accept"]
    for number, value in command.get("options", []):
        message.opt.add_option(OpaqueOption(OptionNumber(number), bytes.fromhex(value)))
    return message


class Client:
    def __init__(self, context):
        self.context = context
        self.observations = {}
        self.followers = set()

    async def run(self, command):
        action = {"request": self.request, "observe": self.observe, "cancel": self.cancel}[command["do"]]
        try:
            answer = await asyncio.wait_for(action(command), TIMEOUT_SECONDS)
        except Exception as problem:  # whatever went wrong is the answer
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        emit({"id": command.get("id"), **answer})

    async def request(self, command):
        return describe(await self.context.request(build(command)).response)

    async def observe(self, command):
        request = self.context.request(build(command, observe=0))
        observation = str(command["id"])

        async def follow():
            try:
                async for response in request.observation:
                    emit({"event": "notification", "observation": observation, **describe(response)})
            except ObservationCancelled:
                pass
            except Exception as problem:  # how it ended is what is told
                emit({"event": "observationEnded", "observation": observation, "error": type(problem).__name__})

        self.followers.add(asyncio.create_task(follow()))
        first = await request.response
        self.observations[observation] = request
        return {"observation": observation, **describe(first)}

    async def cancel(self, command):
        self.observations.pop(command["observation"]).observation.cancel()
        return {}


async def main():
    context = await Context.create_client_context()
    client = Client(context)
    emit({"event": "ready"})
    running = set()
    async for command in read_lines():
        if command["do"] == "quit":
            break
        task = asyncio.create_task(client.run(command))
        running.add(task)
        task.add_done_callback(running.discard)
    await context.shutdown()


asyncio.run(main())
