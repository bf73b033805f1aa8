import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { emojiIn, offersFor, ranked, startedAt } from '../../Public/js/model/selectors.js';
import { initialState } from '../../Public/js/model/state.js';

const user = (name, display) => ({ id: `u-${name}`, name, display_name: display, role: 'member', disabled: false });
const state = {
    ...initialState,
    me: user('me', 'Me'),
    people: { 1: user('ada', 'Ada Lovelace'), 2: user('alan', 'Alan Turing'), 3: user('me', 'Me') },
    rooms: { r: { id: 'r', kind: 'public', name: 'release', topic: 'Next', joined: true } },
    members: { r: [{ user: 'u-alan', role: 'member' }] },
    active: 'r',
    emoji: emojiIn(readFileSync(new URL('../../Public/emoji.txt', import.meta.url), 'utf8')),
};
const started = (text) => startedAt(text, text.length);

describe('what may be completed', () => {
    test('begins after a space or at the start', () => {
        assert.deepEqual(started('hi @al'), { start: 3, trigger: '@', query: 'al' });
        assert.deepEqual(started('@'), { start: 0, trigger: '@', query: '' });
        assert.equal(started('mail ada@al'), null);
        assert.equal(started('@al '), null);
    });

    test('an emoji needs two letters, so that 10:3 and :) stay what they are', () => {
        assert.equal(started(':t'), null);
        assert.equal(started(':)'), null);
        assert.deepEqual(started('so :th'), { start: 3, trigger: ':', query: 'th' });
    });
});

describe('offers', () => {
    test('who is in the room comes first, and nobody is offered themselves', () => {
        assert.deepEqual(offersFor(state, started('@')).map((offer) => offer.text), ['@alan', '@ada']);
    });

    test('a name is found by its beginning, a later word and its initials', () => {
        for (const query of ['ad', 'love', 'al']) assert.equal(offersFor(state, started(`@${query}`))[0].text, query === 'al' ? '@alan' : '@ada');
        assert.deepEqual(ranked(['Ada Lovelace', 'Alan Turing'], 'at', (name) => name), ['Alan Turing']);
    });

    test('a name that is written out is not offered again', () => {
        assert.deepEqual(offersFor(state, started('@alan')), []);
    });

    test('one of several wordings is enough to be found', () => {
        assert.deepEqual(ranked([['ada', 'message ada'], ['alan']], 'message a', (words) => words), [['ada', 'message ada']]);
    });

    test('rooms and emoji have offers too', () => {
        assert.equal(offersFor(state, started('#rel'))[0].text, '#release');
        assert.equal(offersFor(state, started(':tada'))[0].text, '🎉');
    });
});
