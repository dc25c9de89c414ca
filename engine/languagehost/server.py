"""Starts the language host as the engine wants a plugin: a port on standard output, then gRPC.

The engine ends a plugin by an interrupt to its process group; the host then ends its children and
itself without a word. It also ends when it is orphaned, so that a killed engine leaves nobody
behind.
"""

import os
import re
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any, Final

import grpc
from google.protobuf import message_factory
from pulumi.runtime.proto import language_pb2

from engine.languagehost.service import LanguageHost

MESSAGE_BYTES: Final = 400 * 1024 * 1024  # the engine's own limit
ORPHAN_SECONDS: Final = 1.0  # how often to look whether the engine is still there
THREADS: Final = 64  # each running program and policy pack holds one


def main() -> None:
    """Serve until the engine closes. The last argument is the engine's address."""
    host = LanguageHost(sys.argv[-1] if len(sys.argv) > 1 else "")
    server = grpc.server(
        ThreadPoolExecutor(THREADS), options=[("grpc.max_receive_message_length", MESSAGE_BYTES)]
    )
    server.add_generic_rpc_handlers((handlers(host),))
    port = server.add_insecure_port("127.0.0.1:0")
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    engine = os.getppid()
    while not ended.wait(ORPHAN_SECONDS) and os.getppid() == engine:
        pass
    host.children.stop_all()
    os._exit(0)  # an orderly stop would wait for calls whose caller is gone


def handlers(host: LanguageHost) -> Any:
    """The gRPC handler: each call of the protocol by the host's method of the same name."""
    service = language_pb2.DESCRIPTOR.services_by_name["LanguageRuntime"]
    found = {}
    for call in service.methods:
        method = getattr(host, _snake_case(call.name), None)
        if method is None:
            continue
        make = (
            grpc.unary_stream_rpc_method_handler
            if call.server_streaming
            else grpc.unary_unary_rpc_method_handler
        )
        found[call.name] = make(
            method,
            request_deserializer=message_factory.GetMessageClass(call.input_type).FromString,
            response_serializer=message_factory.GetMessageClass(call.output_type).SerializeToString,
        )
    return grpc.method_handlers_generic_handler(service.full_name, found)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
