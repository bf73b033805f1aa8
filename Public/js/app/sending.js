import * as outbox from '../model/outbox.js';
import { emojiIn } from '../model/selectors.js';
import { Part, logOf } from '../model/state.js';
import { prepare, upload } from '../net/uploads.js';
import { Shelf, becomeLeader, keep, kept, listen, tell } from './device.js';

/** How much of an answered message is quoted; the server cuts there too. */
const QUOTE_LENGTH_MAX = 200;

/** Writing a message: drafts, what the field is for, the rules for a body, and handing it to the outbox. */
export class Composing extends Part {
    #pictures = new Shelf('chat-drafts', 'room');

    /** What the picker and the completion offer: data, so it comes when it is wanted and not with the code. */
    async loadEmoji() {
        this.dispatch('emoji/loaded', { emoji: emojiIn(await (await fetch('/emoji.txt')).text()) });
    }

    /** @param {string} room @returns {string} */
    draft(room) {
        return kept(`draft:${this.state.me.id}:${room}`);
    }

    /** @param {string} room @param {string} text */
    keep(room, text) {
        const { me } = this.state;
        if (me) keep(`draft:${me.id}:${room}`, text);
    }

    /** @param {'reply' | 'edit'} type @param {Message} message */
    begin(type, message) {
        this.dispatch('draft/changed', { draft: { type, room: message.room, message } });
    }

    /** The field is for a new message again. */
    cancel() {
        this.dispatch('draft/changed', { draft: null });
    }

    /** The newest message to edit or to answer. @param {'reply' | 'edit'} type @returns {boolean} whether there is one */
    beginWithLast(type) {
        const { state } = this;
        const message = logOf(state, state.active).messages.findLast((one) => (
            one.kind === 'text' && !one.deleted_at && (type === 'reply' || one.author === state.me.id)));
        if (message) this.begin(type, message);
        return Boolean(message);
    }

    /** The pictures of a draft come back after a reload. @param {string} room */
    async loadImages(room) {
        const images = (await this.#pictures.get(this.#shelf(room)))?.images ?? [];
        if (!this.state.images[room]) this.dispatch('images/changed', { room, images });
    }

    /** @param {string} room @param {Picture[]} images */
    keepImages(room, images) {
        this.dispatch('images/changed', { room, images });
        const key = this.#shelf(room);
        if (images.length) this.#pictures.put({ room: key, images });
        else this.#pictures.remove(key);
    }

    #shelf(room) {
        return `${this.state.me.id}:${room}`;
    }

    /** Adds files to a draft; says of each that cannot be sent why. @param {string} room @param {File[]} files */
    async attach(room, files) {
        const refused = new Set();
        for (const file of files) {
            try {
                const { images, imagesMax, imageBytesMax } = this.state;
                if ((images[room]?.length ?? 0) >= imagesMax) throw new Error(`A message takes ${imagesMax} images.`);
                const image = { key: randomId(), ...await prepare(file, imageBytesMax) };
                this.keepImages(room, [...this.state.images[room] ?? [], image]);
            } catch (error) {
                refused.add(error.message);
            }
        }
        if (refused.size) this.chat.say([...refused].join(' '), 'bad');
    }

    /** @param {string} body @param {Picture[]} [images] that go with it @returns {'empty' | 'too-long' | 'ok'} */
    judge(body, images) {
        if (body.trim() === '') return images?.length ? 'ok' : 'empty';
        return this.bytes(body) > this.state.messageBytesMax ? 'too-long' : 'ok';
    }

    /** @param {string} body @returns {number} what the limit counts */
    bytes(body) {
        return new TextEncoder().encode(body).length;
    }

    /** @param {string} room @param {string} body @returns {boolean} whether it was taken */
    send(room, body) {
        const { me, draft, images: { [room]: attachments = [] } } = this.state;
        if (this.judge(body, attachments) !== 'ok') return false;
        const answered = draft?.type === 'reply' && draft.room === room ? draft.message : null;
        const reply = answered && {
            seq: answered.seq, author: answered.author, body: answered.body.slice(0, QUOTE_LENGTH_MAX),
            attachments: answered.attachments?.length,
        };
        this.chat.outbox.add(outbox.draftEntry({
            clientId: randomId(), author: me.id, room, body, reply, now: Date.now(),
            // Another tab may have the same draft; what it sends is another message.
            attachments: attachments.map((one) => ({ ...one, key: randomId() })),
        }));
        if (attachments.length) this.keepImages(room, []);
        this.keep(room, '');
        if (answered) this.cancel();
        return true;
    }
}

/** 128 bits; `crypto.randomUUID` is missing on plain http. */
function randomId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Brings the outbox to the server: every tab writes entries, one sends them for all. An entry is on disk before it is
 * sent and until it is confirmed, so it survives this page at any moment.
 */
export class OutboxSender extends Part {
    #database = new Shelf('chat-outbox', 'client_id');
    #leading = false;
    #timer = null;

    constructor(chat) {
        super(chat);
        becomeLeader('outbox', async () => {
            this.#leading = true;
            await this.load();
        });
        listen((news) => {
            if (news.type === 'outbox') this.load();
            // The other tab may hang on an instance that tells us nothing.
            if (news.type === 'sent' && this.online) this.#confirmed(news.message);
        });
    }

    /** Reads what is on disk: written before a reload, or by another tab. */
    async load() {
        if (!this.state.me) return;
        this.dispatch('outbox/loaded', { entries: await this.#database.all() });
        this.#send();
    }

    /** @param {Entry} entry */
    async add(entry) {
        this.dispatch('outbox/put', { entry });
        await this.#database.put(entry);
        tell({ type: 'outbox' });
        this.#send();
    }

    /** @param {string} clientId */
    async retry(clientId) {
        const entry = this.#find(clientId);
        if (entry) await this.add(outbox.retried(entry));
    }

    /** @param {string} clientId */
    async discard(clientId) {
        this.dispatch('outbox/removed', { clientId });
        await this.#database.remove(clientId);
        tell({ type: 'outbox' });
        this.#send();
    }

    /** A new connection is a new chance for everything that waits. */
    hasten() {
        this.dispatch('outbox/hastened');
        this.#send();
    }

    #send() {
        clearTimeout(this.#timer);
        if (!this.#leading || !this.online || !this.state.synced) return;
        const now = Date.now();
        for (const entry of outbox.due(this.state.outbox, now)) this.#attempt(entry);
        const next = outbox.nextDue(this.state.outbox);
        if (next !== null) this.#timer = setTimeout(() => this.#send(), Math.max(0, next - now));
    }

    async #attempt(entry) {
        this.dispatch('outbox/put', { entry: outbox.sending(entry) });
        try {
            const attachments = await this.#upload(entry);
            const { message } = await this.request('message:send', {
                room: entry.room, client_id: entry.client_id, body: entry.body,
                ...(entry.reply ? { reply_to: entry.reply.seq } : {}), ...(attachments.length ? { attachments } : {}),
            });
            await this.#database.remove(entry.client_id);
            this.#confirmed(message);
            tell({ type: 'sent', message });
            tell({ type: 'outbox' });
        } catch (error) {
            await this.#failed(entry, error);
        }
        this.#send();
    }

    /** Brings the pictures to the server that it does not have; an attempt that is made again goes on from there. */
    async #upload({ client_id: clientId, room, attachments = [] }) {
        const ids = [];
        for (const picture of attachments) {
            const shown = (part) => {
                const progress = Math.round((ids.length + part) / attachments.length * 20) / 20;
                const entry = this.#find(clientId);
                if (entry) this.dispatch('outbox/put', { entry: { ...entry, progress } });
            };
            if (!picture.id) shown(0);
            const id = picture.id ?? await upload(room, picture, shown);
            ids.push(id);
            const entry = this.#find(clientId);
            if (!entry || picture.id) continue;
            const next = outbox.uploaded(entry, picture.key, id);
            this.dispatch('outbox/put', { entry: next });
            await this.#database.put(outbox.stored(next));
        }
        return ids;
    }

    async #failed(attempted, error) {
        let entry = this.#find(attempted.client_id);
        // Deleted or confirmed while we waited: nothing is left to try.
        if (!entry) return void await this.#database.remove(attempted.client_id);
        if (error.field === 'attachments' && attempted.attachments.some(({ id }) => id)) {
            // The server keeps them for a day; they were uploaded before that.
            for (const { key } of entry.attachments) entry = outbox.uploaded(entry, key);
            error.retryable = true;
        }
        const next = outbox.afterError(entry, error, Date.now());
        this.dispatch('outbox/put', { entry: next });
        await this.#database.put(outbox.stored(next));
        tell({ type: 'outbox' });
        if (error.code === 'unauthenticated') this.chat.session.refused(error.code);
    }

    #confirmed(message) {
        const entry = this.#find(message.client_id);
        if (entry) this.dispatch('outbox/put', { entry: { ...entry, state: 'sent' } });
        this.chat.history.received(message);
    }

    #find(clientId) {
        return this.state.outbox.find((entry) => entry.client_id === clientId);
    }
}
