import { keepLastRoom, lastRoom } from '../device/kept.js';
import { joinedRooms } from '../model/selectors.js';
import { addressOf, replaceAddress, routeOf } from './route.js';

/** Rooms: which is open, and joining, leaving, making them. */
export class Rooms {
    #chat;
    #store;

    /** @param {import('./chat.js').Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#store = chat.store;
    }

    /** Opens what the address names; called at log in and whenever the address changes. */
    followAddress() {
        const { me, active } = this.#store.state;
        if (!me) return;
        const route = routeOf();
        const room = route.page === 'room' ? route.room : null;
        if (room !== active) this.#store.dispatch({ type: 'room/opened', room });
        if (room) this.#opened(room);
        else this.#openUsual();
    }

    /** The first answer tells which rooms there are; whatever is open is loaded now. */
    afterSync() {
        const { active } = this.#store.state;
        if (active) this.#opened(active);
        else this.#openUsual();
    }

    /** @param {string} room */
    open(room) {
        location.hash = addressOf(room);
    }

    /** @param {string} room @returns {Promise<void>} */
    async join(room) {
        const answer = await this.#chat.socket.request('room:join', { room });
        this.#store.dispatch({ type: 'room/updated', room: answer.room });
        this.open(room);
        this.#opened(room);
    }

    /** @param {string} room @returns {Promise<void>} */
    async leave(room) {
        await this.#chat.socket.request('room:leave', { room });
        this.#store.dispatch({ type: 'room/left', room });
        if (this.#store.state.active === room) replaceAddress('');
    }

    /** @param {string} name @param {string} topic @returns {Promise<void>} */
    async create(name, topic) {
        const { room } = await this.#chat.socket.request('room:create', { name, topic });
        this.#store.dispatch({ type: 'room/updated', room });
        this.open(room.id);
    }

    /** Opens the one room of these people and me, which may be new. @param {string[]} users @returns {Promise<void>} */
    async openDirect(users) {
        const { room } = await this.#chat.socket.request('dm:open', { users });
        this.#store.dispatch({ type: 'room/updated', room });
        this.open(room.id);
    }

    /** @param {string} room @returns {Promise<void>} */
    async loadMembers(room) {
        const { members } = await this.#chat.socket.request('room:members', { room });
        this.#store.dispatch({ type: 'members/loaded', room, members });
    }

    /** @returns {Promise<void>} */
    async loadPeople() {
        const { users } = await this.#chat.socket.request('user:list');
        this.#store.dispatch({ type: 'people/loaded', people: users });
    }

    /** @returns {Promise<void>} */
    async refresh() {
        const { rooms } = await this.#chat.socket.request('room:list');
        for (const room of rooms) this.#store.dispatch({ type: 'room/updated', room });
    }

    /** `room:created` goes to everybody, so it says nothing about my membership, and may come after my own join. */
    created(room) {
        const known = this.#store.state.rooms[room.id];
        const mine = known ?? { joined: false, role: null, unread: 0, mentions: 0, read_seq: 0 };
        const { joined, role, unread, mentions, read_seq } = mine;
        if (known?.joined) return;
        this.#store.dispatch({ type: 'room/updated', room: { ...room, joined, role, unread, mentions, read_seq } });
    }

    /** `room:joined`: I was let in somewhere (by myself in another tab, or by a direct message), or somebody else was. */
    joined({ room, user }) {
        const { me, rooms, people } = this.#store.state;
        if (user === me?.id && !rooms[room]?.joined) {
            this.#chat.session.synchronize();
        } else {
            this.#store.dispatch({ type: 'member/joined', room, user });
            if (!people[user]) this.loadPeople().catch(() => {});
        }
    }

    /** `room:left` */
    left({ room, user }) {
        if (user === this.#store.state.me?.id) {
            this.#store.dispatch({ type: 'room/left', room });
        } else {
            this.#store.dispatch({ type: 'member/left', room, user });
        }
    }

    #opened(room) {
        const { me, rooms, synced } = this.#store.state;
        if (!synced || !rooms[room]) return;
        keepLastRoom(me.id, room);
        if (!rooms[room].joined) return;
        this.#chat.history.load(room);
        if (this.#chat.socket.online) this.loadMembers(room).catch(() => {});
    }

    /** With room for both panes an empty one is a waste: the room of last time opens, or the first. */
    #openUsual() {
        const { me, rooms, synced } = this.#store.state;
        if (!synced || matchMedia('(width < 720px)').matches) return;
        const last = rooms[lastRoom(me.id)];
        const usual = last?.joined ? last : joinedRooms(this.#store.state)[0];
        if (usual) replaceAddress(addressOf(usual.id));
    }
}
