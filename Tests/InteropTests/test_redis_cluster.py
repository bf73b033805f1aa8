"""A fleet on a Redis cluster: channels, keys and subscriptions lie on different nodes."""

import pytest

from fleet import Fleet
from person import eventually
from redis_cluster import PrivateRedisCluster


@pytest.fixture
def cluster():
    cluster = PrivateRedisCluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def fleet(cluster):
    fleet = Fleet(instances=2, settings={"REDIS_URL": cluster.url, "REDIS_ADAPTER": "sharded"}).start()
    yield fleet
    fleet.remove()


def test_a_fleet_works_on_a_cluster_also_when_one_of_its_nodes_restarts(cluster, fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    general = alice.room("general")["id"]
    alice.send(general, "across the nodes")
    bob.expect(general, "across the nodes")
    room, everybody = f"socket.io#/#r:{general}#", "socket.io#/#"
    listening = [cluster.channels(node) for node in range(3)]
    assert sum(room in channels for channels in listening) == 1, "the room's channel is at one node"
    assert sum(everybody in channels for channels in listening) == 1
    assert cluster.client.scard("{chat}:instances") == 2
    eventually(lambda: alice.get("presence:watch", {"users": [bob.id]})["presence"] == {bob.id: "online"}, "online")

    # The node of the room's channel, which loses everything with its process.
    node = next(index for index, channels in enumerate(listening) if room in channels)
    cluster.kill(node)
    alice.send(general, "while it is away")
    bob.expect(general, "while it is away")
    cluster.start(node)
    eventually(lambda: room in cluster.channels(node), "the channel is listened to again")
    alice.send(general, "afterwards")
    bob.expect(general, "afterwards")
    eventually(lambda: cluster.client.scard("{chat}:instances") == 2, "the registry is whole again")
