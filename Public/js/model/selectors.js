import { missing } from './log.js';
import { logOf } from './state.js';

/** Messages of one author closer than that stand under one name. */
const GROUP_MS = 5 * 60_000;
/** "guest 2" stands before "guest 10". */
const { compare } = new Intl.Collator(undefined, { numeric: true });
const byName = (a, b) => compare(a.name, b.name);
export const byDisplayName = (a, b) => compare(a.display_name, b.display_name);

/** The rooms of the list, without conversations. @param {State} state */
export function joinedRooms(state) {
    return Object.values(state.rooms)
        .filter((room) => room.joined && room.kind !== 'direct' && (!room.archived_at || room.id === state.active))
        .sort(byName);
}

/** @param {State} state */
export function browsableRooms(state) {
    return Object.values(state.rooms).filter((room) => room.kind === 'public').sort((a, b) => (
        Boolean(a.archived_at) - Boolean(b.archived_at) || byName(a, b)));
}

/** Latest first. @param {State} state */
export function directRooms(state) {
    const heard = (room) => state.activity[room.id] ?? Date.parse(room.last_at ?? room.created_at);
    return Object.values(state.rooms)
        .filter((room) => room.joined && room.kind === 'direct')
        .sort((a, b) => (b.unread > 0) - (a.unread > 0) || heard(b) - heard(a));
}

/**
 * The three parts of the list of rooms, top to bottom.
 * @param {State} state @returns {{favourites: Room[], rooms: Room[], directs: Room[]}}
 */
export function roomList(state) {
    const rooms = joinedRooms(state).filter((room) => room.notify_level !== 'hidden' || room.id === state.active);
    const directs = directRooms(state);
    const pinned = (room) => state.favourites.includes(room.id);
    const others = (room) => !pinned(room);
    return { favourites: [...rooms, ...directs].filter(pinned), rooms: rooms.filter(others), directs: directs.filter(others) };
}

/** @param {State} state @returns {User[]} everybody else who can be written to */
export function otherPeople(state) {
    return Object.values(state.people)
        .filter((user) => user.id !== state.me?.id && !user.disabled && !user.deleted)
        .sort(byDisplayName);
}

/** The people of a direct room without me. @returns {User[]} */
export function others(state, room) {
    const people = (room.people ?? []).filter((id) => id !== state.me?.id);
    return people.map((id) => personOf(state, id));
}

/** Somebody we have not heard of yet still gets a row. @returns {User} */
export function personOf(state, id) {
    return state.people[id] ?? { id: id ?? '', name: 'unknown', display_name: 'Unknown', role: 'member', disabled: false };
}

/** @returns {string} "#general", or the names of the people */
export function roomTitle(state, room) {
    if (room.kind !== 'direct') return `#${room.name}`;
    return others(state, room).map((user) => user.display_name).join(', ') || `${state.me?.display_name} (you)`;
}

/** @param {Room} room @returns {boolean} whether it makes no noise */
export function isMuted(room) {
    return room.notify_level === 'nothing' || room.notify_level === 'hidden';
}

/** What calls for me: mentions, and every message of a conversation. @param {Room} room @returns {number} */
export function calls(room) {
    if (!room.joined || isMuted(room)) return 0;
    return room.kind === 'direct' ? room.unread : room.mentions;
}

/** @param {State['rooms']} rooms @param {(room: Room) => number} count @returns {number} */
export function sumOf(rooms, count) {
    return Object.values(rooms).reduce((sum, room) => sum + count(room), 0);
}

/** @param {State} state @returns {number} */
export function unreadTotal(state) {
    return sumOf(state.rooms, (room) => (room.joined && !isMuted(room) ? room.unread : 0));
}

/** @param {State} state @param {Room} room @returns {boolean} owner, moderator or above */
export function mayModerate(state, room) {
    return room.kind !== 'direct' && (room.role === 'owner' || room.role === 'moderator' || isStaff(state));
}

/** @param {State} state @returns {boolean} */
export function isStaff(state) {
    return state.me?.role === 'admin' || state.me?.role === 'moderator';
}

/** @param {State} state @returns {number} written and not confirmed */
export function waitingCount(state) {
    return state.outbox.filter((entry) => entry.state === 'waiting' || entry.state === 'sending').length;
}

/** @param {State} state @param {number} now @returns {string} "" when nobody types */
export function typingLine(state, now) {
    const names = Object.entries(state.typing[state.active] ?? {})
        .filter(([, until]) => until > now).map(([id]) => personOf(state, id).display_name);
    if (names.length === 0) return '';
    if (names.length > 2) return 'Several people are typing…';
    return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
}

/**
 * What a message says in one line, where its pictures cannot stand.
 * @param {{body: string, attachments?: Picture[] | number}} message of an answered one only their number is known
 */
export function textOf({ body, attachments = 0 }) {
    const count = attachments.length ?? attachments;
    return body.replace(/\s+/g, ' ') || (count > 1 ? `${count} images` : count ? 'Image' : '');
}

/** What the log shows, top to bottom. @param {State} state @param {string} roomId @returns {Row[]} */
export function rowsOf(state, roomId) {
    const log = logOf(state, roomId);
    const rows = [];
    let previous = null;
    let day = null;
    const startDay = (at) => {
        const date = new Date(at);
        const key = `day:${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
        if (key === day) return;
        day = key;
        previous = null;
        rows.push({ key, stamp: key, type: 'day', at });
    };
    const leads = (author, at, reply) => {
        const lead = previous === null || previous.author !== author || at - previous.at > GROUP_MS || Boolean(reply);
        previous = { author, at };
        return lead;
    };
    const deleted = new Set(log.messages.filter((message) => message.deleted_at).map((message) => message.seq));
    let dividerSeq = state.divider?.room === roomId ? state.divider.seq : null;

    for (const message of log.messages) {
        const at = Date.parse(message.at);
        startDay(at);
        if (dividerSeq !== null && message.seq > dividerSeq && message.n && message.author !== state.me?.id) {
            rows.push({ key: 'new', stamp: 'new', type: 'new' });
            dividerSeq = null;
            previous = null;
        }
        const author = personOf(state, message.author);
        const named = `${message.changed_seq}:${author.display_name}`;
        if (message.kind === 'text') {
            const lead = leads(message.author, at, message.reply);
            // My own message keeps the key it had in the outbox, so that it is confirmed in place.
            const key = message.client_id && message.author === state.me?.id ? `c:${message.client_id}` : message.id;
            // A quote must not tell what its message does not say any more.
            const gone = deleted.has(message.reply?.seq);
            const shown = gone ? { ...message, reply: { ...message.reply, deleted: true } } : message;
            rows.push({ key, stamp: `${named}:${lead}:${gone}`, type: 'message', message: shown, author, lead });
        } else {
            previous = null;
            const stamp = `${named}:${personOf(state, message.target).display_name}`;
            const crowd = rows.at(-1);
            if (crowd.type === 'event' && isAlike(crowd.messages[0], message)) {
                crowd.messages.push(message);
                crowd.stamp += `|${stamp}`;
            } else {
                rows.push({ key: message.id, stamp, type: 'event', messages: [message] });
            }
        }
    }
    if (missing(log) > 0) {
        rows.push({ key: 'gap', stamp: `gap:${missing(log)}`, type: 'gap', missing: missing(log) });
        previous = null;
    }
    for (const entry of log.hasAfter ? [] : state.outbox) {
        if (entry.room !== roomId) continue;
        startDay(entry.created_at);
        const lead = leads(entry.author, entry.created_at, entry.reply);
        const stamp = `${entry.state}:${entry.error}:${entry.progress}:${lead}`;
        rows.push({ key: `c:${entry.client_id}`, stamp, type: 'pending', entry, author: state.me, lead });
    }
    return rows;
}

/** Whether two entries can be told in one sentence. */
function isAlike({ kind, author }, other) {
    if (kind !== other.kind) return false;
    return kind === 'joined' || kind === 'left' || ((kind === 'added' || kind === 'removed') && author === other.author);
}

/** How many of a crowd are named. */
const NAMED_MAX = 3;

/** Who of a crowd is named, and how many others there are. @template T @param {T[]} crowd @returns {{shown: T[], more: number}} */
export function listed(crowd) {
    const shown = crowd.length > NAMED_MAX ? crowd.slice(0, NAMED_MAX - 1) : crowd;
    return { shown, more: crowd.length - shown.length };
}

const OFFERED_MAX = 8;

/** What may be completed before the caret: `@` people, `#` rooms, `:` emoji. @param {string} text @param {number} caret */
export function startedAt(text, caret) {
    const match = /(?:^|[\s(])([@#]|:(?=[\w+-]{2}))([\w.+-]*)$/.exec(text.slice(0, caret));
    if (!match) return null;
    const [, trigger, query] = match;
    return { start: caret - query.length - 1, trigger, query: query.toLowerCase() };
}

/** The best first. @param {State} state @param {Started} started @returns {Offer[]} */
export function offersFor(state, { trigger, query }) {
    const all = trigger === ':'
        ? state.emoji.map(({ emoji, name, words }) => ({ label: `:${name}`, hint: '', text: emoji, glyph: emoji, words }))
        : trigger === '#'
            ? joinedRooms(state).map(({ name, topic }) => ({ label: name, hint: topic, text: `#${name}`, glyph: '#', words: name }))
            : people(state).map((user) => ({
                label: user.display_name, hint: `@${user.name}`, text: `@${user.name}`, user,
                words: `${user.name} ${user.display_name}`,
            }));
    const offers = ranked(all, query, (offer) => offer.words).slice(0, OFFERED_MAX);
    // What is written out already needs no completion, and Enter should send it.
    return offers.length === 1 && offers[0].text.slice(1) === query ? [] : offers;
}

/** Those who are in the room first: they are meant most often. */
function people(state) {
    const here = new Set((state.members[state.active] ?? []).map((member) => member.user));
    const room = state.rooms[state.active];
    const reachable = otherPeople(state).filter((user) => here.has(user.id) || room?.kind === 'public');
    return reachable.sort((a, b) => here.has(b.id) - here.has(a.id));
}

/**
 * Keeps what matches, the best first: a beginning, then the beginning of a word, the initials, a middle.
 * @template T
 * @param {T[]} items @param {string} query @param {(item: T) => string | string[]} wordsOf @returns {T[]}
 */
export function ranked(items, query, wordsOf) {
    const wanted = query.trim().toLowerCase().replace(/^[#@:]/, '');
    if (wanted === '') return items;
    const best = (words) => Math.max(...[words].flat().map((text) => score(text.toLowerCase(), wanted)));
    return items.map((item) => ({ item, points: best(wordsOf(item)) }))
        .filter(({ points }) => points > 0)
        .sort((a, b) => b.points - a.points)
        .map(({ item }) => item);
}

function score(text, wanted) {
    const at = text.indexOf(wanted);
    if (at === 0) return 5;
    if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1]) ? 2 : 4;
    const initials = text.split(/[^\p{L}\p{N}]+/u).map((word) => word[0] ?? '').join('');
    return initials.includes(wanted) ? 3 : 0;
}

/** One emoji a line, with its name and other words by which it is found. @param {string} text @returns {State['emoji']} */
export function emojiIn(text) {
    return text.trim().split('\n').map((line) => line.split(' '))
        .map(([emoji, ...words]) => ({ emoji, name: words[0], words: words.join(' ') }));
}
