/** What the stock client does in a browser, as one value to compare. */
async function exercise(transports) {
    const open = (path = '/') => io(path, { forceNew: true, transports, reconnectionDelay: 10 });
    const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (value) => resolve(value)));
    const socket = open();
    await once(socket, 'connect');
    if (transports.length > 1 && socket.io.engine.transport.name !== 'websocket') {
        await once(socket.io.engine, 'upgrade');
    }
    const result = { transport: socket.io.engine.transport.name };
    result.echo = await socket.emitWithAck('echo', { text: 'ä€😀', list: [1, null, false] });
    socket.emit('doge');
    result.bytes = new TextDecoder().decode(await once(socket, 'doge'));
    socket.emit('blob', new Blob(['hello world'], { type: 'text/plain' }));
    result.blob = await Promise.race([once(socket, 'back').then(() => 'back'), once(socket, 'disconnect')]);
    const refused = [open('/doesnotexist'), open('/no')];
    result.namespaces = await Promise.all(refused.map(async (one) => (await once(one, 'connect_error')).message));
    const foo = open('/foo');
    await once(foo, 'connect');
    result.ids = (await foo.emitWithAck('getId')) === foo.id && foo.id !== socket.id;
    socket.on('ack', (answer) => answer(5, { test: true }));
    const gotIt = once(socket, 'got it');
    socket.emit('ack');
    await gotIt;
    result.askedByTheServer = true;
    const id = socket.id;
    socket.io.engine.close();
    await once(socket, 'connect');
    result.recovered = socket.recovered && socket.id === id;
    for (const one of [socket, foo, ...refused]) one.close();
    return result;
}
