import { EMOJI } from './emoji.js';
import { joinedRooms, otherPeople } from './selectors.js';

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
        ? EMOJI.map(({ emoji, name, words }) => ({ label: `:${name}`, hint: '', text: emoji, glyph: emoji, words }))
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
 * @param {T[]} items @param {string} query @param {(item: T) => string} wordsOf @returns {T[]}
 */
export function ranked(items, query, wordsOf) {
    const wanted = query.trim().toLowerCase().replace(/^[#@:]/, '');
    if (wanted === '') return items;
    return items.map((item) => ({ item, points: score(wordsOf(item).toLowerCase(), wanted) }))
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
