import { setting } from '../device/kept.js';
import { becomeLeader, listen, tell } from '../device/tabs.js';
import { calls, isMuted, personOf, roomTitle } from '../model/selectors.js';

const BODY_LENGTH_MAX = 140;

/** Tells about messages outside of the page: all tabs hear them, one speaks. */
export class Notifications {
    #chat;
    #speaks = false;
    #seenElsewhere = new Map();
    #tab = String(Math.random());

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        becomeLeader('notifications', () => { this.#speaks = true; });
        listen((news) => { if (news.type === 'viewing') this.#seenElsewhere.set(news.tab, news.room); });
        const tellView = () => tell({ type: 'viewing', tab: this.#tab, room: this.#inView() });
        for (const event of ['focus', 'blur', 'pagehide', 'hashchange']) addEventListener(event, tellView);
        let badge = null;
        chat.store.subscribe(({ rooms }) => {
            const waiting = Object.values(rooms).reduce((sum, room) => sum + calls(room), 0);
            if (waiting === badge) return;
            badge = waiting;
            if (waiting > 0) navigator.setAppBadge?.(waiting).catch(() => {});
            else navigator.clearAppBadge?.().catch(() => {});
        });
    }

    /** @returns {boolean} whether the bell is on */
    get enabled() {
        return 'Notification' in globalThis && Notification.permission === 'granted' && setting('bell') !== 'off';
    }

    /** To be called from a click: browsers ask for permission only then. @returns {Promise<boolean>} */
    async enable() {
        return 'Notification' in globalThis && await Notification.requestPermission() === 'granted';
    }

    /** `message:created` @param {Message} message */
    consider(message) {
        const { me, rooms } = this.#chat.store.state;
        const room = rooms[message.room];
        if (!this.#speaks || !room?.joined || isMuted(room) || message.kind !== 'text' || message.author === me.id) return;
        const calling = room.kind === 'direct' || message.mentions?.includes(me.id)
            || (setting('bell') === 'all' && room.notify_level === 'all');
        const seen = [this.#inView(), ...this.#seenElsewhere.values()].includes(room.id);
        // Last, because browsers take a millisecond to say what is permitted.
        if (calling && !seen && this.enabled) this.#show(room, message);
    }

    #show(room, message) {
        const { state } = this.#chat.store;
        const author = personOf(state, message.author).display_name;
        const title = room.kind === 'direct' ? author : `${author} in ${roomTitle(state, room)}`;
        // One per room: a newer message replaces the one before.
        const notification = new Notification(title, {
            body: message.body.slice(0, BODY_LENGTH_MAX), tag: room.id, icon: '/favicon.svg',
        });
        notification.onclick = () => {
            window.focus();
            this.#chat.rooms.open(room.id, message.seq);
            notification.close();
        };
    }

    #inView() {
        return document.hasFocus() ? this.#chat.store.state.active : null;
    }
}
