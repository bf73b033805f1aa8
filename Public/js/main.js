import { Chat } from './app/chat.js';
import { routeOf } from './app/route.js';
import { Store } from './model/store.js';
import { Shell } from './view/shell.js';

/** Once per frame; in the background, where there are no frames, the title must still count. */
function schedule(run) {
    let frame = 0;
    const timer = setTimeout(() => {
        cancelAnimationFrame(frame);
        run();
    }, 200);
    frame = requestAnimationFrame(() => {
        clearTimeout(timer);
        run();
    });
}

/** `?transport=polling` or `?transport=upgrade` shows that the chat works without or before WebSocket. */
const wanted = new URLSearchParams(location.search).get('transport');
const transport = wanted === 'polling' || wanted === 'upgrade' ? wanted : 'auto';

const store = new Store({ schedule });
const chat = new Chat({ store, url: `${location.origin}/socket.io/`, transport });
new Shell(chat);

addEventListener('hashchange', () => {
    if (store.state.screen === 'chat') chat.rooms.followAddress();
    else if (routeOf().page === 'setup') chat.session.start();
});
chat.session.watchPage();
chat.session.start();
