"""A balancer that knows TCP only: each connection goes to the next server."""

import asyncio

UNKNOWN_SESSION = b"Session ID unknown"


class Balancer:
    """Use it as an async context manager; `port` is where it listens, `unknown_sessions` what it saw pass by."""

    def __init__(self, ports):
        self._ports = ports
        self._next = 0
        self.connections = 0
        self.unknown_sessions = 0
        self._tasks = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            back_reader, back_writer = await self._connect()
            await asyncio.gather(self._pipe(reader, back_writer), self._pipe(back_reader, writer, watch=True))
        except (OSError, asyncio.CancelledError):
            pass  # the streams' own callback takes a cancelled handler for a failed one
        finally:
            writer.close()

    async def _connect(self):
        for _ in self._ports:
            self._next = (self._next + 1) % len(self._ports)
            try:
                return await asyncio.open_connection("127.0.0.1", self._ports[self._next])
            except OSError:
                continue
        raise ConnectionRefusedError

    async def _pipe(self, reader, writer, watch=False):
        try:
            while data := await reader.read(65_536):
                if watch:
                    self.unknown_sessions += data.count(UNKNOWN_SESSION)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
