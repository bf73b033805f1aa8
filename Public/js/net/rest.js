/** The few calls that happen outside the socket: they set or clear the session cookie, or need no session. */

/** A refusal by the API (RFC 9457), or `offline` when there was no answer. */
export class ApiError extends Error {
    /** @param {{status: number, code: string, message: string, field?: string, retryMs?: number}} problem */
    constructor({ status, code, message, field, retryMs }) {
        super(message);
        this.name = 'ApiError';
        Object.assign(this, { status, code, field, retryMs });
    }
}

/** @returns {Promise<import('../model/types.js').User | null>} null when nobody is logged in */
export async function whoAmI() {
    try {
        return (await call('GET', '/me')).me;
    } catch (error) {
        if (error.status === 401) return null;
        throw error;
    }
}

/** @returns {Promise<boolean>} whether the first admin is still to be made */
export async function needsSetup() {
    return (await call('GET', '/setup')).needed;
}

/** @returns {Promise<import('../model/types.js').User>} */
export async function setUp(token, name, password) {
    return (await call('POST', '/setup', { token, name, password })).me;
}

/** @returns {Promise<import('../model/types.js').User>} */
export async function logIn(name, password) {
    return (await call('POST', '/sessions', { name, password })).me;
}

/** @returns {Promise<void>} */
export async function logOut() {
    await call('DELETE', '/sessions/current');
}

async function call(method, path, body) {
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
