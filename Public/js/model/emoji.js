/**
 * The emoji of the picker and of `:name` completion: each with the words by which it is found, the first being its name.
 * A static set, chosen for talk among colleagues; anything else can be typed or pasted.
 */
const SET = `
👍 thumbsup yes ok +1|👎 thumbsdown no -1|❤️ heart love|😂 joy laugh lol|😄 smile happy|🎉 tada party congratulations
😮 wow surprised|😢 cry sad|🙏 thanks please|🔥 fire hot|👀 eyes look|✅ check done
🚀 rocket ship|💯 hundred perfect|👏 clap applause|🙌 hooray praise|💪 strong muscle|🤝 deal handshake
👋 wave hello bye|🤔 thinking hmm|😅 sweat phew|😉 wink|😊 blush|😍 adore
😎 cool sunglasses|🤩 star struck|🥳 partying birthday|😴 sleep tired|😬 grimace awkward|🙄 eyeroll
😱 scream shock|😡 angry|🤯 mindblown|🤷 shrug|🤦 facepalm|🙈 monkey oops
😇 innocent angel|🥲 tear|😭 sob|🤗 hug|🫡 salute|🤞 luck fingers
👌 perfect fine|✌️ peace|☝️ point up|👆 above|👇 below|👉 right
💡 idea bulb|📌 pin|📎 attach clip|📝 memo note|📅 calendar date|⏰ alarm time
⏳ wait hourglass|🔒 lock|🔑 key|🐛 bug|🔧 wrench fix|⚙️ gear settings
📈 chart up|📉 chart down|📦 package|🗑️ trash|🔍 search|🔗 link
⚠️ warning|🚨 alert siren|❌ cross wrong|❓ question|❗ exclamation|➕ plus
⭐ star|✨ sparkles|⚡ zap fast|🌈 rainbow|☀️ sun|🌧️ rain
🍰 cake|🎂 birthday cake|☕ coffee|🍕 pizza|🍺 beer|🍻 cheers
🏆 trophy win|🥇 first gold|🎯 target|🎁 gift|🎈 balloon|🌱 seedling
🐱 cat|🐶 dog|🦄 unicorn|🐢 turtle slow|🦆 duck|🤖 robot`;

/** @type {{emoji: string, name: string, words: string}[]} */
export const EMOJI = SET.trim().split(/[|\n]/).map((entry) => {
    const [emoji, ...words] = entry.split(' ');
    return { emoji, name: words[0], words: words.join(' ') };
});

/** What the toolbar offers without opening the picker. */
export const QUICK = ['👍', '❤️', '😂', '🎉'];
