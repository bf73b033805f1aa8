import { waitingCount } from '../model/selectors.js';
import { byId, h } from './dom.js';
import { openDialog } from './dialog.js';

function healthOf({ connection, instance }) {
    if (connection.status !== 'online') return 'offline';
    return instance?.adapter === 'none' ? 'alone' : 'online';
}

const TRANSPORTS = { websocket: 'ws', polling: 'polling' };

/** The status line, the badge, and the panel behind it. */
export class ConnectionView {
    #chat;
    #badge = byId('badge');
    #status = byId('status');
    #backTimer = null;
    #wasAway = false;
    #panel = null;

    /** @param {Chat} chat */
    constructor(chat) {
        this.#chat = chat;
        this.#badge.addEventListener('click', () => this.#openPanel());
    }

    /** @param {State} state */
    draw(state) {
        this.#drawBadge(state);
        this.#drawStatus(state);
        this.#panel?.replaceChildren(...this.#details(state));
    }

    #drawBadge(state) {
        const { connection, instance } = state;
        const health = healthOf(state);
        this.#badge.dataset.health = health;
        this.#badge.dataset.instance = health === 'offline' ? '' : instance?.id ?? '';
        this.#badge.dataset.transport = connection.transport ?? '';
        this.#badge.dataset.adapter = instance?.adapter ?? '';
        const parts = health === 'offline'
            ? [connection.status === 'connecting' ? 'connecting…' : 'offline']
            : [instance?.id ?? '…', TRANSPORTS[connection.transport] ?? '…',
                health === 'alone' ? 'adapter off' : 'adapter on',
                connection.roundTripMs === null ? '' : `${connection.roundTripMs} ms`].filter(Boolean);
        const text = parts.join(' · ');
        if (this.#badge.dataset.text === text) return;
        this.#badge.dataset.text = text;
        this.#badge.setAttribute('aria-label', `Connection: ${parts.join(', ')}. Details`);
        this.#badge.replaceChildren(h('i', { class: 'dot' }), ...parts.map((part) => h('span', {}, part)));
    }

    #drawStatus(state) {
        const { status } = state.connection;
        const waiting = waitingCount(state);
        const later = waiting === 0 ? ''
            : ` – ${waiting} ${waiting === 1 ? 'message' : 'messages'} will be sent when you are back`;
        if (status === 'online') {
            if (this.#wasAway && state.synced) this.#say('Back online', 'good', 4_000);
            else if (this.#backTimer === null) this.#say('', '');
            this.#wasAway = false;
        } else if (status === 'waiting' || (status === 'connecting' && state.connection.attempt > 0)) {
            this.#wasAway = true;
            this.#say(`Offline${later || ', trying to connect'}`, 'bad');
        } else if (status === 'connecting') {
            this.#say(`Connecting…${later}`, '');
        }
    }

    #say(text, tone, forMs = 0) {
        clearTimeout(this.#backTimer);
        this.#backTimer = null;
        if (forMs > 0) {
            this.#backTimer = setTimeout(() => {
                this.#backTimer = null;
                this.draw(this.#chat.store.state);
            }, forMs);
        }
        // Writing the same text again would be read out again.
        if (this.#status.textContent !== text) this.#status.textContent = text;
        this.#status.dataset.tone = tone;
    }

    #openPanel() {
        this.#chat.session.probe();
        this.#panel = h('div', { class: 'connection', 'data-testid': 'connection-panel' });
        this.#panel.append(...this.#details(this.#chat.store.state));
        openDialog('Connection', this.#panel, { onClose: () => { this.#panel = null; } });
    }

    #details(state) {
        const { connection, instance, active, logs } = state;
        const online = connection.status === 'online';
        const rows = [
            ['State', online ? 'Connected' : connection.status === 'connecting' ? 'Connecting' : `Offline: ${connection.reason}`],
            ['Instance', instance?.id ?? 'not known yet'],
            ['Transport', { websocket: 'WebSocket', polling: 'HTTP long-polling' }[connection.transport] ?? 'none'],
            ['Round trip', connection.roundTripMs === null ? 'not measured yet' : `${connection.roundTripMs} ms`],
            ['Adapter', instance ? (instance.adapter === 'none' ? 'off' : `on (${instance.adapter})`) : 'not known yet'],
        ];
        if (logs[active]) rows.push(['This room', `complete up to change ${logs[active].have}`]);
        return [
            h('dl', {}, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
            h('p', { class: `lesson ${instance?.adapter === 'none' ? 'off' : ''}` }, lesson(instance)),
            h('button', {
                type: 'button', disabled: !online, 'data-testid': 'another-instance',
                on: { click: () => this.#chat.session.moveToAnotherInstance() },
            }, 'Move me to another instance'),
        ];
    }
}

function lesson(instance) {
    if (instance?.adapter === 'none') {
        return `The adapter is off, so the instances do not tell each other anything: live messages reach only windows `
            + `that are also on ${instance.id}, and you see those of other instances when you reload.`;
    }
    return 'The adapter is on: every instance passes live messages to all others through Redis, '
        + 'so it does not matter which one you are on.';
}
