/** How the tabs of this browser find each other; at worst this tab is alone. */

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('chat') : null;

/** Tells the other tabs. @param {{type: string}} news plain data */
export function tell(news) {
    channel?.postMessage(news);
}

/** @param {(news: {type: string}) => void} listener called for news of other tabs, never for one's own */
export function listen(listener) {
    channel?.addEventListener('message', (event) => listener(event.data));
}

/**
 * Calls back once this tab does a job for all of them, until it closes. Web Locks exist in secure contexts only;
 * elsewhere every tab does the job, which `client_id` makes harmless.
 * @param {string} job @param {() => void} onChosen
 */
export function becomeLeader(job, onChosen) {
    if (!navigator.locks) return void onChosen();
    navigator.locks.request(`chat:${job}`, () => {
        onChosen();
        return new Promise(() => {});
    });
}
