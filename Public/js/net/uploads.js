import { problemOf } from './rest.js';

/** What is taken: pictures that every browser shows and that are no documents. */
const KINDS = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
/** Screens show no more, and a camera makes several times that; the smaller ones are for what is still too heavy. */
const SIDES = [2560, 1600, 1000, 600];

/**
 * Makes of a file what may be sent. What is too large is drawn anew, smaller; so is a photo with the notes of its camera,
 * to leave out where it was taken.
 * @param {File} file @param {number} bytesMax
 * @returns {Promise<{name: string, blob: Blob, width: number, height: number}>}
 * @throws {Error} with a sentence about the file
 */
export async function prepare(file, bytesMax) {
    const { name, type, size } = file;
    if (!KINDS.includes(type)) throw new Error(`${name} is not a PNG, JPEG, GIF or WebP image.`);
    const bitmap = await createImageBitmap(file).catch(() => {
        throw new Error(`${name} cannot be read as an image.`);
    });
    const fits = size <= bytesMax;
    // Drawn anew, a GIF would stand still.
    if (fits && (type === 'image/gif' || (scale(bitmap, SIDES[0]) === 1 && !await hasNotes(file)))) {
        return { name, blob: file, width: bitmap.width, height: bitmap.height };
    }
    for (const side of type === 'image/gif' ? [] : SIDES) {
        const drawn = await draw(bitmap, scale(bitmap, side), type);
        if (drawn.blob.size <= bytesMax) return { name, ...drawn };
    }
    throw new Error(`${name} is larger than ${(bytesMax / 1e6).toFixed(1)} MB.`);
}

/** @param {{width: number, height: number}} size @param {number} side the longest there may be @returns {number} at most 1 */
export function scale({ width, height }, side) {
    return Math.min(1, side / Math.max(width, height));
}

async function hasNotes(file) {
    return /Exif|EXIF|eXIf/.test(new TextDecoder('latin1').decode(await file.arrayBuffer()));
}

async function draw(bitmap, factor, type) {
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * factor)));
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d').drawImage(bitmap, 0, 0, width, height);
    // WebP keeps what is transparent; a browser that cannot write it makes a PNG.
    const blob = await canvas.convertToBlob({ type: type === 'image/jpeg' ? type : 'image/webp', quality: 0.88 });
    return { blob, width, height };
}

/** Pictures that are here already, by the key of the draft and by the id of the server. */
const own = new Map();

/** Where the bytes are: what was chosen here is never loaded. @param {Picture} picture @returns {string} */
export function addressOf({ id, key, blob }) {
    const known = own.get(id) ?? own.get(key) ?? (blob && URL.createObjectURL(blob));
    for (const name of known ? [id, key] : []) if (name) own.set(name, known);
    return known ?? `/api/v1/attachments/${id}`;
}

/**
 * Brings an image to a room, where it waits for its message. The same key gives the same image.
 * @param {string} room @param {Picture} picture @param {(part: number) => void} onProgress from 0 to 1
 * @returns {Promise<string>} the server's id of it
 * @throws {ApiError}
 */
export function upload(room, { key, name, blob }, onProgress) {
    return new Promise((resolve, reject) => {
        // `fetch` does not tell how far it has come.
        const request = new XMLHttpRequest();
        request.open('POST', `/api/v1/rooms/${room}/attachments?name=${encodeURIComponent(name)}`);
        request.setRequestHeader('idempotency-key', key);
        request.responseType = 'json';
        request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
        request.onloadend = () => {
            const { status, response } = request;
            if (!response?.attachment) return void reject(problemOf(status, response));
            const { id } = response.attachment;
            // Before the message comes back, so that it is shown from here.
            addressOf({ id, key, blob });
            return void resolve(id);
        };
        request.send(blob);
    });
}
