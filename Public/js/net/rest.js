/** A refusal by the API (RFC 9457), or `offline` when there was no answer. */
export class ApiError extends Error {
    /** @param {{status: number, code: string, message: string, field?: string, retryMs?: number, retryable: boolean}} problem */
    constructor({ message, ...problem }) {
        super(message);
        this.name = 'ApiError';
        Object.assign(this, problem);
    }
}

/** @param {number} status 0 when there was no answer @param {any} answer its JSON @returns {ApiError} */
export function problemOf(status, answer) {
    return new ApiError({
        status,
        code: answer?.code ?? (status ? 'internal' : 'offline'),
        message: answer?.detail ?? answer?.title
            ?? (status ? 'The server had a problem.' : 'The server cannot be reached.'),
        field: answer?.field,
        retryMs: answer?.retry_ms,
        retryable: !status || status === 429 || status >= 500,
    });
}

/**
 * @param {string} method @param {string} path below `/api/v1` @param {object} [body]
 * @returns {Promise<any>} the answer's JSON
 * @throws {ApiError}
 */
export async function call(method, path, body) {
    let response;
    try {
        response = await fetch(`/api/v1${path}`, {
            method,
            headers: body === undefined ? {} : { 'content-type': 'application/json' },
            body: body === undefined ? undefined : JSON.stringify(body),
            cache: 'no-store',
        });
    } catch {
        throw problemOf(0);
    }
    const answer = response.status === 204 ? {} : await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    throw problemOf(response.status, answer);
}
