"""A Redis cluster of three nodes."""

import os
import shutil
import subprocess
import tempfile

import redis

from fleet import free_port
from person import eventually


class PrivateRedisCluster:
    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="rc-", dir="/tmp")
        self.ports = [free_port() for _ in range(3)]
        self._bus_ports = [free_port() for _ in range(3)]
        self._processes = [None] * 3
        for node in range(3):
            self.start(node)
        # Not with redis-cli, which expects the bus at other ports.
        for node, port in enumerate(self.ports):
            with self._node(node) as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", *self._slots(node))
                client.execute_command("CLUSTER MEET", "127.0.0.1", self.ports[0], self._bus_ports[0])
        eventually(lambda: all(self._is_formed(node) for node in range(3)), "the cluster is formed")
        self.url = f"redis://127.0.0.1:{self.ports[0]}"
        self.client = redis.RedisCluster(host="127.0.0.1", port=self.ports[0])

    @staticmethod
    def _slots(node):
        return 16_384 * node // 3, 16_384 * (node + 1) // 3 - 1

    def _node(self, node):
        return redis.Redis(port=self.ports[node])

    def _is_formed(self, node):
        with self._node(node) as client:
            info = client.execute_command("CLUSTER INFO")
        return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3"

    def start(self, node):
        folder = f"{self._folder}/{node}"
        os.makedirs(folder, exist_ok=True)
        self._processes[node] = subprocess.Popen(
            ["redis-server", "--port", str(self.ports[node]), "--bind", "127.0.0.1", "--cluster-enabled", "yes",
             "--cluster-port", str(self._bus_ports[node]), "--cluster-node-timeout", "2000",
             "--cluster-require-full-coverage", "no", "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        eventually(lambda: self._answers(node), "the node answers")

    def _answers(self, node):
        try:
            with self._node(node) as client:
                return client.ping()
        except redis.ConnectionError:
            return False

    def kill(self, node):
        self._processes[node].kill()
        self._processes[node].wait()

    def channels(self, node):
        """The sharded channels that somebody listens to at a node."""
        with self._node(node) as client:
            return {channel.decode() for channel in client.execute_command("PUBSUB SHARDCHANNELS")}

    def stop(self):
        self.client.close()
        for node in range(3):
            self.kill(node)
        shutil.rmtree(self._folder, ignore_errors=True)
