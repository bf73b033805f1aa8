/** A refusal by the API (RFC 9457), or `offline` when there was no answer. */
export class ApiError extends Error {
    /** @param {{status: number, code: string, message: string, field?: string, retryMs?: number}} problem */
    constructor({ status, code, message, field, retryMs }) {
        super(message);
        this.name = 'ApiError';
        Object.assign(this, { status, code, field, retryMs });
    }
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
        throw new ApiError({ status: 0, code: 'offline', message: 'The server cannot be reached.' });
    }
    const answer = response.status === 204 ? {} : await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    throw new ApiError({
        status: response.status,
        code: answer?.code ?? 'internal',
        message: answer?.detail ?? answer?.title ?? 'The server had a problem.',
        field: answer?.field,
        retryMs: answer?.retry_ms,
    });
}
