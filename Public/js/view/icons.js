/** Line icons on a 20 px grid, drawn with the colour of the text. */
export const PATHS = {
    back: 'M12.5 4.5 7 10l5.5 5.5',
    browse: 'M4 5.5h12M4 10h12M4 14.5h7',
    plus: 'M10 4.5v11M4.5 10h11',
    people: 'M7.5 9.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM2.5 16c.3-2.8 2.2-4.5 5-4.5s4.7 1.7 5 4.5M13 9.3a2.4 2.4 0 0 0 0-4.7M14.7 11.9c1.7.6 2.7 2 2.9 4.1',
    leave: 'M8 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16H8M8.5 10H16.5M13.5 6.8 16.7 10l-3.2 3.2',
    close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
    down: 'M10 4.5v11M5 10.7l5 4.8 5-4.8',
    clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.5V10l2.5 1.7',
    alert: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.5v4.2M10 13.4v.1',
    copy: 'M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3',
    search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l3.5 3.5',
    bell: 'M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.5 1.5H4zM8.5 17.2h3',
    mute: 'M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.5 1.5H4zM3.5 3.5l13 13',
    smile: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7.2 11.5c1.2 2 4.4 2 5.6 0M7.6 8v.1M12.4 8v.1',
    reply: 'M8 5 3.5 9.5 8 14M4 9.5h7.5c3 0 5 2 5 5.5',
    edit: 'M4 16l.8-3.2L13.2 4.4l2.4 2.4-8.4 8.4z',
    more: 'M4.5 10h.5M9.75 10h.5M15 10h.5M4.5 10.5h.5M9.75 10.5h.5M15 10.5h.5',
    lock: 'M5.5 9.5h9v7h-9zM7.5 9.5V7a2.5 2.5 0 0 1 5 0v2.5',
    gear: 'M3.5 6h8M15 6h1.5M3.5 14H5M8.5 14h8M13.2 7.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM6.8 15.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
    archive: 'M3.5 4.5h13v3.5h-13zM5 8v8h10V8M8.5 11h3',
    up: 'M10 15.5v-11M5 9.3l5-4.8 5 4.8',
};
const SVG = 'http://www.w3.org/2000/svg';

/** @param {IconName} name @returns {SVGSVGElement} decoration: the button around it carries the label */
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 20 20');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', PATHS[name]);
    svg.append(path);
    return svg;
}
