import { icon } from './icons.js';

/**
 * Makes an element. Text is always a text node and attributes never hold markup, so data cannot become code.
 * @param {string} tag
 * @param {Object<string, any>} [properties] `on` (listeners); others are attributes: true sets an empty one, false,
 *   null and undefined leave it out
 * @param {...any} children nodes, texts, lists of them; what is false or missing is left out
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name === 'on') {
            for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(name, value === true ? '' : String(value));
        }
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

/** A button that is an icon with a name. @param {IconName} name @param {string} label @param {(event: Event) => void} click */
export function iconButton(name, label, click, properties = {}, ...children) {
    return h('button', {
        type: 'button', 'aria-label': label, title: label, on: { click }, ...properties,
        class: `quiet ${properties.class ?? ''}`,
    }, icon(name), ...children);
}

/**
 * One stop for Tab, arrow keys inside: for toolbars, menus and grids of buttons.
 * @param {HTMLElement} parent @param {{columns?: number}} [options] how far up and down go
 */
export function roving(parent, { columns = 1 } = {}) {
    const stops = () => [...parent.querySelectorAll('button:not([hidden])')];
    stops().forEach((stop, index) => { stop.tabIndex = index === 0 ? 0 : -1; });
    parent.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
        if (!step) return;
        event.preventDefault();
        const all = stops();
        const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
        for (const stop of all) stop.tabIndex = stop === next ? 0 : -1;
        next?.focus();
    });
}

/** @param {string} id @returns {HTMLElement} an element of index.html */
export function byId(id) {
    return document.getElementById(id);
}

/**
 * Makes `parent`'s children be `wanted`, moving as little as possible: what stays keeps its focus and its scrolling.
 * @param {Element} parent @param {Node[]} wanted
 */
export function arrange(parent, wanted) {
    const keep = new Set(wanted);
    for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
    let next = parent.firstChild;
    for (const node of wanted) {
        if (node === next) next = next.nextSibling;
        else parent.insertBefore(node, next);
    }
}

/** Draws only when what it depends on has changed. @param {(state: State) => any[]} dependencies @param {(state: State) => void} draw */
export function whenChanged(dependencies, draw) {
    let before = null;
    return (state) => {
        const now = dependencies(state);
        if (before && now.every((value, index) => value === before[index])) return;
        before = now;
        draw(state);
    };
}
