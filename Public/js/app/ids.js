/** @returns {string} a random id of 128 bits; `crypto.randomUUID` is missing on plain http */
export function randomId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
