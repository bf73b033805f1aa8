/** Line icons on a 20 px grid, drawn with the colour of the text. */
const PATHS = {
    back: 'M12.5 4.5 7 10l5.5 5.5',
    browse: 'M4 5.5h12M4 10h12M4 14.5h7',
    plus: 'M10 4.5v11M4.5 10h11',
    people: 'M7.5 9.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM2.5 16c.3-2.8 2.2-4.5 5-4.5s4.7 1.7 5 4.500M13 9.300a2.4 2.4 0 0 0 0-4.700M14.7 11.900c1.7.6 2.7 2 2.9 4.1',
    send: 'M10 15.500v-11M5 9.300l5-4.8 5 4.8',
    leave: 'M8 4H5.500A1.5 1.5 0 0 0 4 5.500v9A1.5 1.5 0 0 0 5.5 16H8M8.5 10H16.500M13.5 6.8 16.7 10l-3.2 3.2',
    close: 'M5.5 5.500l9 9M14.5 5.500l-9 9',
    down: 'M10 4.500v11M5 10.700l5 4.8 5-4.8',
    clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.500V10l2.5 1.7',
    alert: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.500v4.200M10 13.400v.1',
    copy: 'M7.5 7.500h8v8h-8zM12.5 7.500v-3h-8v8h3',
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
