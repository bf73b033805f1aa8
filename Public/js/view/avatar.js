import { h } from './dom.js';

/**
 * @param {User} user
 * @param {'small' | 'medium' | 'large'} [size]
 * @param {string} [presence] shown as a dot whose shape tells it too; "unknown" shows nothing
 * @returns {HTMLElement}
 */
export function avatar(user, size = 'medium', presence) {
    const element = h('span', { class: `avatar ${size}`, 'aria-hidden': 'true' }, initials(user.display_name));
    // The content security policy forbids style attributes, not the object model.
    element.style.setProperty('--hue', String(hue(user.id)));
    if (!presence || presence === 'unknown') return element;
    return h('span', { class: 'present' }, element, h('i', { class: 'presence', 'data-presence': presence }),
        presence !== 'offline' && h('span', { class: 'visually-hidden' }, ` (${presence}) `));
}

/** @param {string} name @returns {string} one or two letters */
export function initials(name) {
    const words = name.trim().split(/[\s._-]+/).filter(Boolean);
    const first = (word) => [...(word ?? '')][0] ?? '';
    return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '')).toLocaleUpperCase() || '?';
}

/** The same person has the same colour everywhere. */
function hue(id) {
    // FNV-1a: ids of the same minute differ in few places, and their colours should still be far apart.
    let hash = 0x811c9dc5;
    for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
    return ((hash >>> 8) % 24) * 15;
}
