import { reduce } from './reducer.js';
import { initialState } from './state.js';

/**
 * The one place that holds state. Subscribers hear once per frame and read the latest state: a burst of messages costs
 * one rendering.
 */
export class Store {
    #state = initialState;
    #subscribers = new Set();
    #schedule;
    #scheduled = false;

    /** @param {{schedule?: (run: () => void) => void}} [options] */
    constructor({ schedule = queueMicrotask } = {}) {
        this.#schedule = schedule;
    }

    /** @returns {State} */
    get state() {
        return this.#state;
    }

    /** @param {Action} action */
    dispatch(action) {
        const next = reduce(this.#state, action);
        if (next === this.#state) return;
        this.#state = next;
        if (this.#scheduled) return;
        this.#scheduled = true;
        this.#schedule(() => {
            this.#scheduled = false;
            for (const subscriber of this.#subscribers) subscriber(this.#state);
        });
    }

    /** @param {(state: State) => void} subscriber */
    subscribe(subscriber) {
        this.#subscribers.add(subscriber);
    }
}
