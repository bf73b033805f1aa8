/** A static set for talk among colleagues, each with its name and other words by which it is found. */
const SET = `
👍 thumbsup yes|👎 thumbsdown no|❤️ heart love|😂 joy laugh|😄 smile happy|🎉 tada party|😮 wow surprised|😢 cry sad
🙏 thanks please|🔥 fire hot|👀 eyes look|✅ check done|🚀 rocket ship|💯 hundred perfect|👏 clap applause|🙌 hooray praise
💪 strong muscle|🤝 deal handshake|👋 wave hello|🤔 thinking hmm|😅 sweat phew|😊 blush|😍 adore|😎 cool sunglasses
🥳 partying birthday|😴 sleep tired|😬 grimace awkward|😱 scream shock|😡 angry|🤯 mindblown|🤷 shrug|🤦 facepalm
🙈 monkey oops|😇 innocent angel|😭 sob|🤗 hug|🤞 luck fingers|👌 perfect fine|✌️ peace|👉 right
💡 idea bulb|📌 pin|📝 memo note|📅 calendar date|⏰ alarm time|⏳ wait hourglass|🔒 lock|🔑 key
🐛 bug|🔧 wrench fix|⚙️ gear settings|📈 chart up|📉 chart down|📦 package|🔍 search|🔗 link
⚠️ warning|🚨 alert siren|❌ cross wrong|❓ question|⭐ star|✨ sparkles|⚡ zap fast|🌈 rainbow
☀️ sun|🍰 cake|🎂 birthday cake|☕ coffee|🍕 pizza|🍺 beer|🍻 cheers|🏆 trophy win
🎯 target|🎁 gift|🌱 seedling|🦄 unicorn|🦆 duck|🤖 robot`;

/** @type {{emoji: string, name: string, words: string}[]} */
export const EMOJI = SET.trim().split(/[|\n]/).map((entry) => {
    const [emoji, ...words] = entry.split(' ');
    return { emoji, name: words[0], words: words.join(' ') };
});

/** What the toolbar offers without opening the picker. */
export const QUICK = ['👍', '❤️', '😂', '🎉'];
