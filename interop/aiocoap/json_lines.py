"""JSON lines on standard input and output, and aiocoap's messages as JSON."""

import asyncio
import json
import sys


def emit(line):
    print(json.dumps(line), flush=True)


async def read_lines():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line.strip():
            yield json.loads(line)


def describe(message):
    code = int(message.code)
    described = {
        "code": f"{code >> 5}.{code & 0x1F:02d}",
        "type": str(message.mtype.name) if message.mtype is not None else None,
        "payload": message.payload.hex(),
        "locationPath": list(message.opt.location_path),
        "options": [[int(option.number), option.encode().hex()] for option in message.opt.option_list()],
    }
    if message.opt.content_format is not None:
        described["contentFormat"] = int(message.opt.content_format)
    if message.opt.observe is not None:
        described["observe"] = message.opt.observe
    return described
