const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const FULL = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'medium' });
const SHORT = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const DAY = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });
const DAY_AND_YEAR = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' });

/** @param {number} at milliseconds since the epoch @returns {string} "14:05" */
export function clock(at) {
    return CLOCK.format(at);
}

/** @param {number} at @returns {string} the same without AM and PM, where there is little room */
export function shortClock(at) {
    return CLOCK.formatToParts(at).filter((part) => part.type !== 'dayPeriod').map((part) => part.value).join('').trim();
}

/** @param {number} at @returns {string} "14:05" today, else the day */
export function shortDate(at) {
    return dayName(at) === 'Today' ? clock(at) : SHORT.format(at);
}

/** @param {number} at @returns {string} */
export function fullTime(at) {
    return FULL.format(at);
}

/** @param {number} at @param {number} [now] @returns {string} "Today", "Yesterday", "Monday, 3 November" or with the year */
export function dayName(at, now = Date.now()) {
    const date = new Date(at);
    const today = new Date(now);
    const days = Math.round((midnight(today) - midnight(date)) / 86_400_000);
    if (days === 0) return 'Today';
    if (days === 1) return 'Yesterday';
    return (date.getFullYear() === today.getFullYear() ? DAY : DAY_AND_YEAR).format(date);
}

function midnight(date) {
    return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
