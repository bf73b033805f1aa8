/** Makes a cast in node for whoever writes calls to it, one a line: [method, ...arguments]; each is answered with a line. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runInThisContext } from 'node:vm';
import { loadStockClient } from './stock-client.mjs';

const makeCast = runInThisContext(`${readFileSync(new URL('cast.js', import.meta.url), 'utf8')}; makeCast`);
const cast = makeCast(loadStockClient(process.env.STOCK_CLIENT), process.env.SERVER_URL);

for await (const line of createInterface({ input: process.stdin })) {
    const [method, ...given] = JSON.parse(line);
    const answer = await Promise.resolve(cast[method](...given)).then((value) => ({ value }), (error) => ({ error: error.message }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
cast.leave();
