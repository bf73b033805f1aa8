/**
 * Makes an element. Text is always a text node and attributes never hold markup, so data cannot become code.
 * @param {string} tag
 * @param {Object<string, any>} [properties] functions listen to the event of that name; of attributes true sets an
 *   empty one, false, null and undefined leave it out
 * @param {...any} children nodes, texts, lists of them; what is false or missing is left out
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (typeof value === 'function') element.addEventListener(name, value);
        else if (!isNothing(value)) element.setAttribute(name, value === true ? '' : value);
    }
    fill(element, ...children);
    return element;
}

const isNothing = (value) => value === false || value === null || value === undefined;

/** Replaces the children, with the rules of `h`. @param {Element} parent @param {...any} children */
export function fill(parent, ...children) {
    parent.replaceChildren(...children.flat(Infinity).filter((child) => !isNothing(child)));
}

/** @param {any} label text or nodes @param {(event: Event) => void} click @param {object} [properties] */
export function button(label, click, properties) {
    return h('button', { type: 'button', class: 'plain', click, ...properties }, label);
}

/** A button that is an icon with a name. @param {string} name @param {string} label @param {(event: Event) => void} click */
export function iconButton(name, label, click, properties = {}, ...children) {
    return button([icon(name), children], click, {
        'aria-label': label, title: label, ...properties, class: `quiet ${properties.class ?? ''}`,
    });
}

const SVG = 'http://www.w3.org/2000/svg';

/** A line icon of index.html, drawn with the colour of the text. @param {string} name @returns {SVGSVGElement} */
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    const use = document.createElementNS(SVG, 'use');
    use.setAttribute('href', `#icon-${name}`);
    // Decoration: the button around it carries the label.
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('class', 'icon');
    svg.append(use);
    return svg;
}

/** Rows to come. @param {...number} widths 40, 60 or 80 percent @returns {HTMLElement} */
export function skeleton(...widths) {
    return h('div', { class: 'skeleton', 'aria-hidden': 'true' }, widths.map((width) => h('i', { class: `bone w${width}` })));
}

/** @param {string} message @returns {HTMLElement} */
export function problem(message) {
    return h('p', { class: 'problem', role: 'alert' }, message);
}

/** @param {string} id @returns {HTMLElement} an element of the page */
export function byId(id) {
    return document.getElementById(id);
}

/** On a phone, where one thing is on the screen at a time. @returns {boolean} */
export function isNarrow() {
    return matchMedia('(width < 720px)').matches;
}

/** Whether this is a keyboard with ⌘. */
export const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * One stop for Tab, arrow keys inside: for toolbars, menus and grids of buttons.
 * @param {HTMLElement} parent @param {number} [columns] how far up and down go
 */
export function roving(parent, columns = 1) {
    const stops = () => [...parent.querySelectorAll('button:not([hidden])')];
    const stopAt = (chosen) => stops().forEach((stop) => { stop.tabIndex = stop === chosen ? 0 : -1; });
    stopAt(stops()[0]);
    parent.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
        if (!step) return;
        event.preventDefault();
        const all = stops();
        const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
        stopAt(next);
        next?.focus();
    });
}

/**
 * Makes `parent`'s children be `wanted`, moving as little as possible: what stays keeps its focus and its scrolling.
 * @param {Element} parent @param {Node[]} wanted
 */
export function arrange(parent, wanted) {
    const kept = new Set(wanted);
    for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
    let next = parent.firstChild;
    for (const node of wanted) {
        if (node === next) next = next.nextSibling;
        else parent.insertBefore(node, next);
    }
}

/** Draws again and puts the focus back on what has the same `data-key`. @param {Element} parent @param {() => void} draw */
export function keepingFocus(parent, draw) {
    const key = parent.contains(document.activeElement) && document.activeElement.dataset.key;
    draw();
    if (key) parent.querySelector(`[data-key="${key}"]`)?.focus();
}

/**
 * Draws only when what it depends on has changed.
 * @param {(state: State) => any[]} dependencies @param {(state: State) => void} draw
 */
export function whenChanged(dependencies, draw) {
    let before = null;
    return (state) => {
        const now = dependencies(state);
        if (before && now.every((value, index) => value === before[index])) return;
        before = now;
        draw(state);
    };
}

/**
 * Sends a form's fields once at a time; a refusal stands above them and marks its field.
 * @param {HTMLFormElement} form with a `.problem` @param {(fields: Record<string, string>, form: HTMLFormElement) => any} send
 */
export function sendWith(form, send) {
    const place = form.querySelector('.problem[role]');
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const submit = form.querySelector('[type="submit"]');
        const inputs = [...form.querySelectorAll('input')];
        for (const input of inputs) input.removeAttribute('aria-invalid');
        place.hidden = true;
        submit.disabled = true;
        try {
            await send(Object.fromEntries(new FormData(form)), form);
        } catch (error) {
            place.textContent = error.message;
            place.hidden = false;
            const wrong = inputs.find((input) => input.name === error.field) ?? inputs.at(-1);
            wrong?.setAttribute('aria-invalid', 'true');
            wrong?.focus();
            wrong?.select();
        } finally {
            submit.disabled = false;
        }
    });
}

/**
 * @param {User} user
 * @param {'small' | 'medium' | 'large'} [size]
 * @param {string} [presence] shown as a dot whose shape tells it too; "unknown" shows nothing
 * @returns {HTMLElement}
 */
export function avatar(user, size = 'medium', presence) {
    const element = tint(h('span', { class: `avatar ${size}`, 'aria-hidden': 'true' }, initials(user.display_name)), user.id);
    if (!presence || presence === 'unknown') return element;
    return h('span', { class: 'present' }, element, h('i', { class: 'presence', 'data-presence': presence }),
        presence !== 'offline' && h('span', { class: 'visually-hidden' }, ` (${presence}) `));
}

/** Gives something the colour of a person. @template {HTMLElement} T @param {T} element @param {string} id @returns {T} */
export function tint(element, id) {
    // The content security policy forbids style attributes, not the object model.
    element.style.setProperty('--hue', String(hue(id)));
    return element;
}

/** @param {string} name @returns {string} one or two letters */
function initials(name) {
    // Of a flower behind the name nothing is left at this size, nor is it how the person is called.
    const words = name.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
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

// "14:05" as this browser writes it; the names of days in the language of the page, in this browser's order if it has one.
const ENGLISH = navigator.languages.find((language) => language.startsWith('en-')) ?? 'en-GB';
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const SHORT = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const FULL = new Intl.DateTimeFormat(ENGLISH, { dateStyle: 'full', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(ENGLISH, { weekday: 'long', day: 'numeric', month: 'long' });
const DAY_AND_YEAR = new Intl.DateTimeFormat(ENGLISH, { day: 'numeric', month: 'long', year: 'numeric' });

/**
 * @param {number} at milliseconds since the epoch
 * @param {'clock' | 'short' | 'day'} [as] "short" leaves out AM and PM, "day" gives the day if it is not today
 */
export function timeOf(at, as = 'clock') {
    const text = as === 'day' && dayName(at) !== 'Today' ? SHORT.format(at) : CLOCK.formatToParts(at)
        .filter((part) => as !== 'short' || part.type !== 'dayPeriod').map((part) => part.value).join('').trim();
    return h('time', { datetime: new Date(at).toISOString(), title: fullTime(at) }, text);
}

/** @param {number | string} at @returns {string} */
export function fullTime(at) {
    return FULL.format(new Date(at));
}

/** @param {string} at @returns {string} "Today, 14:05" */
export function dayAndTime(at) {
    return `${dayName(at)}, ${CLOCK.format(new Date(at))}`;
}

/**
 * @param {number | string} at @param {number} [now]
 * @returns {string} "Today", "Yesterday", "Monday, 3 November" or with the year
 */
export function dayName(at, now = Date.now()) {
    const date = new Date(at);
    const today = new Date(now);
    const days = Math.round((today.setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
    if (days === 0) return 'Today';
    if (days === 1) return 'Yesterday';
    return (date.getFullYear() === today.getFullYear() ? DAY : DAY_AND_YEAR).format(date);
}
