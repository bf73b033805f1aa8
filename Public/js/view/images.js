import { addressOf } from '../net/uploads.js';
import { openDialog } from './dialog.js';
import { button, fill, h, icon, iconButton } from './dom.js';

/** How large a picture is in a message at most, and at least, in CSS pixels. */
const WIDTH_MAX = 400;
const HEIGHT_MAX = 320;
const SIDE_MIN = 40;

/** @param {Picture[]} pictures @returns {string} changes when they have to be drawn anew */
export function stampOf(pictures) {
    return pictures?.map(addressOf).join();
}

/**
 * The pictures of a message. Each has its place before it is loaded, so that nothing moves.
 * @param {Picture[]} pictures @param {string} [id] of the element @returns {HTMLElement}
 */
export function gallery(pictures, id) {
    return h('div', { class: 'images', id }, pictures.map((picture) => {
        const { name, width, height } = picture;
        const frame = button('', () => (frame.querySelector('img') ? show(picture) : load()), {
            class: 'image', 'aria-label': `Image ${name}`, title: name, 'data-testid': 'image',
        });
        const load = () => fill(frame, h('img', {
            src: addressOf(picture), alt: name, loading: 'lazy', decoding: 'async', draggable: 'false',
            // A click on it tries again.
            error: () => fill(frame, icon('image'), h('span', {}, `${name} cannot be loaded`)),
        }));
        const factor = Math.min(1, WIDTH_MAX / width, HEIGHT_MAX / height);
        const [across, down] = [width, height].map((side) => Math.max(SIDE_MIN, side * factor));
        frame.style.inlineSize = `${across}px`;
        frame.style.aspectRatio = `${across} / ${down}`;
        load();
        return frame;
    }));
}

/** As large as the window. */
function show(picture) {
    const address = addressOf(picture);
    openDialog(picture.name, h('div', {}, h('img', {
        src: address, alt: picture.name, width: picture.width, height: picture.height, 'data-testid': 'large-image',
    }), h('a', { href: address, download: picture.name }, 'Download')), { class: 'viewer' });
}

/** What is chosen for the next message. @param {HTMLElement} place @param {Picture[]} pictures @param {(key: string) => void} remove */
export function drawTray(place, pictures, remove) {
    place.hidden = pictures.length === 0;
    fill(place, pictures.map((picture, index) => h('li', {}, h('img', { src: addressOf(picture), alt: picture.name }),
        iconButton('close', `Remove ${picture.name}`, () => {
            remove(picture.key);
            const left = place.querySelectorAll('button');
            (left[Math.min(index, left.length - 1)] ?? place.parentElement.querySelector('textarea')).focus();
        }))));
}

/**
 * Takes files that are dropped anywhere on the page, or pasted into a field.
 * @param {HTMLElement} target shows that they can be dropped @param {HTMLElement} field
 * @param {(files: File[]) => void} take @param {() => boolean} isOpen
 */
export function takeFiles(target, field, take, isOpen) {
    const mark = (event, on) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        // Else the browser would leave the page for the file.
        event.preventDefault();
        target.toggleAttribute('data-drop', on && isOpen());
    };
    document.addEventListener('dragover', (event) => mark(event, true));
    document.addEventListener('dragleave', (event) => event.relatedTarget ?? mark(event, false));
    document.addEventListener('drop', (event) => {
        mark(event, false);
        const { files } = event.dataTransfer;
        if (files.length && isOpen()) take([...files]);
    });
    field.addEventListener('paste', (event) => {
        const { files } = event.clipboardData;
        // Office programs add a picture of the text that is meant.
        if (!files.length || event.clipboardData.getData('text/plain')) return;
        event.preventDefault();
        take([...files]);
    });
}
