/** Small things this browser remembers per person. Storage that is full or forbidden is no error. */

/** @param {string} me @param {string} room @returns {string} */
export function draftOf(me, room) {
    return read(`draft:${me}:${room}`) ?? '';
}

/** @param {string} me @param {string} room @param {string} text '' forgets it */
export function keepDraft(me, room, text) {
    write(`draft:${me}:${room}`, text);
}

/** @param {string} me @returns {string | null} the room that was open last */
export function lastRoom(me) {
    return read(`room:${me}`);
}

/** @param {string} me @param {string} room */
export function keepLastRoom(me, room) {
    write(`room:${me}`, room);
}

/** @param {'theme' | 'enter' | 'bell'} name @returns {string | null} a choice of this browser */
export function setting(name) {
    return read(`setting:${name}`);
}

/** @param {'theme' | 'enter' | 'bell'} name @param {string} value '' for the default */
export function keepSetting(name, value) {
    write(`setting:${name}`, value);
}

function read(key) {
    try {
        return localStorage.getItem(`chat:${key}`);
    } catch {
        return null;
    }
}

function write(key, text) {
    try {
        if (text === '') localStorage.removeItem(`chat:${key}`);
        else localStorage.setItem(`chat:${key}`, text);
    } catch {
        // The text is still in the field.
    }
}
