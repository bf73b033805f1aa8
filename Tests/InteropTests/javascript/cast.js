/** People at stock clients, for a page and for node: what a test asks of them, and what they have heard. */
function makeCast(io, url) {
    const people = {};
    return {
        /** Connects one more person. @returns {Promise<object>} its `session:ready` */
        join(name, token, transports) {
            const socket = io(url, { auth: { token }, transports, forceNew: true, reconnectionDelay: 100 });
            const log = [];
            people[name] = { socket, log };
            socket.onAny((event, data) => log.push([event, data ?? null]));
            return new Promise((resolve, reject) => {
                socket.once('session:ready', resolve);
                socket.once('connect_error', reject);
            });
        },

        /** @returns {Promise<object>} the acknowledgement */
        ask(name, event, request) {
            return people[name].socket.timeout(20_000).emitWithAck(event, request);
        },

        log(name) {
            return people[name].log;
        },

        transport(name) {
            return people[name].socket.io.engine.transport.name;
        },

        leave() {
            for (const { socket } of Object.values(people)) socket.close();
        },
    };
}
