/** Line icons on a 20 px grid, drawn with the colour of the text. */
export const PATHS = {
    back: 'M12.5 4.5 7 10l5.5 5.5',
    browse: 'M4 5.5h12M4 10h12M4 14.5h7',
    plus: 'M10 4.5v11M4.5 10h11',
    people: 'M7.5 9.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM2.5 16c.3-2.8 2.2-4.5 5-4.5s4.7 1.7 5 4.500M13 9.300a2.4 2.4 0 0 0 0-4.700M14.7 11.900c1.7.6 2.7 2 2.9 4.1',
    leave: 'M8 4H5.500A1.5 1.5 0 0 0 4 5.500v9A1.5 1.5 0 0 0 5.5 16H8M8.5 10H16.500M13.5 6.8 16.7 10l-3.2 3.2',
    close: 'M5.5 5.500l9 9M14.5 5.500l-9 9',
    down: 'M10 4.500v11M5 10.700l5 4.8 5-4.8',
    clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.500V10l2.5 1.7',
    alert: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.500v4.200M10 13.400v.1',
    copy: 'M7.5 7.500h8v8h-8zM12.5 7.500v-3h-8v8h3',
    search: 'M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM13 13l3.500 3.500',
    bell: 'M5.500 13.500V9a4.500 4.500 0 0 1 9 0v4.500l1.500 1.500H4zM8.500 17.200h3',
    mute: 'M5.500 13.500V9a4.500 4.500 0 0 1 9 0v4.500l1.500 1.500H4zM3.500 3.500l13 13',
    smile: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7.200 11.500c1.200 2 4.400 2 5.600 0M7.600 8v.1M12.400 8v.1',
    reply: 'M8 5 3.500 9.500 8 14M4 9.500h7.500c3 0 5 2 5 5.500',
    edit: 'M4 16l.8-3.200L13.200 4.400l2.400 2.400-8.400 8.400z',
    more: 'M5 10v.1M10 10v.1M15 10v.1',
    lock: 'M5.500 9.500h9v7h-9zM7.500 9.500V7a2.500 2.500 0 0 1 5 0v2.500',
    gear: 'M3.500 6h8M15 6h1.500M3.500 14H5M8.500 14h8M13.200 7.800a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600zM6.800 15.800a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600z',
    archive: 'M3.500 4.500h13v3.500h-13zM5 8v8h10V8M8.500 11h3',
    up: 'M10 15.500v-11M5 9.300l5-4.800 5 4.800',
};
const SVG = 'http://www.w3.org/2000/svg';

/** @param {keyof PATHS} name @returns {SVGSVGElement} decoration: the button around it carries the label */
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
