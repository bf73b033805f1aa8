/**
 * Exponential with jitter, so that a restarted fleet is not met by all browsers in the same second.
 * @param {number} attempt 0 for the first retry
 * @param {{firstMs?: number, limitMs?: number, random?: () => number}} [options]
 * @returns {number} milliseconds, between half of and the whole exponential step
 */
export function backoff(attempt, { firstMs = 500, limitMs = 30_000, random = Math.random } = {}) {
    const step = Math.min(limitMs, firstMs * 2 ** attempt);
    return Math.round(step / 2 + random() * step / 2);
}
