import { missing } from '../model/log.js';
import { joinedRooms } from '../model/selectors.js';
import { Part, logOf } from '../model/state.js';
import { addressOf, keep, kept, replaceAddress, routeOf } from './device.js';

/** Rooms: which is open, and joining, leaving, making, changing them. */
export class Rooms extends Part {
    constructor(chat) {
        super(chat);
        // Another tab has pinned a room.
        addEventListener('storage', () => this.loadFavourites());
    }

    followAddress() {
        const { me, active } = this.state;
        if (!me) return;
        const { room, seq } = routeOf();
        // What is left of the link of an invite that is used.
        if (!room && location.hash.length > 2) replaceAddress('', { quiet: true });
        if (room !== active || seq) this.dispatch('room/opened', { room, seq });
        if (room) this.#opened(room);
        else this.#openUsual();
    }

    afterSync() {
        const { active } = this.state;
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
        await this.request('room:leave', { room });
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
        const answer = await this.request(event, payload);
        if (answer.room?.id) this.dispatch('room/updated', { room: { archived_at: null, ...answer.room } });
        return answer;
    }

    /** Changes who is in a room (`room:invite`, `room:kick`, `room:role`). */
    async askMembers(event, payload) {
        await this.ask(event, payload);
        await this.loadMembers(payload.room);
    }

    /** Reads which rooms stand at the top; they are kept by the browser, because the server has no place for them. */
    loadFavourites() {
        const { me } = this.state;
        if (me) this.dispatch('favourites/changed', { favourites: kept(`favourites:${me.id}`).split(' ').filter(Boolean) });
    }

    /** @param {string} room to pin at the top, or to let go */
    toggleFavourite(room) {
        const { me, favourites } = this.state;
        const others = favourites.filter((id) => id !== room);
        keep(`favourites:${me.id}`, (others.length < favourites.length ? others : [...favourites, room]).join(' '));
        this.loadFavourites();
    }

    /** @param {string} room */
    async loadMembers(room) {
        const { members, presence } = await this.request('room:members', { room });
        this.dispatch('members/loaded', { room, members, presence });
    }

    async loadPeople() {
        const { users } = await this.request('user:list');
        this.dispatch('people/loaded', { people: users });
    }

    async refresh() {
        const { rooms } = await this.request('room:list');
        for (const room of rooms) this.dispatch('room/updated', { room });
    }

    /** `room:created`, `room:updated`, `room:archived` go to everybody, so they say nothing about my membership. */
    heardOf({ id, kind, name, topic, created_at, archived_at = null, is_default, keeps_versions, last_seq, msg_count }) {
        const known = this.state.rooms[id];
        const fresh = { joined: false, unread: 0, mentions: 0, read_seq: 0, last_seq, msg_count };
        const room = { ...(known ? {} : fresh), id, kind, name, topic, created_at, archived_at, is_default, keeps_versions };
        this.dispatch('room/updated', { room });
    }

    /** `room:joined`: I was let in somewhere (by myself in another tab, or by somebody), or somebody else was. */
    joined({ room, user, role }) {
        const { me, rooms, people } = this.state;
        if (user === me?.id && !rooms[room]?.joined) {
            this.chat.session.synchronize();
        } else {
            this.dispatch('member/joined', { room, user, role });
            if (!people[user]) this.loadPeople().catch(() => {});
        }
    }

    /** `room:left` */
    left({ room, user }) {
        if (user === this.state.me?.id) this.#forget(room);
        else this.dispatch('member/left', { room, user });
    }

    #forget(room) {
        this.dispatch('room/left', { room });
        if (this.state.active === room) replaceAddress('');
    }

    #opened(room) {
        const { me, rooms, synced } = this.state;
        if (!synced || !rooms[room]) return;
        keep(`room:${me.id}`, room);
        if (!rooms[room].joined) return;
        this.chat.history.load(room);
        if (this.online) this.loadMembers(room).catch(() => {});
    }

    /** With room for both panes an empty one is a waste: the room of last time opens, or the first. */
    #openUsual() {
        const { me, rooms, synced } = this.state;
        if (!synced || matchMedia('(width < 720px)').matches) return;
        const last = rooms[kept(`room:${me.id}`)];
        const usual = last?.joined ? last : joinedRooms(this.state)[0];
        if (usual) replaceAddress(addressOf(usual.id));
    }
}

const PAGE_ROWS = 50;
/** A gap often closes by itself, because two instances publish at the same moment. */
const GAP_WAIT_MS = 150;
const RETRY_MS = 2_000;

/** Messages coming in: live, by synchronizing a room, and in pages. */
export class History extends Part {
    #loading = new Set();
    #gapTimers = new Map();

    /**
     * A live change, an acknowledged message of my own, or one that another tab had acknowledged.
     * @param {Change} message @param {{shared?: boolean}} [options] whether everybody got it
     */
    received(message, { shared = false } = {}) {
        this.dispatch('message/received', { message, shared, heardAt: Date.now() });
        if (missing(logOf(this.state, message.room)) > 0) this.#fillGapSoon(message.room);
    }

    /** `room:seq`: more was said than we were told; what it counts is in the list only. */
    hinted(room, lastSeq) {
        const log = logOf(this.state, room);
        if (lastSeq <= log.have) return;
        this.dispatch('room/updated', { room: { id: room, last_seq: lastSeq } });
        if (log.loaded) this.#fillGapSoon(room);
        this.chat.rooms.refresh().catch(() => {});
    }

    /** Loads a room that is opened for the first time. @param {string} room */
    load(room) {
        if (logOf(this.state, room).loaded) return;
        this.#synchronize(room);
    }

    fillGaps() {
        for (const [room, log] of Object.entries(this.state.logs)) {
            if (missing(log) > 0) this.#synchronize(room);
        }
    }

    /**
     * Loads the page above or below what is there, or another window: around `seq`, or the newest.
     * @param {string} room @param {Place} place @param {number} [seq]
     */
    async loadPage(room, place, seq) {
        const log = logOf(this.state, room);
        const wanted = place === 'window' || (!log.loading && (place === 'before' ? log.hasBefore : log.hasAfter));
        if (!wanted || !log.loaded || !this.online) return;
        const edge = edgeOf(log, place);
        const position = { before: { before_seq: edge }, after: { after_seq: edge }, window: seq ? { around_seq: seq } : {} };
        this.dispatch('page/requested', { room, place });
        // The window may be replaced meanwhile; a page that does not touch it would leave a hole.
        const stillWanted = () => {
            const now = logOf(this.state, room);
            return now.loading === place && edgeOf(now, place) === edge;
        };
        try {
            const page = await this.request('message:list', { room, limit: PAGE_ROWS, ...position[place] });
            if (stillWanted()) this.dispatch('page/loaded', { room, page });
        } catch {
            if (stillWanted()) this.dispatch('page/failed', { room });
        }
    }

    #fillGapSoon(room) {
        if (this.#gapTimers.has(room)) return;
        this.#gapTimers.set(room, setTimeout(() => {
            this.#gapTimers.delete(room);
            const { rooms, logs } = this.state;
            const log = logs[room];
            if (log && (missing(log) > 0 || rooms[room]?.last_seq > log.have)) this.#synchronize(room);
        }, GAP_WAIT_MS));
    }

    async #synchronize(room) {
        if (this.#loading.has(room) || !this.online) return;
        this.#loading.add(room);
        const log = logOf(this.state, room);
        let again = false;
        try {
            const changes = await this.request('room:sync', {
                room, since: log.have, ...(log.loaded ? {} : { limit: PAGE_ROWS }),
            });
            this.dispatch('room/synced', { changes });
            again = missing(logOf(this.state, room)) > 0;
        } catch (error) {
            // After a lost connection session:sync does this work.
            again = error.retryable && error.code !== 'disconnected';
        } finally {
            this.#loading.delete(room);
        }
        if (again) setTimeout(() => this.#synchronize(room), RETRY_MS);
    }
}

function edgeOf(log, place) {
    return place === 'window' ? null : log.messages.at(place === 'before' ? 0 : -1)?.seq;
}

/** What can be done with a message. Answers carry the row, which enters like any other change. */
export class Messages extends Part {
    /** @param {Message} message @param {string} body */
    edit({ room, seq }, body) {
        return this.#change('message:edit', { room, seq, body });
    }

    /** What an edited message said before, the latest first. @param {Message} message @returns {Promise<Version[]>} */
    async versions({ room, seq }) {
        return (await this.request('message:versions', { room, seq })).versions;
    }

    /** @param {Message} message */
    remove({ room, seq }) {
        return this.#change('message:delete', { room, seq });
    }

    /** Adds my reaction, or takes it away. @param {Message} message @param {string} emoji */
    async react({ room, seq, reactions = [] }, emoji) {
        const mine = reactions.some((reaction) => reaction.emoji === emoji && reaction.me);
        const change = await this.request(mine ? 'reaction:remove' : 'reaction:add', { room, seq, emoji });
        this.chat.history.received({ patch: true, room, seq, changed_seq: change.changed_seq, reactions: change.reactions });
    }

    /** Everything from this message on counts as unread again. @param {Message} message */
    async markUnread({ room, seq }) {
        const marker = await this.request('read:unset', { room, seq });
        this.dispatch('room/read', { marker: { ...marker, forced: true } });
    }

    /** @param {string} query @param {string} [cursor] of the answer before @returns {Promise<{results: any[], next?: string}>} */
    search(query, cursor) {
        return this.request('message:search', { query, ...(cursor ? { cursor } : {}) });
    }

    /** @param {Message} message @returns {string} an address that opens the room there */
    link({ room, seq }) {
        return location.origin + location.pathname + addressOf(room, seq);
    }

    async #change(event, payload) {
        const { message } = await this.request(event, payload);
        this.chat.history.received(message);
    }
}
