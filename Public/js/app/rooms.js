import { keepLastRoom, lastRoom } from '../device/kept.js';
import { joinedRooms } from '../model/selectors.js';
import { addressOf, replaceAddress, routeOf } from './route.js';

/** Rooms: which is open, and joining, leaving, making, changing them. */
export class Rooms {
    #chat;
    #store;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#store = chat.store;
    }

    followAddress() {
        const { me, active } = this.#store.state;
        if (!me) return;
        const route = routeOf();
        const room = route.page === 'room' ? route.room : null;
        if (room !== active || route.seq) this.#store.dispatch({ type: 'room/opened', room, seq: route.seq });
        if (room) this.#opened(room);
        else this.#openUsual();
    }

    afterSync() {
        const { active } = this.#store.state;
        if (active) this.#opened(active);
        else this.#openUsual();
    }

    /** @param {string} room @param {number} [seq] a message to go to */
    open(room, seq) {
        const address = addressOf(room, seq);
        if (location.hash === address) this.followAddress();
        else location.hash = address;
    }

    /** @param {string} room */
    async join(room) {
        await this.ask('room:join', { room });
        this.open(room);
        this.#opened(room);
    }

    /** @param {string} room */
    async leave(room) {
        await this.#chat.socket.request('room:leave', { room });
        this.#forget(room);
    }

    /** @param {{name: string, topic: string, kind?: string, members?: string[]}} room */
    async create(room) {
        this.open((await this.ask('room:create', room)).room.id);
    }

    /** Opens the one room of these people and me, which may be new. @param {string[]} users */
    async openDirect(users) {
        this.open((await this.ask('dm:open', { users })).room.id);
    }

    /**
     * Asks for a change of a room (`room:update`, `room:archive`, `room:notify`, …) and shows the room of the answer.
     * @param {string} event @param {object} payload @returns {Promise<any>}
     */
    async ask(event, payload) {
        const answer = await this.#chat.socket.request(event, payload);
        if (answer.room?.id) this.#store.dispatch({ type: 'room/updated', room: { archived_at: null, ...answer.room } });
        return answer;
    }

    /** Changes who is in a room (`room:invite`, `room:kick`, `room:role`). */
    async askMembers(event, payload) {
        await this.ask(event, payload);
        await this.loadMembers(payload.room);
    }

    /** @param {string} room */
    async loadMembers(room) {
        const { members, presence } = await this.#chat.socket.request('room:members', { room });
        this.#store.dispatch({ type: 'members/loaded', room, members, presence });
    }

    async loadPeople() {
        const { users } = await this.#chat.socket.request('user:list');
        this.#store.dispatch({ type: 'people/loaded', people: users });
    }

    async refresh() {
        const { rooms } = await this.#chat.socket.request('room:list');
        for (const room of rooms) this.#store.dispatch({ type: 'room/updated', room });
    }

    /** `room:created`, `room:updated`, `room:archived` go to everybody, so they say nothing about my membership. */
    heardOf({ id, kind, name, topic, created_at, archived_at = null, is_default, last_seq, msg_count }) {
        const known = this.#store.state.rooms[id];
        const fresh = { joined: false, unread: 0, mentions: 0, read_seq: 0, last_seq, msg_count };
        this.#store.dispatch({
            type: 'room/updated',
            room: { ...(known ? {} : fresh), id, kind, name, topic, created_at, archived_at, is_default },
        });
    }

    /** `room:joined`: I was let in somewhere (by myself in another tab, or by somebody), or somebody else was. */
    joined({ room, user, role }) {
        const { me, rooms, people } = this.#store.state;
        if (user === me?.id && !rooms[room]?.joined) {
            this.#chat.session.synchronize();
        } else {
            this.#store.dispatch({ type: 'member/joined', room, user, role });
            if (!people[user]) this.loadPeople().catch(() => {});
        }
    }

    /** `room:left` */
    left({ room, user }) {
        if (user === this.#store.state.me?.id) this.#forget(room);
        else this.#store.dispatch({ type: 'member/left', room, user });
    }

    #forget(room) {
        this.#store.dispatch({ type: 'room/left', room });
        if (this.#store.state.active === room) replaceAddress('');
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
